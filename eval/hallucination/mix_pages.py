"""Another document's page follows the first one's: are the two confused?

The gold holds the values of both. A field that both documents have has alternatives, of which any
one is right: which of the two receipts is "the" total cannot be asked of a schema that knows one.
So `wrong_field` counts values that belong to neither, the lists (items, pairs) of both have to be
found, and `mixed` tells whether the answers of one document come from both pages, which is the
confusion that the alternatives leave open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from hybrid.document import Document, Page, Segment

from ..datasets.base import Entity, GoldValue, Sample
from .alignment import kind_of, typed_key
from .counterfactual import Change, Counterfactual, CounterfactualKind, LeftOut, rank


def mix_pages(
    sample: Sample, pool: Sequence[Sample], seed: int
) -> Iterator[Counterfactual | LeftOut]:
    """The document "<id>&<other id>": the pages of a sample and of another one, in this order.

    Segments, words, released ids and characters of the second document are numbered on from the
    first, and so are the items of its lists ("menu[0]" becomes "menu[4]").

    Args:
        sample: Its pages come first.
        pool: Documents of the same dataset.
        seed: Another seed chooses another second document.
    """
    others = [s for s in pool if s.id != sample.id and s.document.segments]
    if not others:
        yield LeftOut(sample.id, "there is no other document")
        return
    second = min(others, key=lambda s: (rank(sample.id, seed, "mix-pages", s.id), s.id))
    yield Counterfactual(
        sample=joined(sample, second),
        kind=CounterfactualKind.MIX_PAGES,
        original_id=sample.id,
        changes=tuple(
            Change(s.page + _last_page(sample), s.box, "added", after=s.text)
            for s in second.document.segments
        ),
    )


def joined(first: Sample, second: Sample) -> Sample:
    """One document of the pages of two, with the gold of both."""
    pages = _last_page(first)
    segment_ids = max((s.id for s in first.document.segments), default=-1) + 1
    word_ids = 1 + max((w.id for s in first.document.segments for w in s.words), default=-1)
    numbers = [*first.released_ids, *(k for e in first.entities for k in e.character_ids)]
    released = max(numbers, default=-1) + 1
    both = first.labels is not None and second.labels is not None
    return Sample(
        document=Document(
            id=f"{first.id}&{second.id}",
            source=first.document.source,
            pages=(
                *first.document.pages,
                *(
                    _numbered_on(page, pages, segment_ids, word_ids)
                    for page in second.document.pages
                ),
            ),
        ),
        labels=(*(first.labels or ()), *(second.labels or ())) if both else None,
        values=_all_values(first, second, segment_ids),
        links=(*first.links, *((a + segment_ids, b + segment_ids) for a, b in second.links)),
        entities=(*first.entities, *(_moved(e, word_ids, released) for e in second.entities)),
        released_ids=(
            (*first.released_ids, *(k + released for k in second.released_ids))
            if first.released_ids and second.released_ids
            else ()
        ),
    )


def mixed(counterfactual: Counterfactual, answers: Mapping[str, str | None]) -> bool | None:
    """Whether the answers of one document come from both pages.

    Args:
        counterfactual: Of this kind.
        answers: Path to text, as extracted.

    Returns:
        True where some answers are right for one of the two documents only, and others for the
        other only; None where fewer than two answers tell.
    """
    sample = counterfactual.sample
    page_of = {s.id: s.page for s in sample.document.segments}
    sides = []
    for path, text in answers.items():
        if text is None:
            continue
        pages = {
            page_of[k]
            for v in sample.values or ()
            if v.path == path and _same(v.text, text)
            for k in v.segment_ids
        }
        seconds = {page > _first_pages(counterfactual) for page in pages}
        if len(seconds) == 1:
            sides.append(seconds.pop())
    return len(set(sides)) > 1 if len(sides) > 1 else None


def _first_pages(counterfactual: Counterfactual) -> int:
    return min(change.page for change in counterfactual.changes) - 1


def _same(gold: str, text: str) -> bool:
    kind = kind_of(gold)
    return typed_key(gold, kind) == typed_key(text, kind)


def _last_page(sample: Sample) -> int:
    return max((page.number for page in sample.document.pages), default=0)


def _numbered_on(page: Page, pages: int, segment_ids: int, word_ids: int) -> Page:
    number = page.number + pages
    return page.model_copy(
        update={
            "number": number,
            "segments": tuple(_segment(s, number, segment_ids, word_ids) for s in page.segments),
        }
    )


def _segment(segment: Segment, page: int, segment_ids: int, word_ids: int) -> Segment:
    words = tuple(w.model_copy(update={"id": w.id + word_ids}) for w in segment.words)
    return segment.model_copy(update={"id": segment.id + segment_ids, "page": page, "words": words})


def _moved(entity: Entity, word_ids: int, characters: int) -> Entity:
    return entity.model_copy(
        update={
            "word_ids": tuple(k + word_ids for k in entity.word_ids),
            "character_ids": tuple(k + characters for k in entity.character_ids),
        }
    )


def _all_values(first: Sample, second: Sample, segment_ids: int) -> tuple[GoldValue, ...] | None:
    if first.values is None or second.values is None:
        return None
    counts: dict[str, int] = {}
    for value in first.values:
        match = re.match(r"([^\[]*)\[(\d+)\]", value.path)
        if match:
            counts[match[1]] = max(counts.get(match[1], 0), int(match[2]) + 1)

    def path_of(value: GoldValue) -> str:
        return re.sub(
            r"^([^\[]*)\[(\d+)\]",
            lambda m: f"{m[1]}[{int(m[2]) + counts.get(m[1], 0)}]",
            value.path,
        )

    return (
        *first.values,
        *(
            value.model_copy(
                update={
                    "path": path_of(value),
                    "segment_ids": tuple(k + segment_ids for k in value.segment_ids),
                }
            )
            for value in second.values
        ),
    )
