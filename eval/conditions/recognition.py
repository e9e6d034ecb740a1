"""OCR of the pictures of a dataset, done once: a picture takes seconds, a run has hundreds."""

from __future__ import annotations

import hashlib
import os
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import ValidationError

from hybrid.document import Document
from hybrid.errors import DatasetError
from hybrid.ingest import OcrEngine, load_document
from hybrid.llm.models import models_home
from hybrid.version import __version__


def default_cache() -> Path:
    """The folder `ocr` in the toolkit's cache folder (`HYBRID_HOME`)."""
    return models_home() / "ocr"


def recognize(
    picture: Path, engine: str | OcrEngine = "rapidocr", cache: Path | None = None
) -> Document:
    """Reads a picture by OCR, or from the cache.

    The cache's key is the picture's content, the engine and the versions of the engine's package
    and of this one, so nothing in it ever has to be thrown away by hand. A file of it that is
    damaged is written again.

    Args:
        picture: The file.
        engine: Name of an installed engine, or an engine.
        cache: Folder of the results; None for `default_cache()`.

    Returns:
        The document, without the pages' pictures.

    Raises:
        DatasetError: If the file cannot be read.
        DocumentError: If it is no picture.
        ModelError: If there is no such engine.
    """
    name = engine if isinstance(engine, str) else engine.name
    try:
        content = hashlib.sha256(picture.read_bytes()).hexdigest()
    except OSError as error:
        raise DatasetError(f"{picture} cannot be read: {error.strerror}") from error
    key = f"{content}\n{name} {_version_of(name)}\nhybrid {__version__}"
    folder = default_cache() if cache is None else cache
    path = folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
    try:
        found = Document.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        text = load_document(picture, ocr=engine).model_dump_json()
        _write(path, text)
        found = Document.model_validate_json(text)  # rounded as the cached one will be
    return found.model_copy(update={"id": picture.stem, "source": str(picture)})


def _version_of(package: str) -> str:
    """The version of the engine's package; engines are called as their packages are, or have none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _write(path: Path, text: str) -> None:
    """Puts a whole file in place at once, so that another process never reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(name).replace(path)
