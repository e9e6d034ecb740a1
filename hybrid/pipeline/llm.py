"""LLM only: the model reads the page and cites lines; code still checks every value."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

from hybrid.document import Document
from hybrid.errors import ServerError
from hybrid.extraction import FieldResult, LlmUsage, RunInfo, Status
from hybrid.pipeline.base import Extractor, Labelling, Mode, label_run, run_info
from hybrid.pipeline.connection import LlmConnection
from hybrid.pipeline.defaults import named_llm
from hybrid.schema import FieldSchema
from hybrid.verify.extract import Reading, candidate_of, read_page, ungrounded
from hybrid.verify.fuse import score
from hybrid.verify.label import LabelReading, read_lines
from hybrid.verify.partial_dates import WholeDates
from hybrid.verify.prompts import LABEL, prompt_hash
from hybrid.verify.replies import Claim
from hybrid.verify.variants import (
    Coordinates,
    Example,
    ExampleValue,
    LlmOptions,
    PromptVersion,
    examples_hash,
)

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatBackend
    from hybrid.llm.connect import LlmEngine

__all__ = ["Example", "ExampleValue", "LlmExtractor", "LlmOptions"]

_BELIEF = 0.7
"""In a claim of an LLM that stands on the page and has no vote behind it."""


class LlmOptionNames(TypedDict, total=False):
    """The options of `LlmOptions` as keyword arguments."""

    prompt: PromptVersion
    coordinates: Coordinates
    search: bool


class LlmExtractor(Extractor):
    """Fields as an LLM reads them off the page, one structured call a document.

    Args:
        connection: To the LLM.
        mode: "strict" drops what the cited boxes do not support, "lenient" keeps it, flagged.
        options: How the LLM is asked.
        examples: Documents with their answers, shown before the page (few-shot).
    """

    system = "llm"

    def __init__(
        self,
        connection: LlmConnection,
        mode: Mode = "strict",
        options: LlmOptions | None = None,
        examples: Sequence[Example] = (),
    ) -> None:
        self.connection = connection
        self.mode = mode
        self.options = options or LlmOptions()
        self.examples = tuple(examples)

    @classmethod
    def from_pretrained(
        cls,
        llm: str,
        mode: Mode = "strict",
        on_status: Callable[[str], None] | None = None,
        examples: Sequence[Example] = (),
        reasoning: bool = False,
        llm_engine: LlmEngine = "http",
        **options: Unpack[LlmOptionNames],
    ) -> Self:
        """An LLM by profile name, folder, or address.

        Args:
            llm: Profile name, folder of a model, or address.
            mode: "strict" or "lenient".
            on_status: Told what is being waited for.
            examples: Shown before the page.
            reasoning: A reasoning model thinks, and `run.reasoning` holds its thoughts.
            llm_engine: "http" for a server, which is started where none runs; "local" for vLLM in
                this process.
            options: Those of `LlmOptions`.

        Raises:
            HybridError: If an option is unknown.
            ModelError: If the name is unknown or the model was not pulled.
        """
        from hybrid.llm.connect import check

        check(named_llm(llm, "GcnExtractor.from_pretrained(checkpoint)"), llm_engine)
        connection = LlmConnection(llm, on_status=on_status, reasoning=reasoning, engine=llm_engine)
        return cls(connection, mode, LlmOptions(**options), examples)

    @classmethod
    def from_backend(
        cls,
        backend: ChatBackend,
        mode: Mode = "strict",
        examples: Sequence[Example] = (),
        reasoning: bool = False,
        **options: Unpack[LlmOptionNames],
    ) -> Self:
        """An open backend, which stays the caller's; for the rest see `from_pretrained`."""
        connection = LlmConnection(backend.model, backend, reasoning=reasoning)
        return cls(connection, mode, LlmOptions(**options), examples)

    def identity(self) -> dict[str, Any]:
        """LLM, prompts, options and examples."""
        names = (self.options.template, LABEL)
        return {
            "llm": self.connection.spec,
            "prompts": {name: prompt_hash(name) for name in names},
            "options": asdict(self.options),
            "examples": examples_hash(self.examples),
            **({"reasoning": True} if self.connection.reasoning else {}),
        }

    def close(self) -> None:
        """Stops the server if this extractor started it."""
        self.connection.close()

    def extract_fields(
        self, document: Document, schema: FieldSchema
    ) -> tuple[dict[str, FieldResult], RunInfo]:
        """Claims become values where the page supports them."""
        start = time.perf_counter()
        reading = Reading((), None, LlmUsage())
        if document.segments:
            try:
                backend, room = self.connection.open_for(document)
                reading = read_page(
                    document,
                    schema.root,
                    backend,
                    room,
                    self.options,
                    self.examples,
                )
            except ServerError as error:
                reading = Reading((), str(error), LlmUsage())
        fields = self._fields(document, schema, reading)
        return fields, run_info(
            self,
            schema,
            {
                "llm_profile": self.connection.spec,
                "llm_model": self.connection.model,
                "prompts": {self.options.template: prompt_hash(self.options.template)},
                "usage": reading.usage,
                "seconds": {"llm": time.perf_counter() - start},
                "warnings": [
                    *self.connection.warnings,
                    *reading.warnings,
                    *([reading.problem] if reading.problem else []),
                ],
                "reasoning": self._recorded(reading),
            },
        )

    def label(
        self, document: Document, labels: Sequence[str], aliases: Mapping[str, str] | None = None
    ) -> Labelling:
        """See `Extractor.label`: as the LLM sorts the lines; it gives no probabilities."""
        start = time.perf_counter()
        try:
            backend, room = self.connection.open_for(document)
            reading = read_lines(document, labels, backend, room)
        except ServerError as error:
            reading = LabelReading({}, str(error), LlmUsage())
        values = {
            "llm_profile": self.connection.spec,
            "llm_model": self.connection.model,
            "prompts": {LABEL: prompt_hash(LABEL)},
            "usage": reading.usage,
            "seconds": {"llm": time.perf_counter() - start},
            "warnings": [
                *self.connection.warnings,
                *([reading.problem] if reading.problem else []),
            ],
        }
        return Labelling(
            labels=tuple(reading.labels.get(s.id, labels[0]) for s in document.segments),
            confidences=(None,) * len(document.segments),
            run=label_run(self, document, values),
        )

    def _recorded(self, reading: Reading) -> dict[str, str] | None:
        if not self.connection.reasoning:
            return None
        return {"": reading.reasoning} if reading.reasoning else {}

    def _fields(
        self, document: Document, schema: FieldSchema, reading: Reading
    ) -> dict[str, FieldResult]:
        dates = WholeDates(document)
        claimed = {claim.path: self._result(claim, document, dates) for claim in reading.claims}
        status = Status.UNVERIFIED if reading.problem else Status.ABSTAINED
        reason = reading.problem or "the LLM gave no value"
        fields: dict[str, FieldResult] = {}
        for leaf in schema.leaves:
            if leaf.list_path is None:
                fields[leaf.path] = claimed.get(leaf.path) or FieldResult(
                    status=status, reason=reason
                )
        fields |= {p: r for p, r in claimed.items() if p not in fields}
        return fields

    def _result(self, claim: Claim, document: Document, dates: WholeDates) -> FieldResult:
        candidate = candidate_of(claim, document, self.options.search, dates)
        if candidate is not None:
            return candidate.result(Status.ADDED, score(candidate, _BELIEF), _BELIEF)
        if self.mode == "lenient":
            return ungrounded(claim, document)
        shown = (claim.value or "")[:60]
        where = "words" if self.options.coordinates == "written" else "lines"
        problem = f"which the {where} that it cites do not support"
        if self.options.search:
            problem = "which does not stand on the page"
        return FieldResult(reason=f"the LLM answered {shown!r}, {problem}")
