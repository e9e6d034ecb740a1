"""Structure: one structured call reads all doubtful fields, and votes for what it reads.

The LLM sees neither options nor letters, only the page and the names of the fields, as where it reads
a page alone. A small model that was tuned to read binds values to fields better than letters to
lines.
"""

from __future__ import annotations

from collections.abc import Sequence

from hybrid.extraction import LlmUsage
from hybrid.schema import part_of
from hybrid.verify.ask import Question, Vote, joined_thoughts
from hybrid.verify.extract import read_often
from hybrid.verify.prompts import EXTRACT
from hybrid.verify.reading_votes import evenly, votes_of
from hybrid.verify.strategies.base import Case, OpenLlm, Strategy, Voting
from hybrid.verify.strategies.drawing import DrawingStrategy
from hybrid.verify.strategies.sampling import Sample, Sampling


class StructureStrategy(DrawingStrategy):
    """Its votes are for what the LLM reads, as far as it was sure of that while it wrote it.

    How far a field that it leaves empty is a vote for "absent" is a matter of the fusion: small
    models leave out what they do not find.
    """

    kind = "structure"
    needs_thoughts = False
    prompts = (EXTRACT,)
    rounds = 1

    def votes(self, case: Case, open_llm: OpenLlm) -> Voting:
        """See `Strategy`."""
        backend, room = open_llm()
        asked = part_of(case.schema.root, {question.path for question in case.questions})
        count = self.sampling.samples
        seeds = [None] if count == 1 else range(count)
        readings = read_often(case.document, asked, backend, room, seeds, certainty=True)
        usage = sum((reading.usage for reading in readings), LlmUsage())
        every = [votes_of(r, case.questions, case.document) for r in readings]
        if count == 1:
            return Voting(every[0], usage)
        joined = [
            _joined(votes, question, self.sampling)
            for question, votes in zip(case.questions, zip(*every, strict=True), strict=True)
        ]
        return Voting([vote for vote, _ in joined], usage, [samples for _, samples in joined])


def reads_once(strategy: Strategy) -> bool:
    """Whether a strategy's votes are one reading of the page, which may as well be of more fields."""
    return isinstance(strategy, StructureStrategy) and strategy.sampling.samples == 1


def _joined(
    votes: Sequence[Vote], question: Question, sampling: Sampling
) -> tuple[Vote, list[Sample]]:
    """One vote of several readings: as sure as they agree; and those that are for an option."""
    counted = [vote for vote in votes if vote.shares is not None]
    if not counted:
        return votes[0], []
    samples = [
        Sample(vote.shares, favourite)
        for vote in counted
        if vote.shares is not None and (favourite := vote.favourite) is not None
    ]
    problem = next((vote.problem for vote in votes if vote.problem), None)
    thoughts = joined_thoughts([vote.reasoning for vote in votes])
    even = evenly(question)
    empties = sum(vote.empty for vote in counted)
    if empties > len(counted) / 2:
        share = empties / len(counted)
        return Vote(even, problem, thoughts, empty=True, certainty=share), samples
    shares = sampling.picked(samples, question.options) if samples else even
    weight = len(samples) / len(counted)
    mixed = tuple(weight * s + (1 - weight) * e for s, e in zip(shares, even, strict=True))
    read = [vote.read for vote in counted if vote.read is not None]
    if not read:
        return Vote(mixed, problem, thoughts), samples
    keys = [candidate.key for candidate in read]
    most = max(keys, key=keys.count)
    share = keys.count(most) / len(counted)
    best = read[keys.index(most)]
    return Vote(mixed, problem, thoughts, read=best, certainty=share), samples
