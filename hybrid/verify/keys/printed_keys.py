"""Printed keys: "Order no." or "ORDERNO" for the key "order number", and the pages that are looked through for them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from hybrid.document import Document, Segment, segment_of
from hybrid.schema import FieldSchema, Leaf, LeafKind
from hybrid.schema.vocabulary import Term, folded, meanings_of
from hybrid.schema.words import NUMBER_SIGN
from hybrid.verify.keys.captions import captions_below
from hybrid.verify.keys.likeness import WHOSE, after_box_number, likeness
from hybrid.verify.keys.numbered_boxes import boxes
from hybrid.verify.keys.places import COLONS
from hybrid.verify.skew import straightened

LONE_DATE = re.compile(r"\s*(?:date|dated|datum|fecha|data)(?=\s*(?:[:：.]|\d|$))", re.IGNORECASE)
"""The key of the date that a document bears, where no word says which."""
_DOCUMENT_DATE = re.compile(
    r"(?:quot(?:e|ation)|offer|invoice|purchase|(?:purchase_)?order|po|issue|issued|document|statement|bill(?:ing)?"
    r"|letter|receipt|report|contract|certificate|credit_?note|notice|prescription|transaction"
    r"|rechnungs?|beleg|brief|ausstellungs?|angebots?|bestell)_?(?:date|datum)"
    r"|date_(?:of_)?(?:issued?|(?:the_)?(?:document|letter|invoice|order|report))|date_(?:issued|written)"
    r"|fecha_(?:de_)?(?:emision|factura|pedido)|date_(?:de_)?(?:facture|emission|commande)",
)
"""Names of fields for that date."""
_EVENT = re.compile(
    r"(?:^|_)(?:birth|born|original|previous|prior|order|due|expir|valid|end|start|from|until|begin|deliver|ship|hire|join|leav|entry|exit|check|arriv|depart|return|last|next"
    r"|first|loss|accident|incident|paid|payment|maturity|renew|death|value|post|collect|receiv|sampl|geburt|liefer|faellig)"
)
"""In the name of a field for the date of something that happens."""
_INITIALS = re.compile(r"(?<![^\W\d_])([^\W\d_])\.(?=[^\W\d_]\.|\W|$)")
"""A letter that stands for a word: "F.O.B."."""
_NOTE = r"(?:\s*[(\[](?:\d{1,2}[a-z]?|[^()\[\]\d]{1,24})[)\]](?=\s*[:：.…_]|\s+\S))?"
"""What may stand in brackets behind a key: a note's number, a unit, a few words."""
NUMBER = r"(?:number|nummer|numero|número|numéro|numer|num|nr|no|n\s?\.?\s?[°º]|#)"
_BETWEEN = r"[\s-]*(?:(?:of|the|de|du|des|da|do|di|del|della|van|der|zu)\s+)?"
"""Between the words of a key: "Date of loss" for "date loss"."""
_COMPOUND = re.compile(r"(\w{3})(nummer|nr)\b", re.IGNORECASE)
"""The end of "Rechnungsnummer", which may be printed as "Rechnungs-Nr."."""
_VARIANTS = {
    **dict.fromkeys(("ä", "ae"), "ä|ae"),
    **dict.fromkeys(("ö", "oe"), "ö|oe"),
    **dict.fromkeys(("ü", "ue"), "ü|ue"),
    **dict.fromkeys(("ß", "ss"), "ß|ss"),
    **{
        c: accented
        for accented in (
            "aàáâãåą",
            "eèéêëę",
            "iìíîï",
            "oòóôõø",
            "uùúû",
            "cçć",
            "lł",
            "nñń",
            "sś",
            "zźż",
        )
        for c in accented
    },
}
"""Letters as they may be printed: umlauts written out, accents left out."""
_VARIANT = re.compile("|".join(_VARIANTS), re.IGNORECASE)


