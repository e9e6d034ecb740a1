"""Baselines that are no models: nothing at all, and what is most frequent in the training split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hybrid.document import Document
from hybrid.extraction import Confidence, FieldResult, RunInfo, Status
from hybrid.pipeline.base import Extractor, Labelling, Mode, label_run, run_info
from hybrid.schema import FieldSchema
from hybrid.verify.values import parse_value

from ..datasets.base import BACKGROUND, Sample
from ..records import fold


class EmptyExtractor(Extractor):
    """Gives nothing: the floor of every metric, and the only system that never hallucinates."""

    system = "empty"
    mode: Mode = "strict"

    def identity(self) -> dict[str, Any]:
        """It depends on nothing."""
        return {}

    def extract_fields(
        self, document: Document, schema: FieldSchema
    ) -> tuple[dict[str, FieldResult], RunInfo]:
        """Every field abstains."""
        leaves = {
            leaf.path: FieldResult(reason="this baseline gives no values")
            for leaf in schema.leaves
            if leaf.list_path is None
        }
        return leaves, run_info(self, schema, {})

    def label(
        self, document: Document, labels: Sequence[str], aliases: Mapping[str, str] | None = None
    ) -> Labelling:
        """Everything is background."""
        count = len(document.segments)
        return Labelling((labels[0],) * count, (None,) * count, label_run(self, document, {}))


class MajorityExtractor(Extractor):
    """Gives each field its most frequent training value, and each segment the most frequent class.

    It never looks at the document: what it scores is what a dataset's repetitions are worth, and
    nearly all that it gives is a hallucination.

    Args:
        values: Compared label to its most frequent text.
        label: The most frequent label that is not background.
        compared: Leaf path to compared label.
    """

    system = "majority"
    mode: Mode = "lenient"

    def __init__(
        self, values: Mapping[str, str], label: str | None, compared: Mapping[str, str]
    ) -> None:
        self.values = dict(values)
        self.majority_label = label
        self.compared = dict(compared)

    @classmethod
    def fitted(cls, samples: Sequence[Sample], compared: Mapping[str, str]) -> MajorityExtractor:
        """Counts values and labels of training documents; ties go to the first in the alphabet."""
        texts: dict[str, Counter[str]] = {}
        shown: dict[tuple[str, str], str] = {}
        labels: Counter[str] = Counter()
        for sample in samples:
            if sample.labels:
                labels.update(x for x in sample.labels if x != BACKGROUND)
            for value in sample.values or ():
                texts.setdefault(value.label, Counter())[fold(value.text)] += 1
                shown.setdefault((value.label, fold(value.text)), value.text)
        values = {name: shown[name, _first(counts)] for name, counts in texts.items() if counts}
        return cls(values, _first(labels) if labels else None, compared)

    def identity(self) -> dict[str, Any]:
        """What it learned."""
        return {"values": self.values, "label": self.majority_label}

    def extract_fields(
        self, document: Document, schema: FieldSchema
    ) -> tuple[dict[str, FieldResult], RunInfo]:
        """The same values for every document."""
        leaves: dict[str, FieldResult] = {}
        for leaf in schema.leaves:
            if leaf.list_path is not None:
                continue
            text = self.values.get(self.compared.get(leaf.path, leaf.path))
            value = parse_value(text, leaf) if text else None
            leaves[leaf.path] = (
                FieldResult(reason="no training document has this field")
                if value is None
                else FieldResult(
                    value=value,
                    text=text,
                    status=Status.ADDED,
                    confidence=Confidence(),
                    reason="the most frequent value of the training documents",
                )
            )
        return leaves, run_info(self, schema, {})

    def label(
        self, document: Document, labels: Sequence[str], aliases: Mapping[str, str] | None = None
    ) -> Labelling:
        """One class for all."""
        count = len(document.segments)
        majority = self.majority_label
        chosen = majority if majority is not None and majority in labels else labels[0]
        return Labelling((chosen,) * count, (None,) * count, label_run(self, document, {}))


def _first(counts: Counter[str]) -> str:
    return min(counts, key=lambda name: (-counts[name], name))
