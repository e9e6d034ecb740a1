"""Without its name: what an LLM copied together with the words that only name it."""

from __future__ import annotations

import re

from hybrid.schema import Leaf, LeafKind, plain_words

_FEWEST_DIGITS = 3
_NUMBER = "no"
"""As `plain_words` writes all words for it."""
_COUNTRY = 3
"""Letters of a word without digits in a code, at most: "GB 123 4567 89"."""


def without_name(value: str, leaf: Leaf) -> str:
    """A code without the name of its field: "61 884 207 315" of "ABN 61 884 207 315" for `abn`.

    Small models copy the whole line, whatever they are told. Only of a code it is sure what is the
    name: an address may begin with "Unit" or "No.".

    Args:
        value: As the LLM wrote it.
        leaf: Its field, with its keys.
    """
    if leaf.kind is not LeafKind.TEXT:
        return value
    known = {word for key in leaf.keys for word in _words(key)}
    words = value.split()
    named = 0
    while named < len(words) and (own := _words(words[named])) and known.issuperset(own):
        known.add(_NUMBER)  # but "NO. 18, JALAN BESAR" does not begin with the name of an address
        named += 1
    rest = words[named:]
    digits = sum(c.isdigit() for word in rest for c in word)
    is_code = all(any(c.isdigit() for c in word) or len(word) <= _COUNTRY for word in rest)
    return " ".join(rest) if named and digits >= _FEWEST_DIGITS and is_code else value


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", plain_words(text))
