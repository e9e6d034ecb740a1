"""What one receipt has in common: its country, its paper, its habits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from .countries import COUNTRIES, Country
from .roll import Cell, Roll
from .sheet import Piece, Sheet, Style
from .till_words import printed

_WEIGHTS: Final = {
    "us": 16, "gb": 13, "ie": 4, "au": 6, "de": 10, "at": 4, "ch": 4, "fr": 7, "it": 6, "es": 6, "nl": 3,
    "my": 9, "sg": 5, "id": 9,
}  # fmt: skip


@dataclass(frozen=True)
class Till:
    """What the parts of a receipt share.

    Attributes:
        rng: Where chance comes from.
        roll: The paper.
        country: Whose conventions hold.
        language: Of the print.
        restaurant: Rather than a shop.
        body: Style of most rows.
        loud: Style of the total and of headings.
        align: Of head and foot.
        sign: How prices are marked; `#` stands for the number.
        total_sign: How totals are marked.
        suffix: What follows a key, such as ":".
        key_at: Where the keys of sums start, or end where negative; see `Cell`.
        shouting: All in capitals.
        dashed: Lines across are dashed.
    """

    rng: Random
    roll: Roll
    country: Country
    language: str
    restaurant: bool
    body: Style
    loud: Style
    align: Literal["left", "center"]
    sign: str
    total_sign: str
    suffix: str
    key_at: float
    shouting: bool
    dashed: bool

    def cased(self, text: str) -> str:
        """The text as this till prints it."""
        return text.upper() if self.shouting else text

    def word(self, name: str) -> str:
        """A wording of the receipt's language; see `till_words`."""
        return self.cased(printed(self.rng, self.language, name))

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return self.rng.random() < share

    def money(self, value: float, sign: str | None = None) -> str:
        """An amount as it is printed; a minus sign comes first."""
        text = (self.sign if sign is None else sign).replace("#", self.country.number(abs(value)))
        return f"-{text}" if value < 0 else text

    def rounded(self, value: float) -> float:
        """To the currency's smallest part that prices have."""
        return float(round(value / 500) * 500) if self.country.scale > 100 else round(value, 2)

    def separate(self) -> None:
        """A line across, a line of characters, or a space."""
        kind = self.rng.random()
        if kind < 0.55:
            self.roll.rule(dashed=self.dashed)
        elif kind < 0.7:
            self.roll.cells([Cell(0, self.rng.choice("-=*_") * self.rng.randint(18, 26))])
        else:
            self.roll.gap(self.body.size * self.rng.uniform(0.3, 1.2))

    def pair(self, key: str, text: str, label: str, style: Style | None = None) -> list[Piece]:
        """A key with its amount at the right: apart, as one text, or on two rows."""
        kind = self.rng.random()
        key = f"{key}{self.suffix}"
        if kind < 0.07:
            return self.roll.lines([f"{key} {text}"], "left", label, style)
        if kind < 0.11:
            self.roll.cells([Cell(0, key, label)], style)
            return self.roll.cells([Cell(-1, text, label)], style)
        return self.roll.cells([Cell(self.key_at, key, label), Cell(-1, text, label)], style)

    def other(self, texts: Sequence[str], style: Style | None = None) -> None:
        """Rows that belong to nothing."""
        for text in texts:
            self.roll.lines([self.cased(text)], self.align, style=style or self.body)


def random_till(rng: Random) -> Till:
    """Draws the habits of a receipt on an empty roll."""
    country = COUNTRIES[rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]]
    family = rng.choice(("mono", "mono", "sans", "sans", "serif"))
    bold = rng.choice(("", "", "-bold"))
    size = rng.uniform(7.5, 11.5)
    body = Style(family + bold, size, rng.choice((0, 0, 50, 90)))
    # Of characters on a row: tills print 24 to 48.
    advance = 0.6 if family == "mono" else 0.53
    margin = rng.uniform(6, 26)
    sheet = Sheet(size * advance * rng.uniform(27, 46) + 2 * margin, 100)
    roll = Roll(sheet, body, margin, rng.uniform(8, 40), rng.uniform(1.12, 1.75))
    sign = rng.choice(country.signs)
    key_at = rng.choice((0.0, 0.0, 0.0, 0.09, rng.uniform(0.1, 0.4), -0.7))
    return Till(
        rng=rng,
        roll=roll,
        country=country,
        language=country.languages[0] if rng.random() < 0.7 else country.languages[-1],
        restaurant=rng.random() < 0.55,
        body=body,
        loud=Style(f"{family}-bold", size * rng.choice((1.0, 1.1, 1.25, 1.45)), body.ink),
        align="center" if rng.random() < 0.75 else "left",
        sign=sign if rng.random() < 0.4 else "#",
        total_sign=rng.choice(country.signs[1:]) if rng.random() < 0.5 else sign,
        suffix=rng.choices(("", ":", " :", "..."), (60, 25, 8, 4))[0],
        key_at=key_at,
        shouting=rng.random() < 0.25,
        dashed=rng.random() < 0.7,
    )
