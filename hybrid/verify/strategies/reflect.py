"""Reflect: draft, reflect on the evidence, answer; for models that do not reason by themselves.

Two requests an answer. The first asks for a draft and words of the page that show it; code looks
whether these words stand there; the second shows both, and its one token is the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz

from hybrid.document import Document, Segment
from hybrid.extraction import LlmUsage
from hybrid.schema import letters_and_digits
from hybrid.verify.ask import (
    LETTERS,
    NONE_OF_THEM,
    Question,
    Vote,
    block_of,
    field_request,
    joined_thoughts,
    option_text,
)
from hybrid.verify.extract import TEMPERATURE, reply_data
from hybrid.verify.ground import FUZZY_SCORE
from hybrid.verify.prompts import REFLECT, REFLECT_ANSWER, neutralised, page_blocks
from hybrid.verify.strategies.base import Case, OpenLlm, Voting
from hybrid.verify.strategies.drawing import DrawingStrategy, is_backwards, sample_of
from hybrid.verify.strategies.sampling import Sample

if TYPE_CHECKING:
    from hybrid.errors import ServerError
    from hybrid.llm.backend import ChatReply, ChatRequest

_DRAFT_TOKENS = 120
_LONGEST_EVIDENCE = 120
_SHORTEST_EVIDENCE = 3
"""Letters and digits; fewer are on every page."""


@dataclass(frozen=True)
class _Draft:
    """One answer on its way.

    Attributes:
        question: That is answered.
        block: Of the page that the LLM sees.
        backwards: Whether the options stand in opposite order.
        letter: The draft, or "" where there is none.
        evidence: As it was given, fit to be shown again.
        found: Whether the evidence stands in the block.
        problem: Of the first reply.
        unusable: The first reply passed for JSON, and held no draft.
    """

    question: Question
    block: Sequence[Segment]
    backwards: bool
    letter: str = ""
    evidence: str = ""
    found: bool = False
    problem: str | None = None
    unusable: bool = False

    @property
    def texts(self) -> list[str]:
        """Of the options, in the order in which they are shown."""
        texts = [*map(option_text, self.question.options), NONE_OF_THEM]
        return texts[::-1] if self.backwards else texts

    def request(self, prompt: str, **more: Any) -> ChatRequest:
        """A question of one letter, with the draft where the template shows one."""
        return field_request(prompt, self.question, self.block, self.texts, **more)


class ReflectStrategy(DrawingStrategy):
    """Half of the answers see the options in opposite order, so that a letter's favour evens out.

    Drafts are drawn; the answer to each is the likeliest one.
    """

    kind = "reflect"
    needs_thoughts = False
    prompts = (REFLECT, REFLECT_ANSWER)
    rounds = 2

    def votes(self, case: Case, open_llm: OpenLlm) -> Voting:
        """See `Strategy`."""
        from hybrid.llm.backend import InvalidReplyError, usage_of

        backend, room = open_llm()
        blocks = page_blocks(case.document, room)
        count = self.sampling.samples
        drafts = [
            _Draft(question, block_of(question, blocks), is_backwards(number, count))
            for question in case.questions
            for number in range(count)
        ]
        replies = backend.complete_many(
            [self._draft_request(draft, n % count) for n, draft in enumerate(drafts)]
        )
        usage = sum(map(usage_of, replies), LlmUsage())
        drafts = [_read(draft, reply) for draft, reply in zip(drafts, replies, strict=True)]
        # A server that gives no reply at all is not asked for the answer.
        asked = [
            n
            for n, reply in enumerate(replies)
            if not isinstance(reply, Exception) or isinstance(reply, InvalidReplyError)
        ]
        answers: dict[int, ChatReply | ServerError] = (
            dict(
                zip(
                    asked,
                    backend.complete_many([_answer_request(drafts[n]) for n in asked]),
                    strict=True,
                )
            )
            if asked
            else {}
        )
        usage = sum(map(usage_of, answers.values()), usage)
        votes: list[Vote] = []
        drawn: list[Sequence[Sample]] = []
        for start in range(0, len(drafts), count):
            numbers = range(start, start + count)
            vote, samples, corrected = self._vote(
                [(drafts[n], answers.get(n)) for n in numbers], case.document
            )
            votes.append(vote)
            drawn.append(samples)
            unusable = sum(drafts[n].unusable for n in numbers)
            usage += LlmUsage(corrections=corrected, invalid_replies=unusable)
        return Voting(votes, usage, drawn)

    def _draft_request(self, draft: _Draft, number: int) -> ChatRequest:
        letters = LETTERS[: len(draft.texts)]
        drawn = {"temperature": TEMPERATURE, "seed": number} if self.sampling.samples > 1 else {}
        schema = {
            "type": "object",
            "properties": {
                "draft": {"type": "string", "enum": list(letters)},
                "evidence": {"type": "string", "maxLength": _LONGEST_EVIDENCE},
            },
            "required": ["draft", "evidence"],
            "additionalProperties": False,
        }
        changes = {"choices": None, "logprobs": False, "json_schema": schema}
        return draft.request(REFLECT).model_copy(
            update={**changes, "max_tokens": _DRAFT_TOKENS, **drawn}
        )

    def _vote(
        self, answers: Sequence[tuple[_Draft, ChatReply | ServerError | None]], document: Document
    ) -> tuple[Vote, list[Sample], int]:
        """A question's vote, its answers, and how many of them differ from their drafts."""
        from hybrid.llm.reasoning import thoughts_of

        samples: list[Sample] = []
        notes: list[str | None] = []
        problem: str | None = None
        corrected = 0
        for draft, reply in answers:
            problem = draft.problem or problem
            if reply is None or isinstance(reply, Exception):
                problem = str(reply) if reply is not None else problem
                continue
            letter = reply.text.strip()
            corrected += bool(draft.letter) and draft.letter != letter
            sample = sample_of(reply, len(draft.texts), draft.backwards)
            samples.append(replace(sample, grounding=_grounding(draft, sample.answer, document)))
            notes += [_note(draft, letter), thoughts_of(reply)]
        if not samples:
            return Vote(None, problem), [], 0
        shares = self.sampling.picked(samples, answers[0][0].question.options)
        return Vote(shares, problem, joined_thoughts(notes)), samples, corrected


