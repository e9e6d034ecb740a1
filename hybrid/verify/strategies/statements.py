"""What is said in a debate: a letter and a short argument a turn, asked for, read and shown again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from hybrid.document import Segment
from hybrid.extraction import LlmUsage
from hybrid.verify.ask import LETTERS, NONE_OF_THEM, Question, field_request, option_text
from hybrid.verify.extract import reply_data
from hybrid.verify.prompts import DEBATE, DEBATE_JUDGE, neutralised
from hybrid.verify.strategies.critique import proposed_option

if TYPE_CHECKING:
    from hybrid.errors import ServerError
    from hybrid.llm.backend import ChatReply, ChatRequest

Speaker = Literal["proposer", "sceptic"]

_STATEMENT_TOKENS = 120
_LONGEST_ARGUMENT = 120


class Statement(BaseModel):
    """What one side said when it was its turn.

    Attributes:
        speaker: Who said it.
        letter: Of the option that it speaks for, or "" where the reply cannot be used.
        argument: Fit to be shown again.
        last: Nothing is left to be debated: both sides name the same letter, or this one has
            nothing to say.
        answered: Whether the server gave any reply.
        problem: With the reply, or None.
        usage: What it cost.
    """

    model_config = ConfigDict(frozen=True)

    speaker: Speaker
    letter: str = ""
    argument: str = ""
    last: bool = False
    answered: bool = True
    problem: str | None = None
    usage: LlmUsage = LlmUsage()


@dataclass(frozen=True)
class Topic:
    """What is debated.

    Attributes:
        question: Its options are named by letters.
        block: Of the page that all sides see.
    """

    question: Question
    block: Sequence[Segment]

    @property
    def texts(self) -> list[str]:
        """Of the options, "none" last."""
        return [*map(option_text, self.question.options), NONE_OF_THEM]

    @property
    def opening(self) -> str:
        """The letter that the GCN proposes, or "" where it knows nothing of the field."""
        proposed = proposed_option(self.question.options)
        return LETTERS[proposed] if proposed is not None else ""

    def statement_request(self, speaker: Speaker, said: Sequence[Statement]) -> ChatRequest:
        """Asks a side for its next statement, after what was said so far."""
        schema = {
            "type": "object",
            "properties": {
                "letter": {"type": "string", "enum": list(self._letters(said))},
                "argument": {"type": "string", "maxLength": _LONGEST_ARGUMENT},
            },
            "required": ["letter", "argument"],
            "additionalProperties": False,
        }
        changes = {"choices": None, "logprobs": False, "json_schema": schema}
        asked = self._request(DEBATE, said, speaker=speaker, opening=self.opening)
        return asked.model_copy(update={**changes, "max_tokens": _STATEMENT_TOKENS})

    def judge_request(self, said: Sequence[Statement]) -> ChatRequest:
        """Asks the judge for one letter."""
        return self._request(DEBATE_JUDGE, said)

    def read(
        self, speaker: Speaker, said: Sequence[Statement], reply: ChatReply | ServerError
    ) -> Statement:
        """The statement in a reply, as far as it can be used."""
        from hybrid.llm.backend import InvalidReplyError, usage_of

        data, problem = reply_data(reply)
        content = data if isinstance(data, dict) else {}
        letter, argument = content.get("letter"), content.get("argument")
        if not isinstance(letter, str) or letter not in tuple(self._letters(said)):
            # The last word: a model that cannot keep to the form is not asked for more of it.
            return Statement(
                speaker=speaker,
                last=True,
                answered=not isinstance(reply, Exception) or isinstance(reply, InvalidReplyError),
                problem=problem or "the LLM gave a statement for none of the options",
                usage=usage_of(reply) + LlmUsage(invalid_replies=int(problem is None)),
            )
        return Statement(
            speaker=speaker,
            letter=letter,
            argument=_shown_again(argument) if isinstance(argument, str) else "",
            last=bool(said) and said[-1].letter == letter,
            problem=problem,
            usage=usage_of(reply),
        )

    def note(self, said: Sequence[Statement], verdict: str) -> str:
        """What is recorded of a debate where thoughts are: options by their text."""
        named = dict(zip(LETTERS, self.texts, strict=False))
        return "\n".join([*_lines(said, named), f"judge: {named[verdict]}"])

    def _letters(self, said: Sequence[Statement]) -> str:
        """Letters that the next statement may speak for."""
        opening = self.opening if not said else ""
        return opening or LETTERS[: len(self.texts)]

    def _request(self, prompt: str, said: Sequence[Statement], **more: Any) -> ChatRequest:
        return field_request(
            prompt,
            self.question,
            self.block,
            self.texts,
            transcript="\n".join(_lines(said, {letter: letter for letter in LETTERS})),
            **more,
        )


def _lines(said: Sequence[Statement], named: dict[str, str]) -> list[str]:
    """One line a statement."""
    return [
        f"{statement.speaker}: {named[statement.letter]}"
        + (f', because "{statement.argument}"' if statement.argument else "")
        for statement in said
        if statement.letter
    ]


def _shown_again(argument: str) -> str:
    """Words of an LLM that has read a hostile page, so that they cannot speak in another role."""
    words = neutralised(argument).replace('"', "'").strip()
    # Half a character (a surrogate) could not be sent again.
    return words.encode("utf-8", "replace").decode()[:_LONGEST_ARGUMENT]
