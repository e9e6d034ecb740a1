"""Certainty: how probable an LLM found a value while it wrote it."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

from hybrid.schema import Leaf

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatReply


def value_probability(reply: ChatReply, leaf: Leaf, value: str) -> float | None:
    """The probability of a field's value in a structured reply: of all its tokens together.

    Where the server masks before it reports, that is among all texts that the grammar allows there.

    Args:
        reply: Asked for with a JSON schema and log-probabilities, values before their lines.
        leaf: The field.
        value: As it stands in the reply; "" where it was left empty.

    Returns:
        From 0 to 1; None where the server gave no log-probabilities, or the value is not found.
    """
    if reply.tokens is None:
        return None
    name = re.escape(json.dumps(leaf.name))
    field = re.compile(rf'{name}\s*:\s*\{{\s*"value"\s*:\s*(")((?:[^"\\]|\\.)*)"')
    for match in field.finditer(reply.text):
        if _unescaped(match[2]) == value:
            return _probability(reply.tokens, match.start(2), match.end())
    return None


def _unescaped(text: str) -> str | None:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return None


def _probability(tokens: tuple[tuple[str, float], ...], start: int, end: int) -> float:
    """Of the tokens that have a part between two places of the text, the closing quote too."""
    place, total = 0, 0.0
    for text, logarithm in tokens:
        if place < end and place + len(text) > start:
            total += logarithm
        place += len(text)
    return math.exp(total)
