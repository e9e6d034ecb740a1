"""Candidates: places on the page that may hold a leaf's value, each with its typed value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hybrid.document import Segment, Word, mean_confidence, segment_of
from hybrid.extraction import Citation, Confidence, FieldResult, Grounding, Status
from hybrid.schema import Leaf, letters_and_digits
from hybrid.verify.ground import Passage, support
from hybrid.verify.values import find_spans

if TYPE_CHECKING:
    from hybrid.gcn.pairing import Links


class NodeProbabilities(Protocol):
    """What a node classifier says of a document's segments.

    Attributes:
        labels: Class names.
        probabilities: `[segments, labels]`, rows sum to 1, in the order of `document.segments`.
        links: From questions to answers; None where it does not know of any.
    """

    @property
    def labels(self) -> tuple[str, ...]:
        """Class names."""
        ...

    @property
    def probabilities(self) -> NDArray[np.floating[Any]]:
        """`[segments, labels]`."""
        ...

    @property
    def links(self) -> Links | None:
        """From questions to answers."""
        ...


@dataclass(frozen=True)
class Candidate:
    """A place that may hold a leaf's value.

    Attributes:
        segments: Ids of the segments it stands in, in reading order.
        text: Verbatim.
        value: Typed.
        words: The words that hold `text`.
        citations: The same words as citations, one a page.
        grounding: Of the value in the citations.
        gcn: The GCN's probability for it, None where the GCN does not know the field.
    """

    segments: tuple[int, ...]
    text: str
    value: Any
    words: tuple[Word, ...]
    citations: tuple[Citation, ...]
    grounding: Grounding
    gcn: float | None

    @property
    def ocr(self) -> float | None:
        """Mean recognition confidence of its words, weighted by length; None without OCR."""
        return mean_confidence(self.words)

    @property
    def key(self) -> str:
        """The same for candidates with the same value; of texts letters and digits count."""
        return letters_and_digits(self.value) if isinstance(self.value, str) else repr(self.value)

    def with_gcn(self, probability: float | None) -> Candidate:
        """The same place with another probability."""
        return replace(self, gcn=probability)

    def cut_to(self, text: str, leaf: Leaf) -> list[Candidate]:
        """A part of the same place with the same belief, as a text leaf's value; empty where the leaf refuses it.

        Args:
            text: That stands in the candidate's.
            leaf: Of texts.
        """
        whole = segment_of(self.segments[0], self.citations[0].page, self.words)
        start = whole.text.find(text)
        made = candidate_at(whole, start, start + len(text), leaf, self.gcn) if start >= 0 else None
        return [] if made is None else [made]

    def result(
        self,
        status: Status,
        fused: float | None,
        llm: float | None = None,
        reason: str | None = None,
        alternatives: Sequence[FieldResult] = (),
    ) -> FieldResult:
        """The leaf that this candidate becomes."""
        return FieldResult(
            value=self.value,
            text=self.text,
            citations=self.citations,
            grounding=self.grounding,
            status=status,
            confidence=Confidence(
                gcn=_rounded(self.gcn),
                llm=_rounded(llm),
                ocr=_rounded(self.ocr),
                fused=_rounded(fused),
            ),
            reason=reason,
            alternatives=tuple(alternatives),
        )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)


def read_candidates(
    segments: Sequence[Segment], leaf: Leaf, gcn: float | None, start: int = 0
) -> list[Candidate]:
    """Every value of the leaf's type in the segments' joined text, in reading order.

    Args:
        segments: Read as one text, such as the lines of an address.
        leaf: What to look for.
        gcn: Probability that the segments hold the leaf.
        start: Characters of the joined text that are passed over, such as a key.

    Returns:
        Candidates whose text stands in their citations; empty where nothing is of the type.
    """
    passage = Passage(segments)
    found: list[Candidate] = []
    for span in find_spans(passage.text[start:], leaf):
        words = passage.words_in(start + span.start, start + span.end)
        citations = passage.citations(words)
        text = passage.text[start + span.start : start + span.end]
        grounding = support(span.value, text, leaf, citations)
        if grounding is Grounding.NONE:
            continue
        ids = {w.id for w in words}
        found.append(
            Candidate(
                segments=tuple(s.id for s in segments if any(w.id in ids for w in s.words)),
                text=text,
                value=span.value,
                words=words,
                citations=citations,
                grounding=grounding,
                gcn=gcn,
            )
        )
    return found


def candidate_at(
    segment: Segment, start: int, end: int, leaf: Leaf, gcn: float | None
) -> Candidate | None:
    """The characters `[start, end)` of a segment as a text leaf's value.

    Args:
        segment: That they stand in.
        start: The first one.
        end: The one after the last.
        leaf: Of texts.
        gcn: Belief in it.

    Returns:
        The candidate; None where the leaf's type refuses the text.
    """
    text = segment.text[start:end]
    try:
        value = leaf.typed(text)
    except ValueError:
        return None
    passage = Passage([segment])
    words = passage.words_in(start, end)
    citations = passage.citations(words)
    grounding = support(value, text, leaf, citations)
    if grounding is Grounding.NONE:
        return None
    return Candidate((segment.id,), text, value, words, citations, grounding, gcn)
