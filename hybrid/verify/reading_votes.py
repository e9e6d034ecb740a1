"""Reading votes: what an LLM read off the page by itself is its vote on a question.

The LLM saw neither options nor letters, only the page and the names of the fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from hybrid.document import Document
from hybrid.schema import LeafKind, letters_and_digits
from hybrid.verify.ask import Question, Vote, shares_for
from hybrid.verify.candidates import Candidate
from hybrid.verify.extract import Reading, candidate_of
from hybrid.verify.replies import Claim

_SAME_TEXT = 85.0
"""Least likeness, out of 100, of a text that is read and the option that it is a vote for: less than
a line of an address more or less, more than a few letters misread."""


def votes_of(
    reading: Reading,
    questions: Sequence[Question],
    document: Document,
    usual: float = 1.0,
    whole: bool = True,
) -> list[Vote]:
    """The votes that a reading is, one for each question.

    Args:
        reading: Of at least the questions' leaves.
        questions: On leaves outside lists.
        document: That was read.
        usual: How sure the LLM is taken to be where its log-probabilities do not say.
        whole: How sure it was of all of a value, as fusions are fitted; else of the value's beginning,
            which tells right from wrong better.

    Returns:
        Votes for the option that was read, and what was read itself, be it an option or not.
        Without shares where the reply lacks the field, or the page lacks the value.
    """
    claims = {claim.path: claim for claim in reading.claims}
    known = {
        path: certainty.whole if whole else certainty.beginning
        for path, certainty in reading.certainties.items()
    }
    return [
        _vote(q, claims.get(q.path), reading, document, known.get(q.path, usual)) for q in questions
    ]


def evenly(question: Question) -> tuple[float, ...]:
    """Shares of a vote that prefers nothing."""
    count = len(question.options) + 1
    return (1.0 / count,) * count


def _vote(
    question: Question, claim: Claim | None, reading: Reading, document: Document, certainty: float
) -> Vote:
    if question.path not in reading.answered:
        problem = reading.problem or "the LLM's reply lacks the field"
        return Vote(None, problem, reading.reasoning)
    if claim is None or not claim.value:
        return replace(_no_preference(question, reading), empty=True, certainty=certainty)
    read = candidate_of(claim, document, search=True)
    favourite = _option(question, claim.value, read)
    if favourite is None and read is None:
        return Vote(None, None, reading.reasoning, unsupported=claim.value)
    if favourite is None:
        # What it reads says nothing of how the options compare.
        vote = _no_preference(question, reading)
    else:
        shares = shares_for(favourite, len(question.options), certainty)
        vote = Vote(shares, reading.problem, reading.reasoning)
    return replace(vote, read=read, certainty=certainty)


def _no_preference(question: Question, reading: Reading) -> Vote:
    return Vote(evenly(question), reading.problem, reading.reasoning)


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