@dataclass(frozen=True)
class KeyedPages:
    """A document as it is looked through for keys, made once for all leaves.

    Attributes:
        segments: As they are printed.
        straight: The same as they stand on the straight page.
        parts: Of each, begun anew at each key inside it.
        likenesses: Of each, the schema's keys that it is like, and how much.
        headings: Ids of the segments that name columns of tables, which are passed over as keys.
        boxes: Indices of captions of numbered boxes to those of the values in them.
        captions: Index of a key below its value to that of the value, or to None.
        dated: Path of the field that a lone "Date" is the key of, or None.
        terms: Of the vocabulary, for fields outside lists, that the document has.
    """

    segments: tuple[Segment, ...]
    straight: Sequence[Segment]
    parts: Sequence[Sequence[Segment]]
    likenesses: Sequence[Mapping[str, float]]
    headings: Collection[int]
    boxes: Mapping[int, Sequence[int]]
    captions: Mapping[int, int | None]
    dated: str | None
    terms: Sequence[Term]

    @classmethod
    def of(
        cls,
        document: Document,
        schema: FieldSchema,
        headings: Collection[int] = (),
        terms: Sequence[Term] = (),
    ) -> KeyedPages:
        """A document, to be looked through for the keys of a schema.

        Args:
            document: Its segments.
            schema: Its leaves' keys.
            headings: Ids of the segments that name columns of tables.
            terms: Of the vocabulary, for fields outside lists, that the document has.
        """
        keys = {key for leaf in schema.leaves for key in leaf.keys}
        longest_first = sorted((printed_key(key).pattern for key in keys), key=len, reverse=True)
        any_key = re.compile("|".join(f"(?:{p})" for p in longest_first), re.IGNORECASE)
        segments = document.segments
        parts = [_parts(segment, any_key) for segment in segments]
        straight = straightened(document)
        likenesses = [
            {key: score for key in keys if (score := likeness(segment.text, key))}
            for segment in segments
        ]
        alone = [
            number
            for number, segment in enumerate(straight)
            if likenesses[number] and not segment.text.rstrip().endswith(COLONS)
        ]
        below = captions_below(straight, alone, lambda text: is_a_key(text, [any_key]))
        return cls(
            segments,
            straight,
            parts,
            likenesses,
            headings,
            boxes(straight),
            below,
            _date_of_document(schema),
            terms,
        )

    @cached_property
    def meanings(self) -> Mapping[str, frozenset[str]]:
        """Folded terms to what they mean."""
        found: dict[str, set[str]] = {}
        for term in self.terms:
            found.setdefault(term.folded, set()).add(term.meaning)
        return {text: frozenset(meanings) for text, meanings in found.items()}

    def means_otherwise(self, text: str, meanings: frozenset[str]) -> bool:
        """Whether a text is a term, and of none of these meanings; no where there are none."""
        own = self.meanings.get(folded(text))
        return own is not None and bool(meanings) and own.isdisjoint(meanings)


def _date_of_document(schema: FieldSchema) -> str | None:
    """The only field that is about the date of the document itself, and is called otherwise than "date"."""
    dates = [
        leaf
        for leaf in schema.leaves
        if leaf.kind in (LeafKind.DATE, LeafKind.DATETIME) and leaf.list_path is None
    ]
    if any(LONE_DATE.fullmatch(key) for leaf in dates for key in leaf.keys):
        return None
    own = [leaf.path for leaf in dates if _DOCUMENT_DATE.fullmatch(leaf.name.casefold())]
    # Else the only one that is called the date of something, but of no event: "meeting_date".
    own = own or [leaf.path for leaf in dates if _is_of_document(leaf)]
    return own[0] if len(own) == 1 else None


def _is_of_document(leaf: Leaf) -> bool:
    called = leaf.name.casefold()
    dated = called.endswith(("_date", "datum")) and not _EVENT.search(called)
    return dated and meanings_of(leaf) <= {"invoice_date"}


def is_a_key(text: str, keys: Sequence[re.Pattern[str]]) -> bool:
    """Whether a text begins with one of the keys, or ends with a colon as others do."""
    begin = after_box_number(text)
    spelled = _INITIALS.sub(r"\1", text)
    return text.rstrip().endswith(COLONS) or any(
        key.match(text) or key.match(text, begin) or key.match(spelled) for key in keys
    )


@lru_cache(maxsize=4096)
def printed_key(key: str) -> re.Pattern[str]:
    """A key at the start of a text, as it may be printed: "Order no." or "ORDERNO" for "order number"."""
    words = re.findall(r"\w+|[^\w\s.-]", _COMPOUND.sub(r"\1 \2", NUMBER_SIGN.sub(" no ", key)))
    parts = [NUMBER if re.fullmatch(NUMBER, w, re.IGNORECASE) else _spelled(w) for w in words]
    if not parts:
        return re.compile(r"(?!)")  # a key of dots alone stands nowhere
    spaced = r"\s*" + WHOSE + _BETWEEN.join(parts)
    return re.compile(rf"{spaced}(?![^\W\d_])\.?{_NOTE}", re.IGNORECASE)


def _spelled(word: str) -> str:
    """A pattern for a word, with accents or without: "Empfänger" and "Empfaenger", "numéro" and "numero"."""
    return _VARIANT.sub(_either, re.escape(word))


def _either(found: re.Match[str]) -> str:
    variants = _VARIANTS[found[0].casefold()]
    return f"(?:{variants})" if "|" in variants else f"[{variants}]"


def _parts(segment: Segment, any_key: re.Pattern[str]) -> list[Segment]:
    """A segment that begins anew at each key inside it, as OCR runs columns into one line.

    In the midst of a line a key is one where a word with a digit follows it, or a colon after another
    value: "Bank: HSBC IBAN GB29 NWBK 6016". Within a longer key it is none: "date" of "Due date:".
    """
    starts, offset, covered = [0], 0, 0
    for number, word in enumerate(segment.words):
        match = any_key.match(segment.text, offset) if offset >= covered else None
        if match is not None:
            covered = match.end()
            after = segment.text[match.end() :].lstrip()
            told = segment.text[:offset]
            if after.startswith(COLONS):
                begins = any(c.isdigit() or c in COLONS for c in told)
            else:
                begins = any(map(str.isdigit, after.partition(" ")[0]))
            if number and begins:
                starts.append(number)
        offset += len(word.text) + 1
    if len(starts) == 1:
        return [segment]
    parts = [segment.words[a:b] for a, b in pairwise([*starts, len(segment.words)])]
    return [segment_of(segment.id, segment.page, words) for words in parts]
