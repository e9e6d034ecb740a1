"""Finding profiles: one TOML file each, shipped, of other packages, and of the user's own.

A profile is found by its name, by the path of a TOML file, or by the path of a folder that holds a
model in the Hugging Face layout. Of two with the same name, the user's own wins over a package's,
and a package's over the shipped one.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import ValidationError

from hybrid.errors import ModelError, UnknownModelError, unknown_name
from hybrid.files import write_text
from hybrid.llm.profile import (
    DEFAULT_LENGTH,
    FolderSource,
    HubSource,
    MadeSource,
    Profile,
    Serving,
)
from hybrid.llm.profile_toml import as_toml

MAX_AUTOMATIC_DOWNLOAD_MB = 4000
"""`best_profile_for` never chooses more than this: nobody was asked."""
_MAX_CPU_DOWNLOAD_MB = 500
"""The same on a CPU, where a larger model is slow to answer."""

_GROUP = "hybrid.profiles"
"""Entry points of packages: each names a package whose folder holds profiles."""


def load_profile(spec: str | Path) -> Profile:
    """The profile behind a name, a TOML file's path or a model folder's path.

    Raises:
        ModelError: If there is none, or the file is not a valid profile.
    """
    text = str(spec)
    found, problems = _files()
    if text in found:
        return _named(found[text])
    path = Path(text).expanduser()
    if path.suffix == ".toml":
        if not path.is_file():
            raise ModelError(f"{path}: no such profile file")
        return read_profile(path)
    if path.is_dir():
        return _of_folder(path)
    if is_address(text) or re.match(r"[\w.-]+:\d+(/|$)", text):
        raise UnknownModelError(
            f"{text!r} is no model but the address of a server"
            f"{'' if is_address(text) else f'; write http://{text}'}"
        )
    raise UnknownModelError(
        f"{unknown_name('model', text, sorted(found))}, or give a profile.toml, a model folder or "
        f"http://host:port/v1#model{''.join(f'; {p}' for p in problems)}"
    )


def known_profiles() -> tuple[dict[str, Profile], list[str]]:
    """All profiles by name, in alphabetical order, and a line on each file or package that gives none."""
    profiles: dict[str, Profile] = {}
    found, problems = _files()
    for name, file in sorted(found.items()):
        try:
            profiles[name] = _named(file)
        except ModelError as error:
            problems.append(str(error))
    return profiles, problems


@cache
def shipped_profiles() -> dict[str, Profile]:
    """The profiles in this package by name, in alphabetical order."""
    return {name: _named(file) for name, file in sorted(_shipped_files())}


def profiles_home() -> Path:
    """Where the user's own profiles are: `hybrid/profiles` in the platform's configuration folder."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "hybrid" / "profiles"


def add_profile(file: Path) -> Path:
    """Installs a user's profile, so that it is found by its name from now on.

    Returns:
        Its place in `profiles_home`; a profile of the same name that was there is replaced.

    Raises:
        ModelError: If the file is not a valid profile, or cannot be copied.
    """
    profile = read_profile(file)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ModelError(f"{file}: cannot be read: {error.strerror}") from error
    return _install(profile.name, text)


def install_profile(profile: Profile) -> Path:
    """The same for a profile that a program made.

    Raises:
        ModelError: If it cannot be written.
    """
    return _install(profile.name, as_toml(profile))


def _install(name: str, text: str) -> Path:
    target = profiles_home() / f"{name}.toml"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_text(target, text)
    except OSError as error:
        raise ModelError(f"{target}: cannot be written: {error.strerror}") from error
    return target


def best_profile_for(gpu_memory_gb: float | None) -> Profile:
    """The most trusted shipped LLM that fits a machine and needs no consent.

    Args:
        gpu_memory_gb: Memory of the GPU in 10^9 bytes, or None for a machine without one.

    Returns:
        A profile that asks for no licence and downloads at most `MAX_AUTOMATIC_DOWNLOAD_MB`; on a
        CPU, or a GPU too small for all of them, the most trusted small one.
    """
    allowed = [
        profile
        for profile in shipped_profiles().values()
        if profile.is_llm
        and not isinstance(profile.source, MadeSource)
        and not profile.license_acceptance
        and profile.download_mb <= MAX_AUTOMATIC_DOWNLOAD_MB
    ]
    fitting = [p for p in allowed if _fits(p.hardware.gpu, gpu_memory_gb)]
    small = [p for p in allowed if p.hardware.cpu and p.download_mb <= _MAX_CPU_DOWNLOAD_MB]
    return max(fitting or small, key=lambda profile: profile.trust)


