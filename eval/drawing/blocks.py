"""The parts that forms are stacked from. Each draws below `top` and returns where it ends."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from . import keys, phrases, values
from .fonts import text_width
from .look import Look
from .sheet import Piece, Sheet, Style, wrap

Block = Callable[[Sheet, Random, Look, float], float]

_WIDE: Final = ("address", "long_text", "period")
"""Kinds of value that do not fit into a narrow column."""


def rows(sheet: Sheet, rng: Random, look: Look, top: float) -> float:
    """Keys with their values to the right, in one to three columns, aligned or running on."""
    most = max(int((look.right - look.left) / (21 * look.key.size)), 1)
    columns = min(rng.choices((1, 2, 3), (5, 4, 2))[0], most)
    aligned = rng.random() < 0.6
    width = (look.right - look.left) / columns
    count = rng.randint(2, 9 if columns == 1 else 5)
    bottom = top
    for column in range(columns):
        drawn = [keys.key(rng, look.language) for _ in range(count - rng.randint(0, 1))]
        if columns > 1:
            drawn = [(key, kind) for key, kind in drawn if kind not in _WIDE] or drawn[:1]
        texts = [look.printed(key) for key, _ in drawn]
        widest = max(_width(t, look.key) for t in texts)
        left = look.left + column * width
        y = top
        for text, (_, kind) in zip(texts, drawn, strict=True):
            edge = left + width - 8
            question, y_next = _key(sheet, look, text, left, y, 0.5 * width)
            own = question.right - left if aligned is False else min(widest, 0.5 * width)
            start = left + own + (rng.uniform(3, 9) if not aligned else 10)
            y_end = _answer(sheet, rng, look, question, kind, start, y, edge)
            y = max(y_next, y_end, y + look.pitch)
        bottom = max(bottom, y)
    return bottom


def grid(sheet: Sheet, rng: Random, look: Look, top: float) -> float:
    """Cells with a small key above its value, with or without boxes around them."""
    columns, count = rng.randint(2, 4), rng.randint(1, 4)
    width = (look.right - look.left) / columns
    boxed = rng.random() < 0.7
    small = Style(look.key.font, look.key.size * rng.uniform(0.7, 1.0))
    for _ in range(count):
        bottom = top + small.size * 1.3 + look.value.size * 1.7
        for column in range(columns):
            left = look.left + column * width
            key, kind = keys.key(rng, look.language)
            edge = left + width - 6
            text = look.printed(key)
            question, y = _key(sheet, look, text, left + 4, top + 3, width - 8, small)
            end = _answer(sheet, rng, look, question, kind, left + 5, y + 2, edge, ruled=False)
            bottom = max(bottom, end)
        if boxed:
            for column in range(columns):
                left = look.left + column * width
                sheet.frame(left, top, left + width, bottom)
        top = bottom
    return top


def table(sheet: Sheet, rng: Random, look: Look, top: float) -> float:
    """Column headings (questions), rows of cells (answers), sometimes with headings for rows."""
    columns, count = rng.randint(2, 6), rng.randint(2, 9)
    width = (look.right - look.left) / columns
    style = Style(look.value.font, min(look.value.size, 9.5))
    head = Style(look.key.font, min(look.key.size, 9))
    named_rows = rng.random() < 0.3
    headings: list[tuple[Piece, str]] = []
    deepest = top
    boxed = rng.random() < 0.5
    for column in range(columns):
        key, kind = keys.key(rng, look.language)
        lines = wrap(key.upper() if look.shouting else key, width - 6, head)
        pieces = sheet.lines(lines, look.left + column * width + 3, top + 2, head, "question")
        headings.append((pieces[0], "number" if kind in ("address", "long_text") else kind))
        deepest = max(deepest, pieces[-1].bottom)
    y = deepest + 4
    sheet.rule(look.left, y - 2, look.right, y - 2)
    alignment = [rng.choice(("left", "left", "right")) for _ in headings]
    for _ in range(count):
        row_head: Piece | None = None
        for column, (heading, kind) in enumerate(headings):
            left = look.left + column * width + 3
            if column == 0 and named_rows:
                text = _fitting(keys.key(rng, look.language)[0], width - 6, head)
                row_head = sheet.text(text, left, y, head, "question")
                continue
            if rng.random() < 0.5 * look.empty:
                continue
            text = _fitting(values.value(rng, kind, look.language)[0], width - 6, style)
            if alignment[column] == "right":
                cell = sheet.text(text, left + width - 8, y, style, "answer", align="right")
            else:
                cell = sheet.text(text, left, y, style, "answer")
            sheet.link(heading, cell)
            if row_head is not None:
                sheet.link(row_head, cell)
        y += style.size * 1.55
        if boxed:
            sheet.rule(look.left, y - 3, look.right, y - 3, ink=120)
    return y


def checklist(sheet: Sheet, rng: Random, look: Look, top: float) -> float:
    """Boxes to tick: each option is a question that a cross answers, as FUNSD's annotators do."""
    y = top
    for _ in range(rng.randint(1, 4)):
        x = look.left
        if rng.random() < 0.7:
            key = keys.key(rng, look.language, rng.choice(("status", "yes_no")))[0]
            x = sheet.text(look.printed(key), x, y, look.key, "question").right + 14
        chosen = rng.random() > look.empty
        texts = phrases.options(rng, look.language)
        ticked = rng.randrange(len(texts)) if chosen else -1
        for index, text in enumerate(texts):
            size = look.key.size
            sheet.frame(x, y, x + size, y + size)
            option = sheet.text(text, x + size + 5, y, look.key, "question")
            if index == ticked:
                mark = rng.choice(("X", "X", "x"))
                cross = Style(look.value.font, size * 0.95)
                sheet.link(
                    option, sheet.text(mark, x + size / 2, y, cross, "answer", align="center")
                )
            x = option.right + 18
            if x > look.right - 60:
                break
        y += look.pitch
    return y


