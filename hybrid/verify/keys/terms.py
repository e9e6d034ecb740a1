"""Terms: the vocabulary's names that stand on a document, as further keys of a schema's fields.

A user's `due_date` is then found beside "Zahlbar bis", and "Total HT" is not taken for a `total`. Terms that are
not printed are left out from the start, so a long vocabulary costs next to nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from hybrid.document import Document
from hybrid.schema import FieldSchema, Leaf, words_of
from hybrid.schema.vocabulary import Term, folded, meanings_of, vocabulary


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
    asked = {leaf.path: meanings_of(leaf) for leaf in schema.leaves if not _has_own_keys(leaf)}
    claimed: defaultdict[tuple[str | None, str], set[str]] = defaultdict(set)
    offered: list[tuple[Leaf, Term]] = []
    for leaf in schema.leaves:
        in_list = leaf.list_path is not None
        for term in terms:
            if term.in_list is in_list and term.meaning in asked.get(leaf.path, ()):
                claimed[leaf.list_path, term.folded].add(leaf.name)
                offered.append((leaf, term))
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for leaf, term in offered:
        place = (leaf.list_path, term.folded)
        if place not in given and len(claimed[place]) == 1:
            keys[leaf.path].append(term.text)
    return schema.with_keys(keys) if keys else schema


def _has_own_keys(leaf: Leaf) -> bool:
    """Whether the user said what stands beside its value: those keys come before its name."""
    return leaf.keys[:1] != (words_of(leaf.name),)
