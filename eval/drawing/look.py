"""How one document looks: typefaces, sizes, margins and habits that all its parts share."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .sheet import Style


@dataclass(frozen=True)
class Look:
    """The habits of one document.

    Attributes:
        language: "en", "de" or "fr".
        key: Style of printed keys.
        value: Style of what is filled in.
        title: Style of the title.
        section: Style of section headings.
        body: Style of everything else.
        suffix: What stands after a key, such as ":".
        shouting: Keys are in capitals.
        left: Left margin, in points.
        right: Where the right margin starts.
        pitch: From row to row, in points.
        ruled: Values stand on a line.
        empty: Share of keys without an answer.
    """

    language: str
    key: Style
    value: Style
    title: Style
    section: Style
    body: Style
    suffix: str
    shouting: bool
    left: float
    right: float
    pitch: float
    ruled: bool
    empty: float

    def printed(self, key: str) -> str:
        """The key as it stands on the page."""
        return (key.upper() if self.shouting else key) + self.suffix


def random_look(rng: Random, page_width: float) -> Look:
    """Draws the habits of a document."""
    family = rng.choice(("sans", "sans", "serif", "mono"))
    filled = rng.choice((family, family, "mono", "sans", "serif"))
    key_face = family + rng.choice(("", "", "-bold"))
    value_face = filled + ("-bold" if rng.random() < 0.2 else "")
    if filled != "mono" and rng.random() < 0.12:
        value_face = f"{filled}-italic"
    size = rng.uniform(7.5, 12)
    margin = rng.uniform(28, 80)
    return Look(
        language=rng.choices(("en", "de", "fr"), (0.82, 0.1, 0.08))[0],
        key=Style(key_face, size),
        value=Style(value_face, size * rng.uniform(0.92, 1.25), rng.choice((0, 0, 60))),
        title=Style(f"{family}-bold", size * rng.uniform(1.15, 2.0)),
        section=Style(f"{family}{rng.choice(('-bold', '-bold', ''))}", size * rng.uniform(1, 1.3)),
        body=Style(family, size * rng.uniform(0.8, 1.05)),
        suffix=rng.choices((":", "", " :", ".", "-", "?"), (55, 33, 6, 3, 2, 1))[0],
        shouting=rng.random() < 0.22,
        left=margin,
        right=page_width - margin * rng.uniform(0.6, 1.2),
        pitch=size * rng.uniform(1.55, 2.7),
        ruled=rng.random() < 0.4,
        empty=rng.choice((0.0, 0.05, 0.15, 0.3, 0.6)),
    )
