"""Evidence: what GCN and LLM say of a training document, next to its gold.

A document can be decided again with any fusion, by the very functions that the hybrid pipeline uses.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from hybrid.schema import FieldSchema, Leaf
from hybrid.verify.ask import Question, Vote
from hybrid.verify.candidates import Candidate
from hybrid.verify.decide import Judgement, judge_all
from hybrid.verify.extract import Reading
from hybrid.verify.fuse import Fusion, lists_fusion
from hybrid.verify.matter import is_sure
from hybrid.verify.read_cells import cells_of
from hybrid.verify.resolve import (
    Proposal,
    choices_of,
    is_worth_asking,
    lists_are_doubtful,
    question_on,
)
from hybrid.verify.strategies.sampling import Sample as Answer
from hybrid.verify.structure import Structured
from hybrid.verify.unread import Unread, joined, lacking, list_choices

from ..datasets.base import Sample
from ..hallucination.numbers import strip_currency
from ..records import fold
from ..run.gold import gold_rows
from ..run.rows import NUMBERS, Asked, Place
from ..tasks import load_tasks


class NotCollectedError(Exception):
    """A fusion asks for something that the LLM was not asked when the evidence was collected."""


@dataclass(frozen=True)
class Value:
    """What is believed most of one leaf.

    Attributes:
        judgement: With its score.
        right: Whether it is a gold value that no surer one has claimed.
    """

    judgement: Judgement
    right: bool

    @property
    def score(self) -> float:
        """Of the value."""
        assert self.judgement.score is not None
        return self.judgement.score


@dataclass(frozen=True)
class Evidence:
    """A training document.

    Attributes:
        dataset: Name.
        sample: With its gold.
        asked: The fields.
        proposal: Of a network that has not seen the document.
        votes: By path, of the leaves that the LLM was asked about.
        samples: By path, the answers that were drawn for these votes; empty where none were.
        structured: Its reading of the lists, None where it was not asked.
        reading: What an LLM that is trusted to read says of the lists; None for other LLMs.
        trust: In the LLM, by its profile.
        removed: Path of the field that was removed from it, or None; then its id is "<id>#<path>".
    """

    dataset: str
    sample: Sample
    asked: Asked
    proposal: Proposal
    votes: Mapping[str, Vote] = field(default_factory=dict)
    samples: Mapping[str, Sequence[Answer]] = field(default_factory=dict)
    structured: Structured | None = None
    reading: Reading | None = None
    trust: float = 0.0
    removed: str | None = None

    @property
    def original_id(self) -> str:
        """Of the document that it is, or that it was made from by removing a field."""
        if self.removed is None:
            return self.sample.id
        return self.sample.id.removesuffix(f"#{self.removed}")

    @property
    def schema(self) -> FieldSchema:
        """The fields that are asked for."""
        return self.asked.schema

    @cached_property
    def questions(self) -> dict[str, Question]:
        """By path, of all leaves outside lists that have a candidate."""
        return {
            path: question_on(self.sample.document, self.schema, path, found)
            for path, found in self.proposal.flat.items()
            if found
        }

    @property
    def lists(self) -> Unread:
        """All lists, as they are read."""
        return Unread((), self.schema.outermost_lists)

    @cached_property
    def gold(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """For each value that is to be found its label, and the keys of its forms."""
        place = Place(self.dataset, "fit", "gold", self.sample.id)
        rows = gold_rows(self.sample, place, load_tasks()["field"], self.asked, spans=False)
        known = sorted((r["path"], r["label"], r["key"]) for r in rows if r["key"] is not None)
        groups = itertools.groupby(known, key=lambda row: row[:2])
        return tuple((label, frozenset(r[2] for r in forms)) for (_, label), forms in groups)

    def is_right(self, leaf: Leaf, text: str) -> bool:
        """Whether a text is one of the gold values of a leaf."""
        label, key = self._key(leaf, text)
        return any(label == name and key in keys for name, keys in self.gold)

    def _key(self, leaf: Leaf, text: str) -> tuple[str, str]:
        """The label and key by which the harness compares a value."""
        shown = strip_currency(text) if leaf.kind in NUMBERS else text
        return self.asked.compared_label(leaf), fold(shown)

    def judged(self, fusion: Fusion, every_doubtful: bool = False) -> list[Judgement]:
        """What is believed most with a fusion, after the questions that are asked with it.

        Args:
            fusion: Any.
            every_doubtful: Also count votes that can change no value at the present
                `fusion.weights.answer`; so one look serves several.

        Raises:
            NotCollectedError: If the LLM was not asked what is asked with this fusion.
        """
        votes: list[tuple[Question, Vote]] = []
        for path, question in self.questions.items() if fusion.trust > 0 else ():
            found = self.proposal.flat[path]
            if is_sure(found, fusion=fusion):
                continue
            counted = every_doubtful and path in self.votes
            if not counted and not is_worth_asking(self.schema, question, found, fusion):
                continue
            if path not in self.votes:
                raise NotCollectedError
            votes.append((question, self.votes[path]))
        if self.reading is not None and (read := lists_fusion(fusion, self.trust)) is not None:
            return self._with_lists_read(self.reading, fusion, read, votes)
        structured = None
        if self.sample.document.segments and lists_are_doubtful(self.schema, self.proposal, fusion):
            if self.structured is None:
                raise NotCollectedError
            structured = self.structured
        choices = choices_of(self.schema, self.proposal, fusion, votes, structured)
        return judge_all(self.schema, choices, fusion.weights)

    def _with_lists_read(
        self,
        reading: Reading,
        fusion: Fusion,
        on_lists: Fusion,
        votes: Sequence[tuple[Question, Vote]],
    ) -> list[Judgement]:
        schema, proposal, asked = self.schema, self.proposal, self.lists
        readable = dict.fromkeys(asked.lists, on_lists)
        read = list_choices(reading, self._cells, schema, proposal, asked.lists, readable)
        choices = choices_of(schema, proposal, fusion, votes, lacking(reading, asked))
        others = {choice.path: on_lists for choice in read}
        return judge_all(schema, joined(choices, reading, asked, read), fusion.weights, others)

    @cached_property
    def _cells(self) -> dict[str, Candidate]:
        """Of the lists that were read; many fusions are tried on them."""
        return cells_of(self.reading, self.sample.document) if self.reading is not None else {}

    def values(self, judgements: Iterable[Judgement]) -> list[Value]:
        """The values that are believed most, surest first, with what is right.

        Each gold value is claimed by at most one, the surest. So the values from a score on are as
        right as if the others had not been there.
        """
        believed = [j for j in judgements if j.best is not None]
        left = list(self.gold)
        found: list[Value] = []
        for judgement in sorted(believed, key=lambda j: -(j.score or 0.0)):
            assert judgement.best is not None
            choice = judgement.choice
            label, key = self._key(choice.leaf, choice.options[judgement.best].text)
            claimed = next((x for x in left if x[0] == label and key in x[1]), None)
            if claimed is not None:
                left.remove(claimed)
            found.append(Value(judgement, claimed is not None))
        return found


@dataclass(frozen=True)
class Counts:
    """Sums over documents.

    Attributes:
        right: Values that are right.
        given: All values.
        gold: Values that were to be found.
    """

    right: int = 0
    given: int = 0
    gold: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.right + other.right, self.given + other.given, self.gold + other.gold)

    @property
    def f1(self) -> float:
        """Micro F1; 0 for nothing."""
        return 2 * self.right / (self.given + self.gold) if self.given + self.gold else 0.0


def counts_by_document(documents: Sequence[Evidence], fusion: Fusion) -> list[Counts]:
    """What a fusion gives on each document, together with the copies of it that lack a field.

    Raises:
        NotCollectedError: As of `Evidence.judged`.
    """
    counts: dict[str, Counts] = {}
    for document in documents:
        values = document.values(document.judged(fusion))
        given = [v.right for v in values if v.score >= fusion.answer]
        here = Counts(sum(given), len(given), len(document.gold))
        counts[document.original_id] = counts.get(document.original_id, Counts()) + here
    return list(counts.values())


def counts_of(documents: Sequence[Evidence], fusion: Fusion) -> Counts:
    """What a fusion gives on all of the documents; raises as `counts_by_document`."""
    return sum(counts_by_document(documents, fusion), Counts())


def f1_gain(before: Sequence[Counts], after: Sequence[Counts]) -> tuple[float, float]:
    """By how much micro F1 grew on the same documents, and the standard error of that.

    The error is that of the delta method over documents: each moves F1 by
    `(2 right - F1 (given + gold)) / total`, and the two moves of a document go together.
    """
    sums = [sum(counts, Counts()) for counts in (before, after)]
    moves = [
        [
            (2 * c.right - total.f1 * (c.given + c.gold)) / max(total.given + total.gold, 1)
            for c in cs
        ]
        for cs, total in zip((before, after), sums, strict=True)
    ]
    squares = sum((b - a) ** 2 for a, b in zip(*moves, strict=True))
    return sums[1].f1 - sums[0].f1, math.sqrt(squares)
