"""Contacts: e-mail addresses, websites, telephone numbers and IBANs, which their shape tells from all else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from pydantic import AnyUrl, EmailStr

from hybrid.document import Segment
from hybrid.schema import Leaf, LeafKind, letters_and_digits
from hybrid.verify.candidates import Candidate
from hybrid.verify.dates import find_dates
from hybrid.verify.parties.titles import spaced


class Shape(StrEnum):
    """What a string is by its shape, and by the word in front of it."""

    EMAIL = "e-mail address"
    WEBSITE = "website"
    PHONE = "telephone"
    MOBILE = "mobile telephone"
    FAX = "fax"
    IBAN = "IBAN"
    NUMBER = "telephone or fax, it does not say"


class Contact(NamedTuple):
    """A string of such a shape.

    Attributes:
        shape: What it is.
        segment: Index of the segment that it stands in.
        start: Its first character in the segment's text.
        end: The character after it.
        text: As it is printed.
    """

    shape: Shape
    segment: int
    start: int
    end: int
    text: str


_CALLED = {
    Shape.EMAIL: r"e ?-?mail|mail|courriel|correo(?: electr[oó]nico)?",
    Shape.WEBSITE: r"web ?site|web|web ?page|url|home ?page|internet|site (?:web|internet)|sitio web",
    Shape.MOBILE: r"(?:mobile?|cell|cellular|handy|m[oó]vil)(?: ?(?:tele)?(?:phone|f?on))?|portable",
    Shape.FAX: r"(?:tele ?)?fax",
    Shape.PHONE: r"(?:tele)?phone|tele?|telefon|t[eé]l[eé]phone|tel[eé]fono|t[eé]l|ph",
    Shape.IBAN: r"iban",
}
"""What fields and labels call each, in small letters."""
_LETTERS = {Shape.MOBILE: "m", Shape.FAX: "f", Shape.PHONE: "[tp]"}
"""The same of labels that are one letter: "T +47 22 55 01 10"."""
_BEHIND = r"(?: ?(?:address|adresse|number|nummer|no|nr))?"
_FIELD = {
    shape: re.compile(rf"(?:(?P<whose>.+?) )??(?:{called}){_BEHIND}", re.IGNORECASE)
    for shape, called in _CALLED.items()
}
_LABEL = {
    shape: re.compile(
        rf"(?<![^\W\d_])(?:(?:{_CALLED[shape]}){_BEHIND}|{letter})\s*[.:]*\s*$", re.IGNORECASE
    )
    for shape, letter in _LETTERS.items()
}
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WEBSITE = re.compile(r"(?<![\w@.])(?:https?://|www\.)[\w-]+(?:\.[\w-]+)+(?:/[\w./?=&%#-]*)?")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_PHONE = re.compile(r"(?<![\w./+-])(?:\+|\(\+?)?\d[\d ()/.–-]{5,20}\d(?![\w/-]|[.,]\d)")
_PLAIN_PHONE = re.compile(r"\+|(?:1[-. ])?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}$|\(0\d")
"""What is a telephone number without a word that says so."""
_PHONE_LINE = re.compile(r"0\d{2,4} \d{3} \d{3,4}|0\d(?: \d\d){4}")
"""The same where it is the whole line."""
_MASKED = re.compile(r"[*•xX]{3,}")
_DIGITS = (7, 15)
_FEWEST_DIGITS = 6
"""Of a number beside a key."""
_LABEL_WITHIN = 8.0
"""Line heights between a label and the number to its right, at most."""

_ANY_PHONE = re.compile(r"(?:\+|\(\+?)?\d[\d ()/.–-]{3,20}\d(?:\s?(?:ext|x|Durchwahl)\.?\s?\d+)?")
_SHAPES = {
    Shape.EMAIL: re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\s?\.\s?[\w-]+)*"),
    Shape.WEBSITE: re.compile(
        r"(?<![\w.:/-])(?:https?://)?[\w-]+(?:\.\s?[\w-]+)+(?:/[\w./?=&%#-]*)?"
    ),
    Shape.PHONE: _ANY_PHONE,
    Shape.MOBILE: _ANY_PHONE,
    Shape.FAX: _ANY_PHONE,
    Shape.IBAN: re.compile(r"[A-Z]{2}\s?\d{2}(?:\s?[A-Z0-9]{2,4}){3,9}"),
}
"""What may be read beside a key, where OCR is forgiven more than in running text."""


def asked_by(leaf: Leaf) -> tuple[Shape, str] | None:
    """The shape of what a text field asks for, and whose it is ("customer" of `customer_email`, or "").

    Its name says so, its type, or else one of its keys; None for any other field.
    """
    if leaf.kind is not LeafKind.TEXT:
        return None
    plain = leaf.plain_type
    by_type = Shape.EMAIL if plain is EmailStr else None
    if isinstance(plain, type) and issubclass(plain, AnyUrl):
        by_type = Shape.WEBSITE
    called = spaced(leaf.name)
    for name in (called, *map(str.casefold, leaf.keys)):
        for shape, pattern in _FIELD.items():
            match = pattern.fullmatch(name)
            if match is not None and by_type in (None, shape):
                return shape, match["whose"] or ""
    return (by_type, called) if by_type is not None else None


def shaped(found: Sequence[Candidate], leaf: Leaf) -> list[Candidate]:
    """Of a field's candidates those that can be what it asks for by shape, without what stands around it.

    Args:
        found: Texts beside the field's keys.
        leaf: Any; of one that asks for no such shape all are kept.
    """
    asked = asked_by(leaf)
    if asked is None:
        return list(found)
    kept: list[Candidate] = []
    for candidate in found:
        text = candidate.text
        inside = [m[0] for m in _SHAPES[asked[0]].finditer(text)]
        if len(inside) == 1 and letters_and_digits(inside[0]) != letters_and_digits(text):
            kept += candidate.cut_to(inside[0], leaf)
        elif _MASKED.search(text) or (inside and not _is_too_short(text, asked[0])):
            kept.append(candidate)
    return kept


def _is_too_short(text: str, shape: Shape) -> bool:
    """Whether a number is a part of a telephone's: the 08191 of "Tel. 08191 / 55 03 27"."""
    is_number = shape in (Shape.PHONE, Shape.MOBILE, Shape.FAX)
    return is_number and sum(map(str.isdigit, text)) < _FEWEST_DIGITS


