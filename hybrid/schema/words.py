"""Words of names and of printed texts, made comparable: case, accents, short forms of "number"."""

from __future__ import annotations

import re
import unicodedata

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Between the words of a name in camelCase."""
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l"})
_COMPOUND = re.compile(r"(?<=\w{3})(?:nummer|nr)\b\.?")
_NUMBER = re.compile(r"\b(?:number|nummer|num|nr|no|numero|numer)\b\.?|\bn\.(?=\s?[^\W\d_]{3})|#")
NUMBER_SIGN = re.compile(r"\bn\s?\.?\s?[°º]|№", re.IGNORECASE)
"""How "number" is written on the continent: "n°", "N.º"."""
_UNIT = re.compile(
    r"(?<=.)_(?:kg|g|lbs?|km|mm|cm|m2|m3|kwh|eur|euro|usd|gbp|chf|inr)$", re.IGNORECASE
)
"""Behind the name of a field."""


def words_of(name: str) -> str:
    """The name of a field in words: "pay_date" and "payDate" both give "pay date"."""
    spaced = name.replace("_", " ")
    parted = _HUMP.sub(" ", spaced)
    if parted == spaced:
        return spaced
    # Capitals that are no word's beginning are kept: "customerVATNumber".
    return " ".join(part if part.isupper() else part.lower() for part in parted.split(" "))


def letters_and_digits(text: str) -> str:
    """Case folded, with everything but letters and digits taken out."""
    return "".join(c for c in text.casefold() if c.isalnum())


def without_accents(text: str) -> str:
    """A text in small letters as it is written where there are no accents: "ä" is "ae", "é" is "e"."""
    if text.isascii():
        return text
    return bare(text.translate(_WRITTEN_OUT))


def bare(text: str) -> str:
    """A text without the marks of its letters: "ä" is "a"."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def plain_words(text: str) -> str:
    """Small letters without accents, and "no" for every word or sign for "number": "Rechnungs-Nr." is "rechnungs-no"."""
    spelled = without_accents(NUMBER_SIGN.sub("no ", text.casefold()))
    return _NUMBER.sub("no", _COMPOUND.sub(" no", spelled))


def without_unit(name: str) -> str:
    """The name of a field without its unit: "weight" for "weight_kg"."""
    return _UNIT.sub("", name)
