"""Certainty: how probable an LLM found a value while it wrote it."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hybrid.schema import Leaf

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatReply


_BEGINNING = 4
"""Tokens of a value in which an LLM decides what it copies; the others say how it is spelled, which says
little: an address of forty tokens has a probability of .2 at best, right or wrong."""


@dataclass(frozen=True)
class Certainty:
    """How probable a value was while it was written, from 0 to 1.

    Where the server masks before it reports, that is among all texts that the grammar allows there.

    Attributes:
        whole: Of all its tokens together.
        beginning: Of its first four.
    """

    whole: float
    beginning: float


def value_certainty(reply: ChatReply, leaf: Leaf, value: str) -> Certainty | None:
    """The certainty of a field's value in a structured reply.

    Args:
        reply: Asked for with a JSON schema and log-probabilities, values before their lines.
        leaf: The field.
        value: As it stands in the reply; "" where it was left empty.

    Returns:
        None where the server gave no log-probabilities, or the value is not found.
    """
    if reply.tokens is None:
        return None
    name = re.escape(json.dumps(leaf.name))
    field = re.compile(rf'{name}\s*:\s*\{{\s*"value"\s*:\s*(")((?:[^"\\]|\\.)*)"')
    for match in field.finditer(reply.text):
        if _unescaped(match[2]) == value:
            written = _written(reply.tokens, match.start(2), match.end())
            whole, beginning = (math.exp(sum(part)) for part in (written, written[:_BEGINNING]))
            return Certainty(whole, beginning)
    return None


def _unescaped(text: str) -> str | None:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return None


def _written(tokens: tuple[tuple[str, float], ...], start: int, end: int) -> list[float]:
    """Log-probabilities of the tokens between two places of the text, the closing quote's too."""
    place, found = 0, []
    for text, logarithm in tokens:
        if place < end and place + len(text) > start:
            found.append(logarithm)
        place += len(text)
    return found
