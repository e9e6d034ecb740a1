"""The one result type of every extractor: typed data whose every value points at boxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Generic, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FieldSerializationInfo,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_serializer,
    field_validator,
)

from hybrid.document import BoundingBox, Segment, Unit, Word
from hybrid.errors import unknown_name
from hybrid.read_back import read_back
from hybrid.writable import field_by_field

ModelT = TypeVar("ModelT", bound=BaseModel)


class Grounding(StrEnum):
    """How well a value is supported by the text of the boxes that it cites."""

    EXACT = "exact"
    """The verbatim text stands in the cited words, letter by letter."""
    NORMALIZED = "normalized"
    """Equal after typed normalisation: case, blanks and punctuation, or the parsed number or date."""
    FUZZY = "fuzzy"
    """Text that differs by a few characters, as OCR errors do; never used for numbers and dates."""
    NONE = "none"
    """Not supported."""


class Status(StrEnum):
    """What happened to a field on its way through the pipeline."""

    ACCEPTED = "accepted"
    """Sure enough not to be asked."""
    AGREED = "agreed"
    """The LLM confirmed the GCN's proposal."""
    CORRECTED = "corrected"
    """The LLM chose another place on the page than the GCN, and was believed."""
    ADDED = "added"
    """The LLM found a value where the GCN proposed none."""
    REJECTED = "rejected"
    """The GCN's proposal was struck out; the value is null."""
    ABSTAINED = "abstained"
    """No value that is good enough; `reason` says why."""
    UNVERIFIED = "unverified"
    """The LLM should have been asked and could not be; the GCN's proposal stands as it is."""


class Citation(BaseModel):
    """Words on one page that a value was read from.

    Attributes:
        page: Page number, from 1.
        box: Around the cited words, in page units, origin top-left.
        word_ids: Of the cited words.
        text: The cited words as they were recognised; never a copy of the value.
    """

    model_config = ConfigDict(frozen=True)

    page: int = Field(ge=1)
    box: BoundingBox
    word_ids: tuple[int, ...]
    text: str

    @classmethod
    def of_words(cls, page: int, words: Iterable[Word]) -> Citation:
        """Cites words, in the order given."""
        items = tuple(words)
        return cls(
            page=page,
            box=BoundingBox.union_of(w.box for w in items),
            word_ids=tuple(w.id for w in items),
            text=" ".join(w.text for w in items),
        )

    @classmethod
    def of_segment(cls, segment: Segment) -> Citation:
        """Cites a whole segment."""
        return cls.of_words(segment.page, segment.words)


class Confidence(BaseModel):
    """Probabilities from 0 to 1 that the value is right; None where a part had no say.

    Attributes:
        gcn: The GCN's calibrated probability for the cited boxes' label.
        llm: The LLM's share of its vote for this value.
        ocr: Mean recognition confidence of the cited words.
        fused: The calibrated combination of all of them.
    """

    model_config = ConfigDict(frozen=True)

    gcn: float | None = None
    llm: float | None = None
    ocr: float | None = None
    fused: float | None = None


class FieldResult(BaseModel):
    """One leaf of the schema with its provenance.

    Attributes:
        value: Typed as the schema says, or None.
        text: The verbatim text that the value was read from, or None.
        citations: The boxes that it was read from; empty without a value.
        grounding: How well the cited text supports the value.
        status: What happened to the field.
        confidence: By part, and fused.
        reason: Why there is no value, or what a reader should know; None otherwise.
        alternatives: Other candidates, best first, without alternatives of their own.
    """

    value: Any = None
    text: str | None = None
    citations: tuple[Citation, ...] = ()
    grounding: Grounding = Grounding.NONE
    status: Status = Status.ABSTAINED
    confidence: Confidence = Confidence()
    reason: str | None = None
    alternatives: tuple[FieldResult, ...] = ()


class PageInfo(BaseModel):
    """Size of a page, so that boxes can be drawn without the document."""

    number: int
    width: float
    height: float
    unit: Unit


class LlmUsage(BaseModel):
    """Tokens that a document cost.

    Attributes:
        requests: Calls to the server.
        prompt_tokens: Sent.
        cached_tokens: Of these, served from the server's prefix cache (0 where it does not tell).
        completion_tokens: Generated, thoughts included.
        reasoning_tokens: Of these, thoughts; estimated by length where the server does not tell.
        invalid_replies: Replies that did not follow the schema or the choices.
        corrections: Answers that differ from the draft that the LLM gave before it reflected, or from
            what was proposed first in a debate.
        seconds: That the server took, added up over requests, also where they ran at the same time;
            of recorded replies those that they took when they were made.
    """

    requests: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    invalid_replies: int = 0
    corrections: int = 0
    seconds: float = 0.0

    def __add__(self, other: LlmUsage) -> LlmUsage:
        return LlmUsage(
            **{n: round(getattr(self, n) + getattr(other, n), 4) for n in type(self).model_fields}
        )


