"""Training documents as a worse scanner and OCR would have read them.

Datasets come with clean boxes and texts; at work the network sees OCR: boxes that are a little off,
pages that are skewed, blanks that are lost, characters that are confused, lines that are split at
gaps, lines that are missed, receipts that go on on a second page. And annotators choose documents that
have everything; at work fields are missing, and what resembles them is not to be taken for them.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass

from hybrid.document import BoundingBox, Document, Page, Segment, Word, segment_of
from hybrid.gcn.labelled import BACKGROUND, UNKNOWN, LabelledDocument

_CONFUSIONS = {
    "0": "O", "O": "0", "1": "l", "l": "1", "I": "l", "5": "S", "S": "5", "8": "B", "B": "8",
    ".": ",", ",": ".", ":": ".", "e": "c", "m": "rn", "i": "l", "6": "b",
}  # fmt: skip

_SKEW = math.radians(1.5)
_JITTER = 0.06
_DROP = 0.02
_SPLIT = 0.06
_NOISE = 0.15
_CUT = 0.1
_REMOVED = 0.75
"""Of copies that lack an entity. Out of fold, trained on SROIE and CORD-r, 2121 fields that were removed
were answered all the same in .127 of all cases without it, in .067 with it; the F1 of fields did not
change (SROIE .935, .935, CORD-r .773, .774)."""
_FEW_LINES = 6
"""Only an entity of so few is removed: a field, not a column."""


@dataclass(frozen=True)
class _Node:
    segment: Segment
    label: str


def perturb(labelled: LabelledDocument, rng: random.Random) -> LabelledDocument:
    """A noisy copy of a training document of one page; longer ones only get the noise of lines.

    Args:
        labelled: The document and its labels.
        rng: Decides everything, so the same state gives the same copy.

    Returns:
        A document with the same id whose segments are numbered anew. A part of a split line that
        has lost the digits of the whole gets the label `UNKNOWN`: the value is in the other part.
    """
    label_of = dict(zip((s.id for s in labelled.document.segments), labelled.labels, strict=True))
    slope = rng.uniform(-_SKEW, _SKEW)
    gone = _one_entity(labelled, rng) if rng.random() < _REMOVED else None
    pages: list[Page] = []
    labels: list[str] = []
    origins: list[int] = []
    number = 0
    for page in labelled.document.pages:
        nodes: list[_Node] = []
        for segment in page.segments:
            if label_of[segment.id] == gone or rng.random() < _DROP:
                continue
            for part, label in _split(segment, label_of[segment.id], rng):
                text = noisy_text(part.text, rng) if rng.random() < _NOISE else part.text
                box = _noisy_box(part.box, slope, rng)
                update = {"id": number, "text": text, "box": box}
                nodes.append(_Node(part.model_copy(update=update), label))
                origins.append(segment.id)
                number += 1
        pages.append(page.model_copy(update={"segments": tuple(n.segment for n in nodes)}))
        labels.extend(n.label for n in nodes)
    document = Document(id=labelled.document.id, pages=tuple(pages))
    if len(pages) == 1 and rng.random() < _CUT:
        document = cut_in_two(document, rng.uniform(0.3, 0.7))
    label_by_id = dict(enumerate(labels))
    return LabelledDocument(
        document=document,
        labels=tuple(label_by_id[s.id] for s in document.segments),
        known_labels=labelled.known_labels,
        dataset=labelled.dataset,
        links=_links(labelled, document, origins),
    )


def _one_entity(labelled: LabelledDocument, rng: random.Random) -> str | None:
    """The label of one of the document's entities of a few lines, or None where there is none."""
    lines = Counter(labelled.labels)
    entities = sorted(
        label
        for label, count in lines.items()
        if label not in (BACKGROUND, UNKNOWN) and count <= _FEW_LINES
    )
    return rng.choice(entities) if entities else None


def _links(
    labelled: LabelledDocument, document: Document, origins: list[int]
) -> frozenset[tuple[int, int]] | None:
    """The links between what has become of the segments, whose old ids are `origins[new id]`."""
    if labelled.links is None:
        return None
    old = {segment.id: place for place, segment in enumerate(labelled.document.segments)}
    parts: dict[int, list[int]] = {}
    for place, segment in enumerate(document.segments):
        parts.setdefault(old[origins[segment.id]], []).append(place)
    return frozenset(
        (question, answer)
        for i, j in labelled.links
        for question in parts.get(i, ())
        for answer in parts.get(j, ())
    )


def cut_in_two(document: Document, share: float) -> Document:
    """The one-page document as two pages, cut at `share` of its height; segments keep their ids."""
    page = document.pages[0]
    height = page.height * share
    upper = tuple(s for s in page.segments if s.box.center[1] < height)
    lower = tuple(
        s.model_copy(update={"box": _moved(s.box, -height), "page": page.number + 1})
        for s in page.segments
        if s.box.center[1] >= height
    )
    first = page.model_copy(update={"segments": upper, "height": height})
    second = page.model_copy(
        update={"segments": lower, "height": page.height - height, "number": page.number + 1}
    )
    return Document(id=document.id, pages=(first, second))


def _moved(box: BoundingBox, dy: float) -> BoundingBox:
    return BoundingBox(left=box.left, top=box.top + dy, right=box.right, bottom=box.bottom + dy)


def _split(segment: Segment, label: str, rng: random.Random) -> list[tuple[Segment, str]]:
    """The segment, or sometimes two parts of it, split at a random gap between words."""
    if len(segment.words) < 2 or rng.random() >= _SPLIT:
        return [(segment, label)]
    cut = rng.randrange(1, len(segment.words))
    return [
        _part(segment, segment.words[:cut], label),
        _part(segment, segment.words[cut:], label),
    ]


def _part(segment: Segment, words: tuple[Word, ...], label: str) -> tuple[Segment, str]:
    part = segment_of(segment.id, segment.page, words)
    lost_value = _has_digit(segment.text) and not _has_digit(part.text)
    return part, UNKNOWN if lost_value else label


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)


def _noisy_box(box: BoundingBox, slope: float, rng: random.Random) -> BoundingBox:
    """Each side moved by a share of the height, and the box moved along the skew of the page."""
    shift = box.center[0] * slope
    sides = [v + rng.gauss(0.0, _JITTER) * box.height for v in box.as_tuple()]
    left, right = sorted((sides[0], sides[2]))
    top, bottom = sorted((sides[1], sides[3]))
    return BoundingBox(left=left, top=top + shift, right=right, bottom=bottom + shift)


def noisy_text(text: str, rng: random.Random) -> str:
    """The text in another case, without its blanks, or with characters confused."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.choice((text.upper(), text.lower(), text.title()))
    if kind == 1:
        return text.replace(" ", "")
    rate = 0.08
    return "".join(_CONFUSIONS.get(c, c) if rng.random() < rate else c for c in text)
