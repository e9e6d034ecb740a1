"""Samples under a condition: read in another way, and changed on purpose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hybrid.ingest import OcrEngine

from ..datasets.base import Sample
from ..hallucination.counterfactual import Counterfactual, CounterfactualKind, LeftOut
from ..hallucination.mix_pages import mix_pages
from ..hallucination.ocr_noise import ocr_noise
from ..hallucination.planted_instruction import planted_instruction
from ..hallucination.remove_field import remove_field
from ..hallucination.replace_field import replace_field
from .names import Condition, parse_condition
from .ocr import ocr_sample
from .split_pages import split_pages


@dataclass(frozen=True)
class ConditionResult:
    """The documents of a condition.

    Attributes:
        condition: As parsed.
        samples: What the systems are given, with unique ids, in the order of the originals.
        counterfactuals: By document id, what was changed in it and which fields are asked; empty
            where nothing was changed on purpose.
        left_out: Documents, or fields of them, that could not be made.
    """

    condition: Condition
    samples: tuple[Sample, ...]
    counterfactuals: dict[str, Counterfactual] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()

    def reasons(self) -> dict[str, int]:
        """How many documents or fields were left out, by reason, most frequent first."""
        return dict(Counter(item.reason for item in self.left_out).most_common())


def apply_condition(
    samples: Sequence[Sample],
    name: str,
    seed: int = 0,
    *,
    kinds: Mapping[str, str] | None = None,
    pool: Sequence[Sample] | None = None,
    engine: str | OcrEngine = "rapidocr",
    cache: Path | None = None,
    on_document: Callable[[int, int], None] | None = None,
) -> ConditionResult:
    """Makes the documents of a condition.

    Args:
        samples: The originals.
        name: Such as "gold", "ocr", "split-pages", "gold+remove-field", "ocr+ocr-noise=0.05".
        seed: Of all that is random; equal seeds give equal documents, whatever else is in
            `samples`.
        kinds: Leaf path of the schema ("total", "menu[].price") to the kind of its values
            (`hybrid.schema.LeafKind`); what it lacks is guessed from the gold's texts.
        pool: Documents that lend texts and pages; None for `samples` themselves. Give all of a
            split here where only some of it is run, so that the choice stays the same. They are
            taken as they are, not as the condition reads them, except where they are `samples`.
        engine: Of OCR.
        cache: Folder of recognised pictures; None for the toolkit's own.
        on_document: Called with (documents read, documents) after each original.

    Returns:
        The documents and what was left out.

    Raises:
        ConditionError: If there is no such condition; the message lists the known ones.
    """
    condition = parse_condition(name)
    known = kinds or {}
    read: list[Sample] = []
    left_out: list[LeftOut] = []
    for number, sample in enumerate(samples, start=1):
        result: Sample | LeftOut = sample
        if condition.reading == "ocr":
            result = ocr_sample(sample, known, engine=engine, cache=cache)
        elif condition.reading == "split-pages":
            result = split_pages(sample)
        if isinstance(result, LeftOut):
            left_out.append(result)
        else:
            read.append(result)
        if on_document is not None:
            on_document(number, len(samples))
    if condition.counterfactual is None:
        return ConditionResult(condition, tuple(read), left_out=tuple(left_out))
    made: dict[str, Counterfactual] = {}
    lenders = read if pool is None else pool
    for sample in read:
        for item in _changed(sample, condition, seed, lenders, known):
            if isinstance(item, LeftOut):
                left_out.append(item)
            else:
                made[item.id] = item
    changed = tuple(c.sample for c in made.values())
    return ConditionResult(condition, changed, made, tuple(left_out))


def _changed(
    sample: Sample,
    condition: Condition,
    seed: int,
    pool: Sequence[Sample],
    kinds: Mapping[str, str],
) -> Iterator[Counterfactual | LeftOut]:
    match condition.counterfactual:
        case CounterfactualKind.REMOVE_FIELD:
            yield from remove_field(sample, kinds)
        case CounterfactualKind.REPLACE_FIELD:
            yield from replace_field(sample, pool, seed, kinds)
        case CounterfactualKind.MIX_PAGES:
            yield from mix_pages(sample, pool, seed)
        case CounterfactualKind.PLANTED_INSTRUCTION:
            yield from planted_instruction(sample, seed, kinds)
        case CounterfactualKind.OCR_NOISE:
            yield ocr_noise(sample, condition.noise_rate, seed)
