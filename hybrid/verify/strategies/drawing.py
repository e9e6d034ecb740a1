"""What strategies have in common of which several answers can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Self

from hybrid.extraction import LlmUsage
from hybrid.verify.ask import LETTERS, Question, Vote, joined_thoughts, poll, shares_of
from hybrid.verify.strategies.base import Voting
from hybrid.verify.strategies.sampling import TRAINED, Sample, Sampling
from hybrid.verify.strategies.trained import TrainedScorer

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatBackend, ChatReply, ChatRequest


class DrawingStrategy:
    """A strategy with one answer to a question or several.

    Args:
        sampling: How many, and who picks.
    """

    kind: ClassVar[str]
    needs_thoughts: ClassVar[bool]
    """Several answers differ only where the LLM thinks before each of them."""
    fusion = None

    def __init__(self, sampling: Sampling | None = None) -> None:
        self.sampling = sampling or Sampling()

    @property
    def name(self) -> str:
        """See `Strategy`."""
        return f"{self.kind}{self.sampling.suffix}"

    def scored_by(self, scorer: TrainedScorer) -> Self:
        """The same strategy, with its trained scorer."""
        return type(self)(replace(self.sampling, scorer=TRAINED, trained=scorer))


def sample_of(reply: ChatReply, count: int, backwards: bool) -> Sample:
    """The answer in a reply of one letter.

    Args:
        reply: That passed its check.
        count: Of the letters that it could choose from.
        backwards: Whether the options were shown in opposite order.
    """
    place = LETTERS.index(reply.text.strip())
    return Sample(shares_of(reply, count, backwards), count - 1 - place if backwards else place)


def is_backwards(number: int, samples: int) -> bool:
    """Whether an answer's options are shown in opposite order: those of the second half.

    Answers to the same prompt follow each other, so that they can be drawn as one request.
    """
    return number >= (samples + 1) // 2


def polled(
    backend: ChatBackend,
    pairs: Sequence[tuple[ChatRequest, ChatRequest]],
    sampling: Sampling,
    questions: Sequence[Question] = (),
) -> Voting:
    """Votes on questions that are answered with one letter.

    A single answer is that of `poll`: both orders of the options, by their log-probabilities.
    Several are drawn: requests differ in their seed, so that a model that thinks does so anew, and
    half of them show the options in opposite order.

    Args:
        backend: An LLM.
        pairs: For each question its request, with the options forwards and backwards.
        sampling: How many answers, and who picks.
        questions: That are asked, where they are on fields: for a trained scorer.
    """
    from hybrid.llm.backend import usage_of
    from hybrid.llm.reasoning import thoughts_of

    if sampling.samples == 1:
        votes, usage = poll(backend, pairs)
        return Voting(votes, usage)
    requests = [
        pair[is_backwards(number, sampling.samples)].model_copy(update={"seed": number})
        for pair in pairs
        for number in range(sampling.samples)
    ]
    replies = backend.complete_many(requests)
    drawn: list[Sequence[Sample]] = []
    picked: list[Vote] = []
    for place, (request, _) in enumerate(pairs):
        samples: list[Sample] = []
        thoughts: list[str | None] = []
        problem: str | None = None
        for number in range(sampling.samples):
            reply = replies[place * sampling.samples + number]
            if isinstance(reply, Exception):
                problem = str(reply)
                continue
            backwards = is_backwards(number, sampling.samples)
            samples.append(sample_of(reply, len(request.choices or ()), backwards))
            thoughts.append(thoughts_of(reply))
        options = questions[place].options if questions else ()
        shares = sampling.picked(samples, options) if samples else None
        picked.append(Vote(shares, problem, joined_thoughts(thoughts)))
        drawn.append(samples)
    return Voting(picked, sum(map(usage_of, replies), LlmUsage()), drawn)
