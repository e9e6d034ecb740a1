"""Certainty: how probable an LLM found a value while it wrote it."""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatReply


_BEGINNING = 4
"""Tokens of a value in which an LLM decides what it copies; the others say how it is spelled, which says
little: an address of forty tokens has a probability of .2 at best, right or wrong."""

_PIECE = re.compile(r'"(?P<string>(?:[^"\\]|\\.)*)"(?P<colon>\s*:)?|[{}\[\]]')
"""Of JSON: a string, which is a name where a colon follows, or a bracket."""


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


def certainties_of(reply: ChatReply) -> Iterator[tuple[str, str, Certainty]]:
    """The certainties of all values in a structured reply.

    Args:
        reply: Asked for with a JSON schema and log-probabilities, values before their lines. It may
            have been cut off.

    Yields:
        In the order of the reply the path of the leaf ("items[].price" in all items), the value as it
        stands there, "" where it was left empty, and its certainty. Nothing where the server gave no
        log-probabilities.
    """
    for path, name, value, certainty in _certain_texts(reply):
        if name == "value":
            yield path, value, certainty


def certainties_by_name(reply: ChatReply) -> dict[str, Certainty]:
    """The certainties of the texts of a reply that is one flat object, by their names.

    Args:
        reply: Asked for with a JSON schema and log-probabilities.

    Returns:
        Nothing where the server gave no log-probabilities.
    """
    return {name: certainty for path, name, _, certainty in _certain_texts(reply) if not path}


def _certain_texts(reply: ChatReply) -> Iterator[tuple[str, str, str, Certainty]]:
    """The texts of a reply: path of the object that each stands in, its name, the text, its certainty."""
    if reply.tokens is None:
        return
    # Where each token ends.
    ends = list(accumulate(len(text) for text, _ in reply.tokens))
    for path, name, value, start, end in _texts(reply.text):
        tokens = reply.tokens[bisect_right(ends, start) : bisect_left(ends, end) + 1]
        written = [logarithm for _, logarithm in tokens]
        whole, beginning = (math.exp(sum(part)) for part in (written, written[:_BEGINNING]))
        yield path, name, value, Certainty(whole, beginning)


def _texts(text: str) -> Iterator[tuple[str, str, str, int, int]]:
    """As `_certain_texts`, with where a text's letters and its closing quote stand."""
    around: list[str] = []
    name = ""
    for piece in _PIECE.finditer(text):
        sign = piece[0]
        if sign in "{[":
            around.append(name + "[]" * (sign == "["))
            name = ""
        elif sign in "}]":
            del around[-1:]
            name = ""
        elif (written := _unescaped(piece["string"])) is None:
            continue
        elif piece["colon"]:
            name = written
        elif name:
            path = ".".join(filter(None, around))
            yield path, name, written, piece.start("string"), piece.end("string") + 1


def _unescaped(text: str) -> str | None:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return None
