"""Terms: the vocabulary's names that stand on a document, as further keys of a schema's fields.

A user's `due_date` is then found beside "Zahlbar bis", and "Total HT" is not taken for a `total`. Terms that are
not printed are left out from the start, so a long vocabulary costs next to nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from hybrid.document import Document
from hybrid.schema import FieldSchema, Leaf, LeafKind, words_of
from hybrid.schema.vocabulary import Term, folded, meanings_named, meanings_of, vocabulary
from hybrid.verify.parties.titles import role_of, spaced

_KIND = re.compile(
    r"first|last|middle|given|family|full|maiden|legal|trade|nick|file", re.IGNORECASE
)
"""What a name may be, rather than whose."""


def terms_on(document: Document) -> tuple[Term, ...]:
    """The terms that a document has somewhere, in the order of the vocabulary."""
    printed = "\n".join(folded(segment.text) for segment in document.segments)
    return tuple(term for term in vocabulary() if term.folded in printed)


def with_terms(schema: FieldSchema, terms: Sequence[Term]) -> FieldSchema:
    """A schema whose fields have the terms of their meanings among their keys.

    A field to which the user gave keys has them and no others. A term that is another field's own key,
    or would be that of two fields, is nobody's.

    Args:
        schema: As the user wrote it.
        terms: That may be added.
    """
    given = {(leaf.list_path, folded(key)) for leaf in schema.leaves for key in leaf.keys}
    claimed: defaultdict[tuple[str | None, str], set[str]] = defaultdict(set)
    offered: list[tuple[Leaf, str]] = []
    first = {
        leaf.list_path: leaf.path for leaf in reversed(schema.leaves) if _is_text_in_list(leaf)
    }
    for leaf in schema.leaves:
        if _has_own_keys(leaf):
            continue
        in_list, meanings = leaf.list_path is not None, meanings_of(leaf) or _meanings_of_rest(leaf)
        if len(meanings) > 1:  # what "amount due" says of a `total` as well is that one's
            others = [meanings_of(x) for x in schema.leaves if x.list_path == leaf.list_path]
            meanings -= {meaning for own in others if len(own) == 1 for meaning in own}
        own = [t.text for t in terms if t.in_list is in_list and t.meaning in meanings]
        if first.get(leaf.list_path) == leaf.path:  # "Deductions | Amount" over a list `deductions`
            own.append(words_of((leaf.list_path or "").rpartition(".")[2]))
        for text in dict.fromkeys([*own, *_other_forms(leaf)]):
            claimed[leaf.list_path, folded(text)].add(leaf.name)
            offered.append((leaf, text))
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for leaf, text in offered:
        place = (leaf.list_path, folded(text))
        if place not in given and len(claimed[place]) == 1:
            keys[leaf.path].append(text)
    return schema.with_keys(keys) if keys else schema


def _has_own_keys(leaf: Leaf) -> bool:
    """Whether the user said what stands beside its value: those keys come before its name."""
    return leaf.keys[:1] != (words_of(leaf.name),)


def _is_text_in_list(leaf: Leaf) -> bool:
    return leaf.list_path is not None and leaf.kind is LeafKind.TEXT


def _other_forms(leaf: Leaf) -> list[str]:
    """A name as pages have it: "Patient" for `patient_name`, "Number of doors" for `doors`, "Date of loss"."""
    words = words_of(leaf.name)
    if leaf.kind is LeafKind.INTEGER:
        return [f"number of {words}"]
    whose, _, last = words.rpartition(" ")
    if not whose or meanings_of(leaf):
        return []
    if leaf.kind in (LeafKind.DATE, LeafKind.DATETIME) and last.casefold() == "date":
        return [f"date of {whose}"]
    short = leaf.kind is LeafKind.TEXT and last.casefold() == "name" and not _KIND.fullmatch(whose)
    return [whose] if short else []


def _meanings_of_rest(leaf: Leaf) -> frozenset[str]:
    """What a name means without its first word, "patient_date_of_birth"; nothing if that is one of two parties."""
    whose, _, rest = words_of(leaf.name).partition(" ")
    if " " not in rest or role_of(spaced(whose)) is not None:
        return frozenset()
    return meanings_named(rest, in_list=leaf.list_path is not None)
