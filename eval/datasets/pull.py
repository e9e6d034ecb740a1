"""Brings a release to this machine, in the layout that its reader reads."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from hybrid.errors import DatasetError

from .registry import find_dataset
from .releases import RELEASES, Download, Release

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, bytes done, and bytes in all (None where that is not known)."""

_BLOCK = 1 << 20


def pull_dataset(name: str, out: Path, progress: Progress) -> Path:
    """Downloads the files of a release that are not there yet, checks and unpacks them.

    Args:
        name: Of the dataset.
        out: Becomes its data root; made here.
        progress: Told what goes on.

    Returns:
        `out`.

    Raises:
        DatasetError: If the dataset is unknown, may or can not be downloaded, its checksum differs,
            or an archive is broken; the message says where else to get it.
    """
    find_dataset(name)
    release = RELEASES[name]
    if not release.downloads:
        raise DatasetError(f"dataset {name} cannot be downloaded by us: {release.elsewhere}")
    try:
        for download in release.downloads:
            _fetch(name, release, download, out, progress)
    except OSError as error:
        place = error.filename or out
        raise DatasetError(f"{place} cannot be written: {error.strerror or error}") from error
    return out


def _fetch(name: str, release: Release, download: Download, out: Path, progress: Progress) -> None:
    file = PurePosixPath(download.url).name
    downloads = out / "downloads"
    unpacked = downloads / f"{file}.unpacked"
    target = downloads / file if download.unpack_to is not None else out / download.keep_as
    if unpacked.is_file():
        return
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        digest = _download(name, release, download, part, progress)
        if download.md5 is not None and digest != download.md5:
            part.unlink()
            raise DatasetError(
                f"{download.url}: its MD5 is {digest}, published is {download.md5}; the file was "
                f"removed: try again, or {release.elsewhere}"
            )
        part.replace(target)
    if download.unpack_to is not None:
        progress(f"unpack {file}", 0, None)
        _unpack(target, download.inside, out / download.unpack_to)
        target.unlink()
        unpacked.touch()


def _download(
    name: str, release: Release, download: Download, part: Path, progress: Progress
) -> str:
    """Writes a file and returns its MD5, which is what the publishers give: no secret hangs on it."""
    import httpx

    digest = hashlib.md5(usedforsecurity=False)
    step = f"download {PurePosixPath(download.url).name}"
    try:
        with httpx.stream("GET", download.url, follow_redirects=True, timeout=60) as response:
            response.raise_for_status()
            length = response.headers.get("content-length")
            done = 0
            with part.open("wb") as sink:
                for block in response.iter_bytes(_BLOCK):
                    sink.write(block)
                    digest.update(block)
                    done += len(block)
                    progress(step, done, int(length) if length else None)
    except httpx.HTTPError as error:
        part.unlink(missing_ok=True)
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DatasetError(
            f"dataset {name}: {download.url} cannot be fetched ({reason}); {release.elsewhere}"
        ) from error
    return digest.hexdigest()


def _unpack(archive: Path, inside: str, folder: Path) -> None:
    """Unpacks the plain files of an archive; links and files outside of the folder are refused."""
    try:
        for member, source in _members(archive):
            if not member.startswith(inside):
                continue
            path = PurePosixPath(member.removeprefix(inside))
            if path.is_absolute() or ".." in path.parts or "\\" in member or ":" in member:
                raise DatasetError(f"{archive} names a file outside its folder: {member!r}")
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as sink:
                shutil.copyfileobj(source, sink, _BLOCK)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        archive.unlink()
        raise DatasetError(f"{archive} is broken and was removed: {error}") from error


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as packed:
            for info in packed.infolist():
                if not info.is_dir():
                    with packed.open(info) as source:
                        yield info.filename, source
        return
    with tarfile.open(archive) as packed_tar:
        for member in packed_tar:
            content = packed_tar.extractfile(member) if member.isfile() else None
            if content is not None:
                yield member.name.removeprefix("./"), content
