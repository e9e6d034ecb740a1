"""Verify: doubtful fields become one-token questions whose log-probabilities are the LLM's vote."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hybrid.document import Document, Segment
from hybrid.extraction import LlmUsage
from hybrid.schema import Leaf
from hybrid.verify.candidates import Candidate
from hybrid.verify.prompts import VERIFY, block_text, neutralised, page_blocks, render

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatBackend, ChatReply, ChatRequest

MAX_OPTIONS = 8
LLM = "the LLM"
NONE_OF_THEM = "none of these lines"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LEAST_LEAD = 1.2
"""How many times as much as without a vote what was read has at least, however unsure the LLM is."""
_UNSEEN = -12.0
"""Log-probability of a letter that the server did not list."""


@dataclass(frozen=True)
class Question:
    """Which of these candidates is the leaf's value?

    Attributes:
        path: Of the leaf.
        leaf: For its description.
        options: At most `MAX_OPTIONS`; "none of them" is always added.
    """

    path: str
    leaf: Leaf
    options: tuple[Candidate, ...]


@dataclass(frozen=True)
class Vote:
    """The answer to a question.

    Attributes:
        shares: One for each option and last for "none"; sums to 1. None where nobody answered.
        problem: Why there are no shares, or why they are those of one order of the options only.
        reasoning: What the LLM thought, or None.
        voter: Who voted, for what readers are told.
        read: What the LLM read by itself, as it stands on the page; one of the options or another
            place. None where it only chose, or read nothing.
        empty: The LLM read the page for the leaf, and left it empty.
        certainty: With what probability it wrote `read`, or left the leaf empty.
        unsupported: What it answered that does not stand on the page, so that there are no shares.
    """

    shares: tuple[float, ...] | None
    problem: str | None = None
    reasoning: str | None = None
    voter: str = LLM
    read: Candidate | None = None
    empty: bool = False
    certainty: float = 1.0
    unsupported: str | None = None

    @property
    def favourite(self) -> int | None:
        """Index of the share that is larger than all others; None where there is none."""
        if not self.shares:
            return None
        best = max(self.shares)
        return self.shares.index(best) if self.shares.count(best) == 1 else None


def ask(
    document: Document, questions: Sequence[Question], backend: ChatBackend, context_tokens: int
) -> tuple[list[Vote], LlmUsage]:
    """Asks all questions on one document.

    Each question is asked twice, with its options in opposite order, and the votes are averaged:
    small models prefer the first or the last letter whatever it stands for. Letters, not segment
    numbers, are the choices, because a number of two digits is more than one token in many
    vocabularies and its first digit's log-probability would be shared with other numbers.

    Args:
        document: The page block that all prompts share.
        questions: On this document.
        backend: An LLM.
        context_tokens: Of that LLM.

    Returns:
        A vote for each question, in order, and the tokens spent.
    """
    return poll(backend, question_pairs(document, questions, context_tokens))


def question_pairs(
    document: Document, questions: Sequence[Question], context_tokens: int
) -> list[tuple[ChatRequest, ChatRequest]]:
    """The requests of `ask`: each question with its options forwards and backwards."""
    blocks = page_blocks(document, context_tokens)
    asked = [(question, block_of(question, blocks)) for question in questions]
    return [(_request(q, b, False), _request(q, b, True)) for q, b in asked]


def poll(
    backend: ChatBackend, pairs: Sequence[tuple[ChatRequest, ChatRequest]]
) -> tuple[list[Vote], LlmUsage]:
    """Asks each question twice, its options forwards and backwards, and averages the votes.

    Args:
        backend: An LLM.
        pairs: Requests with letters as choices, the first letter for the first option; the second
            request of a pair has the same options in opposite order.

    Returns:
        A vote for each pair, over the options as the first request has them, and the tokens spent.
    """
    from hybrid.llm.backend import usage_of
    from hybrid.llm.reasoning import thoughts_of

    replies = backend.complete_many([request for pair in pairs for request in pair])
    usage = LlmUsage()
    votes: list[Vote] = []
    for number, pair in enumerate(pairs):
        shares: list[tuple[float, ...]] = []
        problem: str | None = None
        thoughts: list[str | None] = []
        for backwards in (False, True):
            reply = replies[2 * number + backwards]
            usage += usage_of(reply)
            if isinstance(reply, Exception):
                problem = str(reply)
                continue
            thoughts.append(thoughts_of(reply))
            shares.append(shares_of(reply, len(pair[0].choices or ()), backwards))
        if shares:
            mean = tuple(sum(column) / len(shares) for column in zip(*shares, strict=True))
            votes.append(Vote(mean, problem, joined_thoughts(thoughts)))
        else:
            votes.append(Vote(None, problem))
    return votes, usage


def joined_thoughts(thoughts: Sequence[str | None]) -> str | None:
    """The thoughts behind several replies as one text, or None where there are none."""
    return "\n\n".join(thought for thought in thoughts if thought) or None


def block_of(question: Question, blocks: list[list[Segment]]) -> list[Segment]:
    """The block in which most of the options stand."""
    wanted = {number for option in question.options for number in option.segments}
    return max(blocks, key=lambda block: sum(s.id in wanted for s in block))


def option_text(option: Candidate) -> str:
    """An option as an LLM sees it."""
    return f"[{option.segments[0]}] {neutralised(option.text)[:120]}"


def shares_for(favourite: int, options: int, certainty: float) -> tuple[float, ...]:
    """The shares of a vote for one option, as far as the LLM was sure of it.

    Args:
        favourite: Its index.
        options: How many there are; "none" comes on top.
        certainty: From 0 to 1. The favourite has at least somewhat more than without a vote.
    """
    share = max(certainty, _LEAST_LEAD / (options + 1))
    rest = (1.0 - share) / options if options else 0.0
    return tuple(share if place == favourite else rest for place in range(options + 1))


def _request(question: Question, block: Sequence[Segment], backwards: bool) -> ChatRequest:
    texts = [*map(option_text, question.options), NONE_OF_THEM]
    return field_request(VERIFY, question, block, texts[::-1] if backwards else texts)


def field_request(
    prompt: str,
    question: Question,
    block: Sequence[Segment],
    texts: Sequence[str],
    **variables: str | int,
) -> ChatRequest:
    """A question on a field that is answered with one letter.

    Args:
        prompt: Name of a template that shows `page`, `field`, `description` and `options`.
        question: For its field.
        block: Of the page that the LLM sees.
        texts: Of the options, at most 26.
        variables: The template's others.
    """
    return choice_request(
        prompt,
        texts,
        page=block_text(block),
        field=question.leaf.name.replace("_", " "),
        description=question.leaf.description,
        **variables,
    )


def choice_request(prompt: str, texts: Sequence[str], **variables: str | int) -> ChatRequest:
    """A question that is answered with one letter.

    Args:
        prompt: Name of a template that shows `options`, each with `letter` and `text`.
        texts: Of the options, at most 26.
        variables: The template's others.
    """
    from hybrid.llm.backend import ChatRequest

    letters = LETTERS[: len(texts)]
    options = [{"letter": a, "text": t} for a, t in zip(letters, texts, strict=True)]
    messages = render(prompt, options=options, **variables)
    return ChatRequest(messages=messages, max_tokens=1, choices=tuple(letters), logprobs=True)


def shares_of(reply: ChatReply, count: int, backwards: bool) -> tuple[float, ...]:
    """Softmax over the letters' log-probabilities; all on the answer where none came back.

    Args:
        reply: To a request with letters as choices.
        count: Of these letters.
        backwards: Whether the options were shown in opposite order.

    Returns:
        One for each option, forwards.
    """
    letters = LETTERS[:count]
    seen: dict[str, float] = {}
    for token, value in (reply.logprobs or {}).items():
        letter = token.strip()
        seen[letter] = max(seen.get(letter, -math.inf), value)
    if any(letter in letters for letter in seen):
        weights = [math.exp(max(seen.get(letter, _UNSEEN), _UNSEEN)) for letter in letters]
    else:
        weights = [1.0 if letter == reply.text.strip() else 0.0 for letter in letters]
    total = sum(weights)
    shares = [w / total for w in weights]
    return tuple(reversed(shares)) if backwards else tuple(shares)