STRANGER_TRUST = 0.5
"""How far fusion believes the votes of a model that no profile describes."""


def is_address(spec: str) -> bool:
    """Whether what stands after `--llm` is a server's address, not a profile or a folder."""
    return spec.startswith(("http://", "https://"))


def profile_at(spec: str) -> Profile | None:
    """The profile of a model at a server's address, where the address names one that is known.

    Args:
        spec: Such as "http://host:8000/v1#smollm2-135m".
    """
    return profile_of_served(spec.partition("#")[2])


def profile_of_served(name: str) -> Profile | None:
    """The profile of a model that someone else serves, by its name or its repository's."""
    for profile in known_profiles()[0].values():
        repo = profile.source.repo if isinstance(profile.source, HubSource) else profile.name
        known = {profile.name, profile.asked_model, repo, repo.split("/")[-1]}
        if name.lower() in {word.lower() for word in known}:
            return profile
    return None


def is_stranger(spec: str, served: str) -> bool:
    """Whether a model is at an address, and no profile describes it.

    Args:
        spec: As after `--llm`.
        served: Its name at the server.
    """
    return is_address(spec) and profile_of_served(served) is None


def trust_of(spec: str) -> float:
    """How far fusion believes a model's votes.

    Args:
        spec: As after `--llm`: name or path of a profile, folder of a model, or address; the model
            named in an address ("...#smollm2-135m") is known by a profile's name.
    """
    if is_address(spec):
        known = profile_at(spec)
        return known.trust if known else STRANGER_TRUST
    return load_profile(spec).trust


def read_profile(file: Traversable) -> Profile:
    """The profile in a file.

    Raises:
        ModelError: If it cannot be read or is no valid profile; one line with the file and the key.
    """
    try:
        return Profile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{file}: cannot be read as TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        # Between a source and its keys pydantic names the kind of source, which no file writes.
        place = [p for n, p in enumerate(first["loc"]) if (n, first["loc"][0]) != (1, "source")]
        key, said = ".".join(map(str, place)), first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden" and len(place) == 1:
            said = unknown_name("key", key, Profile.model_fields)
        raise ModelError(f"{file}: {key}: {said}" if key else f"{file}: {said}") from error


def _named(file: Traversable) -> Profile:
    """A profile that is found by its file's name, which therefore has to be its own."""
    profile = read_profile(file)
    if file.name != f"{profile.name}.toml":
        raise ModelError(f"{file}: name: the file must be called {profile.name}.toml")
    return profile


def _files() -> tuple[dict[str, Traversable], list[str]]:
    """Name to file of every profile that is found by name, and a line on each broken package."""
    found, problems = dict(_shipped_files()), []
    for point in entry_points(group=_GROUP):
        try:
            found.update(_toml_files(files(point.value)))
        except (ImportError, OSError, TypeError) as error:
            problems.append(
                f"profiles of {point.value} (entry point {point.name!r}) cannot be loaded: {error}"
            )
    if profiles_home().is_dir():
        found.update(_toml_files(profiles_home()))
    return found, problems


def _shipped_files() -> Iterator[tuple[str, Traversable]]:
    return _toml_files(Path(__file__).parent / "profiles")


def _toml_files(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    for file in folder.iterdir():
        if file.name.endswith(".toml"):
            yield file.name.removesuffix(".toml"), file


def _fits(serving: Serving | None, memory_gb: float | None) -> bool:
    if serving is None or serving.memory_gb is None or memory_gb is None:
        return False
    return serving.memory_gb <= memory_gb


def model_folder(path: Path) -> Path:
    """The folder itself.

    Raises:
        ModelError: If it holds no model.
    """
    if not (path / "config.json").is_file():
        raise ModelError(f"{path}: not a model folder, it has no config.json")
    return path


def _of_folder(path: Path) -> Profile:
    model_folder(path)
    try:
        config = json.loads((path / "config.json").read_text(encoding="utf-8"))
        longest = int(config.get("max_position_embeddings") or DEFAULT_LENGTH)
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ModelError(f"{path / 'config.json'}: cannot be read: {error}") from error
    name = re.sub(r"[^a-z0-9._-]+", "-", path.resolve().name.lower()).lstrip("._-") or "model"
    return Profile(
        name=name,
        description=f"the model in {path}",
        source=FolderSource(path=path.resolve()),
        max_model_len=min(longest, DEFAULT_LENGTH),
    )