def contacts_in(segments: Sequence[Segment]) -> list[Contact]:
    """Every contact in a document, in reading order.

    Args:
        segments: Of the document.
    """
    found: list[Contact] = []
    for index, segment in enumerate(segments):
        text = segment.text
        for shape, pattern in ((Shape.EMAIL, _EMAIL), (Shape.WEBSITE, _WEBSITE)):
            found += [Contact(shape, index, *m.span(), m[0]) for m in pattern.finditer(text)]
        ibans = [m for m in _IBAN.finditer(text) if _is_iban(m[0])]
        found += [Contact(Shape.IBAN, index, *m.span(), m[0]) for m in ibans]
        if not ibans:
            found += _phones(segments, index)
    return found


def _phones(segments: Sequence[Segment], index: int) -> Iterator[Contact]:
    text = segments[index].text
    dates = [(start, end) for start, end, _ in find_dates(text)]
    for match in _PHONE.finditer(text):
        start, end = match.span()
        digits = sum(map(str.isdigit, match[0]))
        if not _DIGITS[0] <= digits <= _DIGITS[1] or any(s < end and start < e for s, e in dates):
            continue
        before = text[:start].rstrip()
        label = before or _left_of(segments, index)
        shape = next((s for s, called in _LABEL.items() if called.search(label)), Shape.NUMBER)
        is_plain = _PLAIN_PHONE.match(match[0]) or _PHONE_LINE.fullmatch(text.strip())
        if shape is not Shape.NUMBER or is_plain:
            yield Contact(shape, index, start, end, match[0])


def _left_of(segments: Sequence[Segment], index: int) -> str:
    """The text to the left of a segment on its row, near it; "" where nothing is."""
    box, page = segments[index].box, segments[index].page
    near = [
        (box.left - s.box.right, s.text)
        for s in segments
        if s.page == page
        and -1.0 <= box.left - s.box.right <= _LABEL_WITHIN * box.height
        and s.box.shares_row(box)
    ]
    return min(near)[1] if near else ""


def _is_iban(text: str) -> bool:
    """Whether the check digits are right: a misread IBAN is none."""
    letters = text.replace(" ", "")
    turned = "".join(str(int(c, 36)) for c in letters[4:] + letters[:4])
    return 15 <= len(letters) <= 34 and int(turned) % 97 == 1