def free_text(sheet: Sheet, rng: Random, look: Look, top: float) -> float:
    """A key with a paragraph below it."""
    key, _ = keys.key(rng, look.language, "long_text" if look.language == "en" else None)
    question = sheet.text(look.printed(key), look.left, top, look.key, "question")
    y = top + look.key.size * 1.5
    if rng.random() < look.empty:
        for _ in range(rng.randint(1, 4)):
            sheet.rule(look.left, y + 10, look.right, y + 10, ink=100)
            y += look.pitch
        return y
    text = " ".join(values.sentence(rng) for _ in range(rng.randint(1, 4)))
    indent = rng.choice((0, 0, 12, 30))
    lines = wrap(text, look.right - look.left - indent, look.value)
    pieces = sheet.lines(lines, look.left + indent, y, look.value, "answer")
    sheet.link(question, pieces[0])
    return pieces[-1].bottom


def paragraph(sheet: Sheet, rng: Random, look: Look, top: float) -> float:
    """Fine print."""
    text = phrases.fine_print(rng, look.language)
    size = look.body.size * rng.uniform(0.75, 1.0)
    style = Style(look.body.font, size)
    lines = wrap(text, (look.right - look.left) * rng.uniform(0.6, 1), style)
    return sheet.lines(lines, look.left, top, style)[-1].bottom


def signatures(sheet: Sheet, rng: Random, look: Look, top: float) -> float:
    """Lines to sign on: the caption below or before one is a question, a typed name its answer."""
    count = rng.randint(1, 3)
    width = (look.right - look.left) / count
    y = top + look.pitch
    before = count < 3 and rng.random() < 0.25
    for column, caption in enumerate(phrases.signature_captions(rng, look.language, count)):
        left = look.left + column * width
        end = left + width * rng.uniform(0.7, 0.9)
        if before:
            question = sheet.text(look.printed(caption), left, y - 2, look.key, "question")
            start = question.right + 6
            sheet.rule(start, y + look.key.size, max(end, start + 30), y + look.key.size)
        else:
            sheet.rule(left, y + 2, end, y + 2)
            question = sheet.text(caption, left, y + 5, look.body, "question")
            start = left + 6
        if rng.random() > 0.4 + 0.6 * look.empty:
            kind = "date" if "Dat" in caption else "job" if caption == "Title" else "person"
            name = values.value(rng, kind, look.language)[0]
            high = y - 2 if before else y - look.value.size
            fits = wrap(name, max(left + width - start - 4, 20), look.value)[0]
            sheet.link(question, sheet.text(fits, start, high, look.value, "answer"))
    return y + 5 + max(look.body.size, look.key.size) * 1.2


def section(sheet: Sheet, rng: Random, look: Look, top: float) -> float:
    """A section heading, sometimes numbered, underlined or on a grey bar."""
    text = phrases.section(rng, look.language)
    if rng.random() < 0.25:
        text = f"{rng.choice('123456ABCDE')}{rng.choice(('.', ')'))} {text}"
    if look.shouting or rng.random() < 0.35:
        text = text.upper()
    if look.suffix == ":" and rng.random() < 0.1:
        text += ":"
    decoration = rng.random()
    bottom = top + look.section.size * 1.35
    if decoration < 0.25:
        sheet.fill(look.left - 3, top - 2, look.right, bottom, ink=215)
    elif decoration < 0.45:
        sheet.rule(look.left, bottom, look.right, bottom)
    if rng.random() < 0.15:
        middle = (look.left + look.right) / 2
        sheet.text(text, middle, top, look.section, "header", align="center")
    else:
        sheet.text(text, look.left, top, look.section, "header")
    return bottom + 3


def _width(text: str, style: Style) -> float:
    return text_width(text, style.font, style.size)


def _fitting(text: str, width: float, style: Style) -> str:
    """The first words of `text` that fit."""
    return wrap(text, width, style)[0]


def _key(
    sheet: Sheet,
    look: Look,
    text: str,
    left: float,
    top: float,
    width: float,
    style: Style | None = None,
) -> tuple[Piece, float]:
    """A key on as many lines as it needs: its last line, and where it ends."""
    style = style or look.key
    pieces = sheet.lines(wrap(text, width, style), left, top, style, "question")
    return pieces[-1], pieces[-1].bottom


def _answer(
    sheet: Sheet,
    rng: Random,
    look: Look,
    question: Piece,
    kind: str,
    left: float,
    top: float,
    edge: float,
    *,
    ruled: bool = True,
) -> float:
    """The value of a key, or nothing but the line for it; returns where it ends."""
    if ruled and look.ruled and edge > left:
        line = top + look.key.size * 1.1
        sheet.rule(left, line, edge, line, ink=90)
    if rng.random() < look.empty:
        return top
    lines = values.value(rng, kind, look.language)
    wrapped = [part for line in lines for part in wrap(line, max(edge - left, 20), look.value)]
    offset = rng.uniform(-1.2, 0.8)
    pieces = sheet.lines(wrapped, left, top + offset, look.value, "answer")
    sheet.link(question, pieces[0])
    return pieces[-1].bottom + 2
