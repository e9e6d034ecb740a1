"""What all extractors share: the protocol, batches, fingerprints, and the last gate."""

from __future__ import annotations

import asyncio
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar, overload

from pydantic import BaseModel

from hybrid.document import Document
from hybrid.extraction import Extraction, FieldResult, Grounding, PageInfo, RunInfo, Status
from hybrid.schema import FieldSchema
from hybrid.verify.ground import support
from hybrid.verify.second_readings import read_as_on_page
from hybrid.version import __version__
from hybrid.writable import problems_of

Mode = Literal["strict", "lenient"]
ModelT = TypeVar("ModelT", bound=BaseModel)

_WORKERS = 2


@dataclass(frozen=True)
class Failure:
    """A document of a batch that could not be done.

    Attributes:
        document: Its id.
        error: What was wrong.
    """

    document: str
    error: Exception


@dataclass(frozen=True)
class Labelling:
    """A label for each segment of a document.

    Attributes:
        labels: In the order of `document.segments`.
        confidences: The probability of each label, or None where the system has none.
        run: How they were made.
    """

    labels: tuple[str, ...]
    confidences: tuple[float | None, ...]
    run: RunInfo


class Extractor(ABC):
    """Turns documents into filled models whose values point at boxes, or labels their segments.

    Use as a context manager, or call `close`, where an LLM server may have been started.
    """

    system: str
    mode: Mode

    @abstractmethod
    def extract_fields(
        self, document: Document, schema: FieldSchema
    ) -> tuple[dict[str, FieldResult], RunInfo]:
        """The leaves by concrete path, and how they were made."""

    @abstractmethod
    def label(
        self, document: Document, labels: Sequence[str], aliases: Mapping[str, str] | None = None
    ) -> Labelling:
        """Gives each segment one label.

        Args:
            document: Its segments are labelled, in order; it may have none.
            labels: At least one; the first is the background, for what is none of the others.
            aliases: A model's own name of a label to the label asked for, where they differ; for
                extractors whose model has labels of its own.
        """

    @abstractmethod
    def identity(self) -> dict[str, Any]:
        """What results depend on beside the document and the schema, as JSON values."""

    def close(self) -> None:  # noqa: B027  # most have nothing to release
        """Releases what the extractor holds; a server that it started is stopped."""

    @overload
    def extract(self, document: Document, schema: type[ModelT]) -> Extraction[ModelT]: ...
    @overload
    def extract(self, document: Document, schema: FieldSchema) -> Extraction[Any]: ...
    def extract(self, document: Document, schema: type[ModelT] | FieldSchema) -> Extraction[Any]:
        """Extracts one document.

        Args:
            document: From `hybrid.load_document`.
            schema: A pydantic model, or a `FieldSchema` of one.

        Returns:
            The filled model, its leaves with provenance, and how they were made.

        Raises:
            SchemaError: If the model has a field that no text can fill.
            TypeError: If it is no document, or the schema no model.
        """
        if not isinstance(document, Document):
            raise TypeError(
                f"extract takes a Document, not {type(document).__name__}: hybrid.load_document(path)"
            )
        fields_of = as_field_schema(schema)
        leaves, run = self.extract_fields(document, fields_of)
        leaves = read_as_on_page(leaves, document, fields_of)
        if self.mode == "strict":
            leaves = {path: _gate(path, leaf, fields_of) for path, leaf in leaves.items()}
        data, warnings = fields_of.fill({p: leaf.value for p, leaf in leaves.items()})
        run = run.model_copy(
            update={
                "fingerprint": self.fingerprint(document.sha256, fields_of),
                "source": document.source,
                "source_sha256": document.sha256,
                "schema_name": fields_of.name,
                "seconds": {k: round(v, 4) for k, v in {**document.seconds, **run.seconds}.items()},
                "warnings": [*document.warnings, *run.warnings, *warnings, *problems_of(data)],
            }
        )
        pages = [
            PageInfo(number=p.number, width=p.width, height=p.height, unit=p.unit)
            for p in document.pages
        ]
        return Extraction(data=data, fields=leaves, pages=pages, run=run)

    @overload
    def extract_many(
        self, documents: Iterable[Document], schema: type[ModelT], workers: int = ...
    ) -> Iterator[Extraction[ModelT] | Failure]: ...
    @overload
    def extract_many(
        self, documents: Iterable[Document], schema: FieldSchema, workers: int = ...
    ) -> Iterator[Extraction[Any] | Failure]: ...
    def extract_many(
        self,
        documents: Iterable[Document],
        schema: type[ModelT] | FieldSchema,
        workers: int = _WORKERS,
    ) -> Iterator[Extraction[Any] | Failure]:
        """Extracts documents in parallel; results come in order, and a failure stops nothing.

        Args:
            documents: May be a generator; it is read only a little ahead.
            schema: As for `extract`.
            workers: Documents at a time.
        """
        fields_of = as_field_schema(schema)
        with ThreadPoolExecutor(max_workers=workers) as threads:
            waiting: list[Future[Extraction[Any] | Failure]] = []
            for document in documents:
                waiting.append(threads.submit(self._attempt, document, fields_of))
                if len(waiting) > 2 * workers:
                    yield waiting.pop(0).result()
            for future in waiting:
                yield future.result()

    def _attempt(self, document: Document, schema: FieldSchema) -> Extraction[Any] | Failure:
        try:
            return self.extract(document, schema)
        except Exception as error:  # noqa: BLE001, RUF100  # one document never stops a batch
            return Failure(getattr(document, "id", str(document)), error)

    @overload
    async def aextract(self, document: Document, schema: type[ModelT]) -> Extraction[ModelT]: ...
    @overload
    async def aextract(self, document: Document, schema: FieldSchema) -> Extraction[Any]: ...
    async def aextract(
        self, document: Document, schema: type[ModelT] | FieldSchema
    ) -> Extraction[Any]:
        """`extract` for async programs; the work is done in a thread."""
        return await asyncio.to_thread(self.extract, document, as_field_schema(schema))

    @overload
    async def aextract_many(
        self, documents: Iterable[Document], schema: type[ModelT], workers: int = ...
    ) -> list[Extraction[ModelT] | Failure]: ...
    @overload
    async def aextract_many(
        self, documents: Iterable[Document], schema: FieldSchema, workers: int = ...
    ) -> list[Extraction[Any] | Failure]: ...
    async def aextract_many(
        self,
        documents: Iterable[Document],
        schema: type[ModelT] | FieldSchema,
        workers: int = _WORKERS,
    ) -> list[Extraction[Any] | Failure]:
        """`extract_many` for async programs, as a list in order."""
        fields_of = as_field_schema(schema)
        return await asyncio.to_thread(
            lambda: list(self.extract_many(documents, fields_of, workers))
        )

    def fingerprint(self, source_sha256: str, schema: type[BaseModel] | FieldSchema) -> str:
        """Hash over content, schema, checkpoint, prompts and settings: equal means done before."""
        fields_of = as_field_schema(schema)
        leaves = [
            [
                *(x.path, x.kind, list(x.labels), list(x.keys), x.description, list(x.choices)),
                # Not named where there are none, so that earlier results count as done.
                *([list(x.constraints)] if x.constraints else []),
            ]
            for x in fields_of.leaves
        ]
        parts = {
            "version": __version__,
            "source": source_sha256,
            "schema": [fields_of.name, leaves],
            "system": self.system,
            "mode": self.mode,
            **self.identity(),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def as_field_schema(schema: type[BaseModel] | FieldSchema) -> FieldSchema:
    """A `FieldSchema`, made of a model where one is given.

    Raises:
        SchemaError: If the model has a field that no text can fill.
        TypeError: If it is neither.
    """
    if isinstance(schema, FieldSchema):
        return schema
    if not (isinstance(schema, type) and issubclass(schema, BaseModel)):
        raise TypeError(f"a schema is a class of pydantic's BaseModel, not {schema!r}")
    return FieldSchema(schema)


def _gate(path: str, leaf: FieldResult, schema: FieldSchema) -> FieldResult:
    """Strict mode's promise, kept in one place: no value leaves without support in its own boxes."""
    field = schema.leaf_of(path)
    kept = tuple(
        a
        for a in leaf.alternatives
        if a.text and support(a.value, a.text, field, a.citations) is not Grounding.NONE
    )
    if leaf.value is None:
        return leaf.model_copy(update={"alternatives": kept})
    grounding = support(leaf.value, leaf.text or "", field, leaf.citations)
    if grounding is not Grounding.NONE:
        return leaf.model_copy(update={"alternatives": kept, "grounding": grounding})
    return FieldResult(
        status=Status.ABSTAINED,
        reason=leaf.reason or "the cited text does not support this value",
        alternatives=kept,
    )


def run_info(extractor: Extractor, schema: FieldSchema, values: Mapping[str, Any]) -> RunInfo:
    """A `RunInfo` with what the extractor knows; `extract` adds what the document knows."""
    return _run_info(extractor, schema.name, values)


def label_run(extractor: Extractor, document: Document, values: Mapping[str, Any]) -> RunInfo:
    """The `RunInfo` of a `Labelling`: what extractor and document know."""
    run = _run_info(extractor, "", values)
    return run.model_copy(
        update={
            "source": document.source,
            "source_sha256": document.sha256,
            "seconds": {k: round(v, 4) for k, v in {**document.seconds, **run.seconds}.items()},
            "warnings": [*document.warnings, *run.warnings],
        }
    )


def _run_info(extractor: Extractor, schema_name: str, values: Mapping[str, Any]) -> RunInfo:
    return RunInfo(
        hybrid_version=__version__,
        system=extractor.system,
        mode=extractor.mode,
        schema_name=schema_name,
        **values,
    )
