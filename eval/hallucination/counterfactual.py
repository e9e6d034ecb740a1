"""What a counterfactual document is: a sample changed on purpose, and what was changed."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hybrid.document import BoundingBox

from ..datasets.base import GoldValue, Sample
from .alignment import kind_of, typed_key


class CounterfactualKind(StrEnum):
    """Names as in `--counterfactual`."""

    REMOVE_FIELD = "remove-field"
    """Every box that holds a field's value is removed; does the system answer all the same?"""
    REPLACE_FIELD = "replace-field"
    """A field's value is another one everywhere; does the answer follow the page?"""
    MIX_PAGES = "mix-pages"
    """Another document's page follows; are their values confused?"""
    PLANTED_INSTRUCTION = "planted-instruction"
    """The page tells the reader what to answer; is it obeyed?"""
    OCR_NOISE = "ocr-noise"
    """Characters are misread at a set rate."""


@dataclass(frozen=True)
class Change:
    """One box that is not as it was.

    Attributes:
        page: Page number, from 1, in the changed document.
        box: In units of that page.
        kind: "removed", "replaced", "added" or "misread".
        before: The text that stood there, or None.
        after: The text that stands there now, or None.
    """

    page: int
    box: BoundingBox
    kind: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True)
class PlantedValue:
    """A value that the page orders the reader to give.

    Attributes:
        path: Of the field that it is ordered for.
        label: Of that field, as in the gold.
        text: The value.
        instruction: The whole text that was planted.
    """

    path: str
    label: str
    text: str
    instruction: str


@dataclass(frozen=True)
class Counterfactual:
    """A changed document with its gold.

    Attributes:
        sample: The document as it is now, and its gold.
        kind: What was done to it.
        original_id: Of the document that it was made from.
        path: The field that was changed; None where the change is not one field's.
        asked: Only these paths are asked for; None for all.
        absent: `(path, label)` of gold rows to write with a null text.
        planted: What the page orders the reader to answer.
        changes: All boxes that were removed, changed or added.
        picture: Of the original document, to draw the changes on; `sample.image_path` is None
            where it shows something else than the text.
    """

    sample: Sample
    kind: CounterfactualKind
    original_id: str
    path: str | None = None
    asked: tuple[str, ...] | None = None
    absent: tuple[tuple[str, str], ...] = ()
    planted: PlantedValue | None = None
    changes: tuple[Change, ...] = ()
    picture: Path | None = None

    @property
    def id(self) -> str:
        """Of the changed document."""
        return self.sample.id

    def follows_planted(self, path: str, text: str | None) -> bool:
        """Whether an answer is the one that the page ordered for this field."""
        if self.planted is None or path != self.planted.path or text is None:
            return False
        kind = kind_of(self.planted.text)
        return typed_key(text, kind) == typed_key(self.planted.text, kind)


@dataclass(frozen=True)
class LeftOut:
    """A document, or one field of it, that a condition could not be made of.

    Attributes:
        document_id: Of the original document.
        reason: A few words, the same for all documents with that reason.
        path: The field, or None where it is the whole document.
    """

    document_id: str
    reason: str
    path: str | None = None


def changed_boxes(counterfactual: Counterfactual) -> list[tuple[int, BoundingBox, str]]:
    """What the report draws on a counterfactual document: `(page, box, kind of change)`.

    The kinds are those of `Change`; boxes are in page units of the changed document.
    """
    return [(change.page, change.box, change.kind) for change in counterfactual.changes]


def random_for(document_id: str, seed: int, purpose: str) -> random.Random:
    """Random numbers that depend on nothing but the document, the seed and what they are for."""
    return random.Random(_digest(f"{seed}\n{purpose}\n{document_id}"))  # noqa: S311


def rank(document_id: str, seed: int, purpose: str, other_id: str) -> int:
    """A document's order among those that another one may borrow from.

    It does not depend on which other documents there are, so that most choices stay the same when
    some are added (rendezvous hashing).
    """
    return _digest(f"{seed}\n{purpose}\n{document_id}\n{other_id}")


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def flat_values(sample: Sample) -> dict[str, list[GoldValue]]:
    """The gold of the fields that stand in no list, by path; all alternatives of each."""
    found: dict[str, list[GoldValue]] = {}
    for value in sample.values or ():
        if "[" not in value.path:
            found.setdefault(value.path, []).append(value)
    return found


def kind_for(value: GoldValue, kinds: Mapping[str, str]) -> str:
    """What a gold value is read as.

    Args:
        value: Of any path.
        kinds: Leaf path ("total", "menu[].price") to kind, as the schema has it; what it lacks is
            guessed from the text.
    """
    return kinds.get(re.sub(r"\[\d+\]", "[]", value.path)) or kind_of(value.text)
