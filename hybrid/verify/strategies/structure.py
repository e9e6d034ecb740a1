"""Structure: one structured call reads all doubtful fields, and votes for what it reads.

The LLM sees neither options nor letters, only the page and the names of the fields, as where it reads
a page alone. A small model that was tuned to read binds values to fields better than letters to
lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from hybrid.document import Document
from hybrid.extraction import LlmUsage
from hybrid.schema import LeafKind, letters_and_digits, part_of
from hybrid.verify.ask import Question, Vote, joined_thoughts, shares_for
from hybrid.verify.candidates import Candidate
from hybrid.verify.extract import Reading, candidate_of, read_often
from hybrid.verify.prompts import EXTRACT
from hybrid.verify.replies import Claim
from hybrid.verify.strategies.base import Case, OpenLlm, Voting
from hybrid.verify.strategies.drawing import DrawingStrategy
from hybrid.verify.strategies.sampling import Sample, Sampling

_SAME_TEXT = 85.0
"""Least likeness, out of 100, of a text that is read and the option that it is a vote for: less than
a line of an address more or less, more than a few letters misread."""


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
        every = [_votes(case, reading) for reading in readings]
        if count == 1:
            return Voting(every[0], usage)
        joined = [
            _joined(votes, question, self.sampling)
            for question, votes in zip(case.questions, zip(*every, strict=True), strict=True)
        ]
        return Voting([vote for vote, _ in joined], usage, [samples for _, samples in joined])


def _votes(case: Case, reading: Reading) -> list[Vote]:
    claims = {claim.path: claim for claim in reading.claims}
    return [_vote(q, claims.get(q.path), reading, case.document) for q in case.questions]


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
    even = _evenly(question)
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


def _vote(question: Question, claim: Claim | None, reading: Reading, document: Document) -> Vote:
    if question.path not in reading.answered:
        problem = reading.problem or "the LLM's reply lacks the field"
        return Vote(None, problem, reading.reasoning)
    certainty = reading.probabilities.get(question.path, 1.0)
    if claim is None or not claim.value:
        return replace(_no_preference(question, reading), empty=True, certainty=certainty)
    read = candidate_of(claim, document, search=True)
    favourite = _option(question, claim.value, read)
    if favourite is None and read is None:
        return Vote(None, "the LLM read a value that is not on the page", reading.reasoning)
    if favourite is None:
        # What it reads says nothing of how the options compare.
        vote = _no_preference(question, reading)
    else:
        shares = shares_for(favourite, len(question.options), certainty)
        vote = Vote(shares, reading.problem, reading.reasoning)
    return replace(vote, read=read, certainty=certainty)


def _no_preference(question: Question, reading: Reading) -> Vote:
    return Vote(_evenly(question), reading.problem, reading.reasoning)


def _evenly(question: Question) -> tuple[float, ...]:
    count = len(question.options) + 1
    return (1.0 / count,) * count


def _option(question: Question, text: str, read: Candidate | None) -> int | None:
    """Place of the option that is what was read, or None."""
    for place, option in enumerate(question.options):
        if read is not None and option.key == read.key:
            return place
    if question.leaf.kind is not LeafKind.TEXT or not question.options:
        return None
    letters = letters_and_digits(text)
    likeness = [fuzz.ratio(letters, letters_and_digits(o.text)) for o in question.options]
    best = max(range(len(likeness)), key=likeness.__getitem__)
    return best if likeness[best] >= _SAME_TEXT else None