class RunInfo(BaseModel):
    """How a result was made.

    Attributes:
        hybrid_version: Of this package.
        system: "gcn", "llm" or "hybrid".
        mode: "strict" or "lenient".
        schema_name: Of the user's model.
        source: Path of the input.
        source_sha256: Of the input's bytes.
        checkpoint: Name or path of the GCN checkpoint, or None.
        checkpoint_sha256: Of its weights and configuration, or None.
        llm_profile: Profile or address, or None.
        llm_model: The model name that the server reported, or None.
        fusion: "default", or name and hash of the fusion that was fitted for checkpoint and LLM; None
            where there is nothing to fuse.
        strategy: How doubtful fields were verified; None where nothing is.
        scorer: Name and hash of the fusion whose trained scorer picked among several answers, or None.
        llm_budget: Most LLM tokens, sent and written; None for as many as it takes.
        prompts: Name to SHA-256 of each prompt template that was used.
        fingerprint: Hash over content, checkpoint, prompts and settings; equal means "done before".
        usage: LLM tokens.
        seconds: By stage: ingest, ocr, graph, gcn, llm, and so on.
        warnings: One line each.
        reasoning: The LLM's thoughts, only where asked for: by a field's path, a list's path, or ""
            for those on the whole document.
    """

    hybrid_version: str
    system: str
    mode: str
    schema_name: str
    source: str = ""
    source_sha256: str = ""
    checkpoint: str | None = None
    checkpoint_sha256: str | None = None
    llm_profile: str | None = None
    llm_model: str | None = None
    fusion: str | None = None
    strategy: str | None = None
    scorer: str | None = None
    llm_budget: int | None = None
    prompts: dict[str, str] = Field(default_factory=dict)
    fingerprint: str = ""
    usage: LlmUsage = LlmUsage()
    seconds: dict[str, float] = Field(default_factory=dict)
    warnings: list[str] = Field(default_factory=list)
    reasoning: dict[str, str] | None = None


class Extraction(BaseModel, Generic[ModelT]):
    """What an extractor returns.

    `extraction["menu[0].price"]` is the leaf of that path. What `model_dump_json` wrote is read back by
    `Extraction[Receipt].model_validate_json(text)`, with the model that it was made for; also where the
    model's own validation refuses a value, as it is then returned by an extractor.

    A result can always be written: of a computed field that raises null is written.

    Attributes:
        data: The filled model; fields without a value are None, also where the model requires them
            (a warning in `run` says so).
        fields: Path to leaf, in the schema's order.
        pages: Sizes of the document's pages.
        run: How it was made.
    """

    data: SerializeAsAny[ModelT]
    fields: dict[str, FieldResult]
    pages: list[PageInfo]
    run: RunInfo

    @field_validator("data", mode="wrap")
    @classmethod
    def _read(cls, data: Any, validate: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        if not isinstance(data, Mapping):
            return validate(data)
        model = cls.model_fields["data"].annotation
        if isinstance(model, TypeVar):
            raise ValueError(
                "of which model is it? Extraction[Receipt].model_validate_json(text) reads a Receipt"
            )
        if isinstance(model, type) and issubclass(model, BaseModel):
            return read_back(model, data, is_json=info.mode == "json")
        return validate(data)

    # Without a return type, for which pydantic would forget the model in the JSON Schema of results.
    @field_serializer("data", mode="wrap")
    def _write(  # type: ignore[no-untyped-def]
        self, data: Any, serialize: SerializerFunctionWrapHandler, info: FieldSerializationInfo
    ):
        try:
            return serialize(data)
        except Exception:  # noqa: BLE001, RUF100  # a user's code runs in it; `run` warns of what raises
            # Who asks for parts of the data can leave out those that raise.
            if not isinstance(data, BaseModel) or info.include or info.exclude:
                raise
            return field_by_field(
                data,
                mode=info.mode,
                by_alias=info.by_alias,
                exclude_none=info.exclude_none,
                exclude_unset=info.exclude_unset,
                exclude_defaults=info.exclude_defaults,
                round_trip=info.round_trip,
                context=info.context,
            )

    def __getitem__(self, path: str) -> FieldResult:
        """The leaf at a path, such as "menu[2].price".

        Raises:
            KeyError: If there is no such leaf; the message names similar ones.
        """
        try:
            return self.fields[path]
        except KeyError:
            raise KeyError(unknown_name("field", path, self.fields)) from None
