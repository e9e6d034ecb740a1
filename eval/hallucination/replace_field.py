"""Puts another plausible value in the place of a field's, wherever it is printed.

A system that reads gives the new value; one that remembers the document, or guesses, does not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hybrid.document import Segment

from ..datasets.base import GoldValue, Sample
from .alignment import PageIndex, typed_key
from .counterfactual import (
    Change,
    Counterfactual,
    CounterfactualKind,
    LeftOut,
    flat_values,
    kind_for,
    random_for,
    rank,
)
from .edit import Node, next_word_id, rebuild, retype
from .folding import FoldedTexts
from .locate import date_places, number_places, text_places
from .plausible import other_date, other_number, print_date, print_number, share_words

_ATTEMPTS = 20


@dataclass(frozen=True)
class Edit:
    """What to write in place of the characters `[start, end)` of a segment."""

    segment: int
    start: int
    end: int
    text: str


def replace_field(
    sample: Sample, pool: Sequence[Sample], seed: int, kinds: Mapping[str, str] | None = None
) -> Iterator[Counterfactual | LeftOut]:
    """One document for each field of a sample, with another value of that field.

    An amount gets other digits in the same form, a date another day in the same form, a text the
    text of the same field of another document, over as many lines. Only values that stand on the
    page letter by letter can be replaced cleanly.

    Args:
        sample: Its fields outside lists are taken.
        pool: Documents of the same dataset, which lend their texts.
        seed: Other seeds give other values.
        kinds: Leaf path to kind; what it lacks is guessed from the gold's text.

    Yields:
        The document "<id>#<path>", of which only that field is asked and whose gold is the new
        value; or why there is none.
    """
    for path, values in flat_values(sample).items():
        yield _replaced(sample, path, values, pool, seed, kinds or {})


def _replaced(
    sample: Sample,
    path: str,
    values: list[GoldValue],
    pool: Sequence[Sample],
    seed: int,
    kinds: Mapping[str, str],
) -> Counterfactual | LeftOut:
    kind = kind_for(values[0], kinds)
    keys = {typed_key(v.text, kind) for v in values}
    if len(keys) != 1:
        return LeftOut(sample.id, "the field has different values", path)
    key = next(iter(keys)) or ""
    page = PageIndex(sample.document)
    rng = random_for(sample.id, seed, f"replace-field {path}")
    reason = "the value is not printed letter by letter"
    for edits, texts in _proposals(sample, values, key, pool, seed, rng):
        if not edits or page.holds(texts[0], None, kind):
            continue
        segments = apply_edits(sample, edits)
        after = PageIndex([s.text for s in segments])
        if any(after.holds(v.text, None, kind) for v in values):
            reason = "the old value can still be aligned"
            continue
        if not all(after.holds(text, None, kind) for text in texts):
            reason = "the new value cannot be aligned"
            continue
        new_values = [
            v.model_copy(update={"text": text}) for v, text in zip(values, texts, strict=True)
        ]
        return _counterfactual(sample, path, segments, new_values)
    return LeftOut(sample.id, reason, path)


def _counterfactual(
    sample: Sample, path: str, segments: Sequence[Segment], values: Sequence[GoldValue]
) -> Counterfactual:
    old = sample.document.segments
    return Counterfactual(
        sample=rebuild(
            sample,
            [Node(segment, k) for k, segment in enumerate(segments)],
            document_id=f"{sample.id}#{path}",
            values=values,
            words=_grown(old, segments),
            retype_entities=True,
            keep_tree=False,
        ),
        kind=CounterfactualKind.REPLACE_FIELD,
        original_id=sample.id,
        path=path,
        asked=(path,),
        changes=tuple(
            Change(new.page, new.box, "replaced", before=before.text, after=new.text)
            for before, new in zip(old, segments, strict=True)
            if before.text != new.text
        ),
        picture=sample.image_path,
    )


def _grown(
    old: Sequence[Segment], new: Sequence[Segment]
) -> dict[int, tuple[int, ...]]:  # fmt: skip
    """Where a segment has more words than before: the last changed word stands for the new ones."""
    grown: dict[int, tuple[int, ...]] = {}
    for before, after in zip(old, new, strict=True):
        known = {w.id for w in before.words}
        last = None
        for word in after.words:
            if word.id in known:
                last = word.id
            elif last is not None:
                grown[last] = (*grown.get(last, (last,)), word.id)
    return grown


def _proposals(
    sample: Sample,
    values: Sequence[GoldValue],
    key: str,
    pool: Sequence[Sample],
    seed: int,
    rng: random.Random,
) -> Iterator[tuple[list[Edit], list[str]]]:
    """Edits of the page, and the new text of each gold alternative."""
    texts = [s.text for s in sample.document.segments]
    golds = [v.text for v in values]
    family, _, typed = key.partition(":")
    if family == "number":
        value = Decimal(typed)
        printed = [r for g in golds for _, r in number_places(g, value)]
        for _ in range(_ATTEMPTS if printed else 0):
            number = other_number(max(printed, key=_decimals), rng)
            if number is not None:
                yield (
                    [e for k, t in enumerate(texts) for e in _number_edits(k, t, value, number)],
                    [_edited(g, _number_edits(0, g, value, number)) for g in golds],
                )
    elif family == "date":
        day = date.fromisoformat(typed)
        for _ in range(_ATTEMPTS):
            new = other_date(day, rng)
            yield (
                [e for k, t in enumerate(texts) for e in _date_edits(k, t, day, new)],
                [_edited(g, _date_edits(0, g, day, new)) for g in golds],
            )
    else:
        for donor in _donors(sample, values[0], pool, seed):
            yield _text_edits(texts, golds[0], donor), [donor] * len(golds)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _number_edits(k: int, text: str, value: Decimal, new: Decimal) -> list[Edit]:
    edits: list[Edit] = []
    for printed, reading in number_places(text, value):
        fresh = print_number(text[printed.start : printed.end], reading, new)
        edits.append(Edit(k, printed.start, printed.end, fresh))
    return _apart(edits)


def _date_edits(k: int, text: str, value: date, new: date) -> list[Edit]:
    return _apart(
        [Edit(k, p.start, p.end, print_date(text, p, new)) for p in date_places(text, value)]
    )


def _text_edits(texts: Sequence[str], value: str, donor: str) -> list[Edit]:
    edits: list[Edit] = []
    for place in text_places(FoldedTexts(texts), value):
        lines = share_words(donor, [piece.end - piece.start for piece in place])
        if lines is None:
            return []
        edits += [
            Edit(piece.text, piece.start, piece.end, line)
            for piece, line in zip(place, lines, strict=True)
        ]
    return edits


def _donors(sample: Sample, value: GoldValue, pool: Sequence[Sample], seed: int) -> list[str]:
    """The texts of the same field in other documents, in the order in which they are tried."""
    others = [s for s in pool if s.id != sample.id]
    others.sort(key=lambda s: (rank(sample.id, seed, f"replace-field {value.path}", s.id), s.id))
    found = [v.text for s in others for v in s.values or () if v.path == value.path]
    return list(dict.fromkeys(found))[:_ATTEMPTS]


def _apart(edits: list[Edit]) -> list[Edit]:
    """The first and longest of edits that overlap: one print can have several readings."""
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda e: (e.start, -e.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def _edited(text: str, edits: Sequence[Edit]) -> str:
    for edit in sorted(edits, key=lambda e: -e.start):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def apply_edits(sample: Sample, edits: Sequence[Edit]) -> list[Segment]:
    """The sample's segments with other characters; words and their boxes follow the text.

    Args:
        sample: Its segments' texts are their words, joined by blanks.
        edits: None of them overlaps another.
    """
    segments = list(sample.document.segments)
    next_id = next_word_id(sample)
    for k in sorted({edit.segment for edit in edits}):
        segment = segments[k]
        own = [edit for edit in edits if edit.segment == k]
        start, end = min(e.start for e in own), max(e.end for e in own)
        touched = []
        offset = 0
        for number, word in enumerate(segment.words):
            if offset < end and start < offset + len(word.text):
                touched.append(number)
            offset += len(word.text) + 1
        new = retype(segment, _edited(segment.text, own), touched[0], touched[-1], next_id)
        next_id = max([next_id, *(w.id + 1 for w in new.words)])
        segments[k] = new
    return segments
