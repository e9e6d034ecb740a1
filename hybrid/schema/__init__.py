"""A user's pydantic model as the fields to fill, how texts are read for them, and back to the model."""

from hybrid.schema.fields import FieldSchema, Keys, Labels, words_of
from hybrid.schema.nodes import Leaf, LeafKind, ListNode, Node, ObjectNode, leaves_of, part_of

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
    "part_of",
    "words_of",
]
