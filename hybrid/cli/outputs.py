"""The folder of results: which file belongs to which input, what is done, what failed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybrid.extraction import Status
from hybrid.files import write_text

ERRORS = "errors.jsonl"


@dataclass(frozen=True)
class Earlier:
    """A result of an earlier run.

    Attributes:
        path: The JSON file.
        run: Its `run` part.
        fields: Its leaves by path, as JSON.
    """

    path: Path
    run: Mapping[str, Any]
    fields: Mapping[str, Mapping[str, Any]]

    @property
    def is_verified(self) -> bool:
        """No leaf still waits for the LLM."""
        return is_verified(self.fields)


def is_verified(fields: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether no leaf of a result, as JSON, still waits for the LLM."""
    return all(leaf.get("status") != Status.UNVERIFIED for leaf in fields.values())


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes as 64 hexadecimal digits.

    Raises:
        OSError: If it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_earlier(path: Path) -> Earlier | None:
    """The result in a file, or None where there is none or it is not one of ours."""
    data = _json(path)
    run, fields = (data.get("run"), data.get("fields")) if isinstance(data, dict) else (None, None)
    if not isinstance(run, dict) or not isinstance(fields, dict):
        return None
    if not all(isinstance(leaf, dict) for leaf in fields.values()):
        return None
    return Earlier(path, run, fields)


def assign_names(inputs: Iterable[Path], out: Path) -> dict[Path, str]:
    """A name in the folder of results for each input: its stem, with -2, -3 where two share it.

    An input keeps the name that an earlier run gave it, even where other inputs come or go. No
    input and no file that is not ours is ever overwritten.

    Args:
        inputs: In a stable order.
        out: The folder, which need not exist.
    """
    files = list(inputs)
    protected = {path.resolve() for path in files}
    earlier = [e for p in sorted(out.glob("*.json")) if (e := read_earlier(p)) is not None]
    names: dict[Path, str] = {}
    taken: set[str] = set()

    def claim(path: Path, name: str) -> None:
        names[path] = name
        # Folded, because many file systems hold A.json and a.json to be one file.
        taken.add(name.casefold())

    by_source = {Path(str(e.run.get("source", ""))).resolve(): e.path.stem for e in earlier}
    for path in files:
        name = by_source.get(path.resolve())
        if name is not None and _is_name_of(name, path) and name.casefold() not in taken:
            claim(path, name)
    # Moved, or named from another folder: known by its content.
    by_content = {
        (str(e.run.get("source_sha256")), e.path.stem): e.path.stem
        for e in earlier
        if not Path(str(e.run.get("source", ""))).exists()
    }
    for path in files:
        if path not in names:
            for (digest, name), stem in by_content.items():
                if (
                    _is_name_of(name, path)
                    and stem.casefold() not in taken
                    and digest == _digest(path)
                ):
                    claim(path, stem)
                    break
    for path in files:
        number = 1
        while path not in names:
            name = path.stem if number == 1 else f"{path.stem}-{number}"
            if name.casefold() not in taken and _is_free(out / name, protected):
                claim(path, name)
            number += 1
    return names


def write_errors(out: Path, errors: Iterable[Mapping[str, str]]) -> None:
    """The failures of this run, one JSON object a line; no file where there are none."""
    lines = [json.dumps(error, ensure_ascii=False) + "\n" for error in errors]
    if lines:
        write_text(out / ERRORS, "".join(lines))
    else:
        (out / ERRORS).unlink(missing_ok=True)


def _is_name_of(name: str, path: Path) -> bool:
    """True for the path's stem, with or without a number."""
    return name == path.stem or (
        name.startswith(f"{path.stem}-") and name[len(path.stem) + 1 :].isdecimal()
    )


def _is_free(base: Path, protected: set[Path]) -> bool:
    result, page = base.parent / f"{base.name}.json", base.parent / f"{base.name}.html"
    if result.resolve() in protected or page.resolve() in protected:
        return False
    # A broken file is nobody's result; another input's, or another program's, is kept.
    return not result.exists() or _json(result) is None


def _digest(path: Path) -> str | None:
    try:
        return sha256_of(path)
    except OSError:
        return None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
