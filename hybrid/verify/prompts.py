"""Prompt templates: versioned text files with named variables, and the page as a delimited block.

Instruction and page come first and the question last, so that the server's prefix cache holds the
page and each further question costs only its own tokens.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined, Template

from hybrid.document import Document, Segment
from hybrid.errors import HybridError
from hybrid.resources import prompts_dir

if TYPE_CHECKING:
    from hybrid.llm.backend import Message

VERIFY = "verify.v1"
CRITIQUE = "critique.v1"
REFLECT = "reflect.v1"
REFLECT_ANSWER = "reflect-answer.v1"
DEBATE = "debate.v1"
DEBATE_JUDGE = "debate-judge.v1"
STRUCTURE = "structure.v1"
EXTRACT = "extract.v2"
COLUMNS = "columns.v1"
LABEL = "label.v1"
LABEL_CHOICE = "label-choice.v1"

_CHARACTERS_PER_TOKEN = 2.0
"""Receipts are digits and punctuation, which small vocabularies split one by one."""
_RESERVED_TOKENS = 1400
"""For the instruction, the question, its options and the answer."""
_LONGEST_LINE = 160
_SMALLEST_BLOCK = 600


@lru_cache(maxsize=16)
def _template(name: str) -> tuple[str, list[tuple[str, Template]]]:
    path = prompts_dir() / f"{name}.txt"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise HybridError(f"prompt {name!r} cannot be read from {path}: {error.strerror}") from None
    # Plain text, not HTML: autoescaping would put entities into what the model reads.
    environment = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701
    parts = re.split(r"^## (system|user)\n", text, flags=re.MULTILINE)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    messages = [(role, environment.from_string(body.rstrip("\n"))) for role, body in pairs]
    return hashlib.sha256(text.encode()).hexdigest(), messages


def prompt_hash(name: str) -> str:
    """SHA-256 of a template's text."""
    return _template(name)[0]


def render(name: str, **variables: Any) -> tuple[Message, ...]:
    """The messages of a template.

    Raises:
        HybridError: If the template cannot be read.
        jinja2.UndefinedError: If a variable of the template is not given.
    """
    from hybrid.llm.backend import Message

    _, messages = _template(name)
    return tuple(Message(role=role, content=body.render(**variables)) for role, body in messages)


def neutralised(text: str) -> str:
    """Page text that cannot end its block nor speak in another role.

    Line breaks become blanks, our own delimiters and chat templates' control tokens lose their
    brackets. Values are never read from this text but from the page itself.
    """
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"<\s*(/?)\s*(page|table)\b[^>]*>?", r"(\1\2)", text, flags=re.IGNORECASE)
    text = re.sub(r"<\|?(.{0,40}?)\|>", r"(\1)", text)
    text = re.sub(r"<(/?(?:s|bos|eos|think|start_of_turn|end_of_turn))>", r"(\1)", text)
    return re.sub(r"\[(/?)INST\]", r"(\1INST)", text)


def shown(segment: Segment) -> str:
    """A segment's text as an LLM may see it: neutralised and not too long."""
    text = neutralised(segment.text)
    return text if len(text) <= _LONGEST_LINE else text[: _LONGEST_LINE - 1] + "…"


def line(segment: Segment) -> str:
    """One numbered line of a page block."""
    return f"[{segment.id}] {shown(segment)}"


def page_budget(context_tokens: int) -> int:
    """Characters of page text that fit beside instruction, question and answer."""
    return max(int((context_tokens - _RESERVED_TOKENS) * _CHARACTERS_PER_TOKEN), _SMALLEST_BLOCK)


def tokens_of(characters: int) -> int:
    """Tokens of page text of so many characters, rather too many than too few."""
    return max(int(characters / _CHARACTERS_PER_TOKEN), 0)


def page_blocks(
    document: Document,
    context_tokens: int,
    overlap: int = 4,
    write: Callable[[Segment], str] = line,
    most_lines: int | None = None,
    by_page: bool = False,
) -> list[list[Segment]]:
    """Cuts a document into blocks of segments that each fit into a prompt.

    Args:
        document: Any length.
        context_tokens: Of the model.
        overlap: Segments repeated at the start of the next block, so that no value is cut.
        write: The line that a segment becomes.
        most_lines: Of a block, or None for as many as fit.
        by_page: Begin a new block, without overlap, with each page.

    Returns:
        Segments of each block, in reading order; one block wherever all fits.
    """
    budget = page_budget(context_tokens)
    blocks: list[list[Segment]] = []
    current: list[Segment] = []
    used = 0
    for segment in document.segments:
        length = len(write(segment)) + 1
        turned = by_page and current and segment.page != current[-1].page
        if current and (turned or used + length > budget or len(current) == most_lines):
            blocks.append(current)
            current = [] if turned or not overlap else current[-overlap:]
            used = sum(len(write(s)) + 1 for s in current)
        current.append(segment)
        used += length
    return [*blocks, current] if current else blocks


def block_text(segments: Sequence[Segment], write: Callable[[Segment], str] = line) -> str:
    """Lines, one a segment; numbered where nothing else is said."""
    return "\n".join(write(s) for s in segments)
