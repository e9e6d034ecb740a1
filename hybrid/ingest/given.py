"""Given: the bytes of a document, out of what a program hands over."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol, runtime_checkable

from hybrid.errors import DocumentError
from hybrid.ingest.limits import Limits


@runtime_checkable
class BinaryFile(Protocol):
    """What is opened for reading bytes, such as `io.BytesIO` or `open(path, "rb")`."""

    def read(self, size: int = ..., /) -> bytes:
        """At most so many bytes from where it stands."""


Given = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryFile
"""A file's path, its content, or an open file."""


def content_of(given: Given, name: str, limits: Limits) -> tuple[bytes, Path]:
    """The bytes, and the path or name that they go by.

    Args:
        given: A path, the content, or an open file, which is read from where it stands.
        name: Of what is not given as a path.
        limits: Of sizes.

    Raises:
        DocumentError: If it cannot be read, is empty or too large.
        TypeError: If it is nothing of the kind.
    """
    if isinstance(given, (str, os.PathLike)):
        path = Path(given)
        return _of_file(path, limits), path
    if isinstance(given, (bytes, bytearray, memoryview)):
        size = given.nbytes if isinstance(given, memoryview) else len(given)
        _check_size(size, name, limits)
        return _filled(bytes(given), name), Path(name)
    if isinstance(given, BinaryFile):
        return _of_open_file(given, name, limits), Path(name)
    raise TypeError(
        f"a document is a path, bytes, or a file opened for reading bytes, not {type(given).__name__}"
    )


def _of_file(path: Path, limits: Limits) -> bytes:
    try:
        if path.is_dir():
            raise DocumentError(f"{path}: this is a folder; give a file")
        if path.exists() and not path.is_file():
            raise DocumentError(f"{path}: not a regular file; save the document first")
        _check_size(path.stat().st_size, path.name, limits)
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read ({error.strerror})") from None
    _check_size(len(data), path.name, limits)
    return _filled(data, path.name)


def _of_open_file(file: BinaryFile, name: str, limits: Limits) -> bytes:
    try:
        data = _all_of(file, limits.file_bytes)
    except OSError as error:
        raise DocumentError(f"{name}: cannot be read ({error.strerror or error})") from None
    _check_size(len(data), name, limits)
    if not data:
        raise DocumentError(f"{name}: nothing is left to read; seek(0) goes back to the beginning")
    return data


def _all_of(file: BinaryFile, limit: int) -> bytes:
    """One byte more than the limit at most, so that an endless file is refused too."""
    data = bytearray()
    while len(data) <= limit:  # a socket gives less at a time than it is asked for
        part: object = file.read(limit + 1 - len(data))
        if not isinstance(part, bytes):
            raise TypeError(
                f"read() gives {type(part).__name__}, not bytes; open the file with 'rb'"
            )
        if not part:
            break
        data += part
    return bytes(data)


def _filled(data: bytes, name: str) -> bytes:
    if not data:
        raise DocumentError(f"{name}: the file is empty")
    return data


def _check_size(size: int, name: str, limits: Limits) -> None:
    if size > limits.file_bytes:
        raise DocumentError(
            f"{name}: {size:,} bytes are over the limit of {limits.file_bytes:,}; split it"
        )
