"""Forms of many layouts, drawn from a seed."""

from __future__ import annotations

from random import Random
from typing import Final

from . import blocks, cells, keys, phrases, values
from .look import Look, random_look
from .sheet import Drawing, Sheet

PAGE_SIZES: Final = ((595.0, 842.0), (612.0, 792.0), (612.0, 1008.0), (420.0, 595.0))
"""A4, Letter, Legal and A5, in points."""

_BLOCKS: Final[tuple[tuple[blocks.Block, float], ...]] = (
    (blocks.rows, 6),
    (blocks.grid, 2),
    (cells.cells, 3.5),
    (blocks.table, 2.5),
    (blocks.checklist, 1.5),
    (blocks.free_text, 2),
    (blocks.paragraph, 4),
)


def seeded(seed: int | str) -> Random:
    """A source of chance that gives the same numbers for the same seed, on every machine."""
    return Random(f"drawing/{seed}")  # noqa: S311 (not for cryptography)


def draw_form(seed: int | str, document_id: str | None = None) -> Drawing:
    """Lays out one filled-in form.

    Args:
        seed: Equal seeds give equal forms.
        document_id: Its name; `form-<seed>` where None.

    Returns:
        One page in pixels, at 75 to 200 dots an inch, with labels, links and pairs.
    """
    rng = seeded(f"form/{seed}")
    width, height = rng.choices(PAGE_SIZES, (4, 4, 1, 1))[0]
    sheet = Sheet(width, height)
    look = random_look(rng, width)
    y = _head(sheet, rng, look)
    if look.language == "en" and rng.random() < 0.15:
        y = _memo(sheet, rng, look, y) + look.pitch
    functions, weights = zip(*_BLOCKS, strict=True)
    limit = height * rng.uniform(0.45, 0.9)
    while y < limit:
        if rng.random() < 0.5:
            y = blocks.section(sheet, rng, look, y)
        y = rng.choices(functions, weights)[0](sheet, rng, look, y)
        y += look.pitch * rng.uniform(0.3, 1.4)
    if rng.random() < 0.45:
        y = blocks.signatures(sheet, rng, look, y)
    foot = max(y + 14, height - 30)
    for x in (look.left, look.right - 90):
        if rng.random() < 0.35:
            sheet.text(phrases.margin_note(rng), x, foot, look.body)
    sheet.height = max(height, foot + 24)
    return sheet.finish(document_id or f"form-{seed}", scale=rng.uniform(75, 200) / 72)


def letterhead(sheet: Sheet, rng: Random, look: Look, top: float, left: float) -> float:
    """Who it is from: a logo, a name and an address, none of them a key; returns where it ends."""
    size = rng.uniform(20, 42)
    if rng.random() < 0.5:
        draw = rng.choice((sheet.ellipse, sheet.fill, sheet.frame))
        draw(left, top, left + size, top + size, ink=rng.choice((0, 60, 140)))
        left += size + 10
    lines = [values.company(rng, look.language)]
    name = sheet.text(lines[0], left, top, look.title)
    details = values.value(rng, "address", look.language)[: rng.randint(0, 3)]
    kinds = rng.sample(("phone", "url", "email"), rng.choice((0, 1, 1, 2)))
    contact = [values.value(rng, kind, look.language)[0] for kind in kinds]
    if contact:
        details.append(rng.choice(("   ", " - ", ", ", " / ")).join(contact))
    if not details:
        return max(name.bottom, top + size)
    lines_top = name.bottom + 2
    return max(sheet.lines(details, left, lines_top, look.body)[-1].bottom, top + size)


def _head(sheet: Sheet, rng: Random, look: Look) -> float:
    """Notes at the edge, letterhead and title, most of them optional."""
    y = rng.uniform(18, 60)
    if rng.random() < 0.25:
        sheet.text(phrases.margin_note(rng), look.right, y - 12, look.body, align="right")
    if rng.random() < 0.55:
        y = letterhead(sheet, rng, look, y, look.left) + look.pitch * rng.uniform(0.3, 1.2)
    if rng.random() < 0.88:
        text = phrases.title(rng, look.language)
        if rng.random() < 0.5:
            text = text.upper()
        if rng.random() < 0.65:
            middle = sheet.width / 2
            title = sheet.text(text, middle, y, look.title, "header", align="center")
        else:
            title = sheet.text(text, look.left, y, look.title, "header")
        y = title.bottom + look.pitch * rng.uniform(0.3, 1.2)
    return y


def _memo(sheet: Sheet, rng: Random, look: Look, top: float) -> float:
    """The head of a memorandum or a fax, sometimes with its text, which no key asks for."""
    fields = [("To", "person"), ("From", "person"), ("Date", "date"), ("Subject", "short_text")]
    extra = [keys.key(rng, "en", rng.choice(("company", "phone", "number"))) for _ in range(2)]
    fields = fields + extra if rng.random() < 0.5 else fields
    if rng.random() < 0.4:
        rng.shuffle(fields)
    column = look.left + rng.uniform(70, 110)
    y = top
    for key, kind in fields:
        question = sheet.text(look.printed(key), look.left, y, look.key, "question")
        text = values.value(rng, kind)[0]
        start = max(column, question.right + 8)
        sheet.link(question, sheet.text(text, start, y, look.value, "answer"))
        y += look.pitch
    if rng.random() < 0.5:
        sheet.rule(look.left, y, look.right, y)
    if rng.random() < 0.6:
        y = blocks.paragraph(sheet, rng, look, y + look.pitch)
    return y