def _answer_request(draft: _Draft) -> ChatRequest:
    return draft.request(
        REFLECT_ANSWER, draft=draft.letter, evidence=draft.evidence, found=draft.found
    )


def _read(draft: _Draft, reply: ChatReply | ServerError) -> _Draft:
    """With what the first reply says, as far as it can be used."""
    data, problem = reply_data(reply)
    said = data if isinstance(data, dict) else {}
    letter, evidence = said.get("draft"), said.get("evidence")
    if not isinstance(letter, str) or letter not in tuple(LETTERS[: len(draft.texts)]):
        missing = "the LLM gave a draft that is none of the options"
        return replace(draft, problem=problem or missing, unusable=problem is None)
    words = neutralised(evidence if isinstance(evidence, str) else "").replace('"', "'").strip()
    # Half a character (a surrogate) could not be sent again.
    words = words.encode("utf-8", "replace").decode()[:_LONGEST_EVIDENCE]
    found = _stands_in(words, draft.block)
    return replace(draft, letter=letter, evidence=words, found=found, problem=problem)


def _stands_in(evidence: str, segments: Sequence[Segment]) -> bool:
    wanted = letters_and_digits(evidence)
    text = letters_and_digits(" ".join(segment.text for segment in segments))
    if len(wanted) < _SHORTEST_EVIDENCE or len(wanted) > len(text):
        return False
    return wanted in text or fuzz.partial_ratio(wanted, text) >= FUZZY_SCORE


def _grounding(draft: _Draft, answer: int, document: Document) -> float:
    """1 where the evidence and the line that was answered share text, .5 where it is on the page."""
    if answer == len(draft.question.options):
        return 0.5  # "none" has no words to show
    if not draft.found:
        return 0.0
    cited = set(draft.question.options[answer].segments)
    own = [segment for segment in document.segments if segment.id in cited]
    text = letters_and_digits(" ".join(segment.text for segment in own))
    wanted = letters_and_digits(draft.evidence)
    return 1.0 if text in wanted or _stands_in(draft.evidence, own) else 0.5


def _note(draft: _Draft, letter: str) -> str:
    """What is recorded of an answer where thoughts are."""
    answer = draft.texts[LETTERS.index(letter)]
    if not draft.letter:
        return f"answer: {answer}"
    where = "on the page" if draft.found else "not on the page"
    evidence = f'evidence: "{draft.evidence}" ({where})' if draft.evidence else "no evidence"
    before = draft.texts[LETTERS.index(draft.letter)]
    last = f"corrected to: {answer}" if draft.letter != letter else "answer: the draft"
    return f"draft: {before}; {evidence}; {last}"
