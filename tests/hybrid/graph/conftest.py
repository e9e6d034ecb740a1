from collections.abc import Callable, Sequence

import pytest

from hybrid.document import BoundingBox, Document, Page, Word, segment_of

BoxTuple = tuple[float, float, float, float]
MakeDocument = Callable[..., Document]


@pytest.fixture
def make_document() -> MakeDocument:
    """A document from the boxes of each page, numbered on from page to page."""

    def make(
        *pages: Sequence[BoxTuple], sizes: Sequence[tuple[float, float]] | None = None
    ) -> Document:
        next_id = 0
        made = []
        for number, boxes in enumerate(pages, start=1):
            segments = []
            for left, top, right, bottom in boxes:
                box = BoundingBox(left=left, top=top, right=right, bottom=bottom)
                word = Word(id=next_id, text=f"w{next_id}", box=box)
                segments.append(segment_of(next_id, number, [word]))
                next_id += 1
            width, height = sizes[number - 1] if sizes else (100, 200)
            made.append(Page(number=number, width=width, height=height, segments=tuple(segments)))
        return Document(id="made", pages=tuple(made))

    return make
