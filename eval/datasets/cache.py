"""Parsed splits, kept as parquet in the cache folder.

A table has the columns `id` and `sample`, the sample as JSON, whose boxes are rounded to hundredths
of a page unit; a split that has just been read is rounded in the same way. A table is found by the
dataset, the split, the data root, the name, size and time of every file below it, and the readers'
own code: whatever changes, the split is read anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

import polars as pl

from hybrid.errors import DatasetError
from hybrid.llm.models import models_home
from hybrid.version import __version__

from .base import Dataset, Sample


def cached(name: str, dataset: Dataset, root: Path, split: str) -> list[Sample]:
    """One split, from the cache where it is there and fits, else read and kept.

    Args:
        name: Of the dataset in the registry.
        dataset: Its reader.
        root: The folder of its release.
        split: One of its splits.

    Raises:
        DatasetError: As `Dataset.load`, or if the cache folder cannot be written.
    """
    stem = f"{name}-{split}-{_hash(str(root.absolute()))}"
    folder = models_home() / "datasets"
    path = folder / f"{stem}-{_hash(json.dumps([__version__, _code_hash(), _files(root)]))}.parquet"
    if path.is_file():
        try:
            texts = pl.read_parquet(path, columns=["sample"])["sample"].to_list()
            return [Sample.model_validate_json(text) for text in texts]
        except (OSError, ValueError, pl.exceptions.PolarsError):
            # A damaged table is as good as none: it is written again below.
            path.unlink(missing_ok=True)
    samples = dataset.load(root, split)
    texts = [sample.model_dump_json() for sample in samples]
    _write(path, pl.DataFrame({"id": [s.id for s in samples], "sample": texts}))
    for outdated in folder.glob(f"{stem}-*.parquet"):
        if outdated != path:
            outdated.unlink(missing_ok=True)
    return [Sample.model_validate_json(text) for text in texts]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _code_hash() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(root: Path) -> list[tuple[str, int, int]]:
    found = []
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder) / name
            state = path.stat()
            found.append((str(path.relative_to(root)), state.st_size, state.st_mtime_ns))
    return sorted(found)


def _write(path: Path, table: pl.DataFrame) -> None:
    """Writes beside its place and moves it there, so that no reader meets half a table."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
            table.write_parquet(file, compression="zstd")
        Path(file.name).replace(path)
    except OSError as error:
        raise DatasetError(f"{path} cannot be written: {error.strerror}") from error
