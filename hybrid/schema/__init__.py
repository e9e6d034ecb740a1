"""A user's pydantic model as the fields to fill, how texts are read for them, and back to the model."""

from hybrid.schema.fields import FieldSchema, Keys, Labels
from hybrid.schema.nodes import (
    Leaf,
    LeafKind,
    ListNode,
    Node,
    ObjectNode,
    leaves_of,
    outermost_list,
    part_of,
)
from hybrid.schema.words import letters_and_digits, plain_words, without_accents, words_of

__all__ = [
    "FieldSchema",
    "Keys",
    "Labels",
    "Leaf",
    "LeafKind",
    "ListNode",
    "Node",
    "ObjectNode",
    "leaves_of",
    "letters_and_digits",
    "outermost_list",
    "part_of",
    "plain_words",
    "without_accents",
    "words_of",
]
