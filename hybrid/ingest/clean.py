"""Text out of documents is data from strangers: made printable, normal and short."""

from __future__ import annotations

import unicodedata

# Zero-width and direction-changing characters: invisible, so they can only mislead a reader.
# The joiners U+200C and U+200D stay, as some scripts need them.
_INVISIBLE = frozenset("\u00ad\u200b\u200e\u200f\u2060\ufeff") | frozenset(
    map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)


def clean_text(text: str) -> str:
    """Makes text safe to store, print and compare.

    Args:
        text: Anything, also NULs and lone surrogates.

    Returns:
        The text in Unicode's NFC, without control characters, surrogates, non-characters and
        invisible ones; each run of blanks, tabs and line ends is one blank; none at the ends.
    """
    kept = (
        " " if character.isspace() else character
        for character in text
        if character.isspace()
        or (unicodedata.category(character) not in ("Cc", "Cs", "Cn") and character not in _INVISIBLE)
    )
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())
