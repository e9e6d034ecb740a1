"""Which files a command line names: files, folders and patterns."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".hocr"})
"""Of the files that are taken from folders. Others are named themselves: results, reports and gold
values are JSON and HTML too."""
_OF_FILE_MANAGERS = frozenset({"thumbs.db", "desktop.ini"})
_KINDS = 6
"""Of files passed over, that are named."""


@dataclass(frozen=True)
class Inputs:
    """What was found.

    Attributes:
        files: Sorted, each once.
        missing: Arguments that no file matches, each with the reason.
        passed_over: Files of other kinds in folders, but hidden ones and those of file managers.
    """

    files: tuple[Path, ...]
    missing: tuple[tuple[str, str], ...]
    passed_over: tuple[Path, ...] = ()

    def say_passed_over(self) -> str | None:
        """One line on what was passed over, without which nobody would miss it; None for nothing."""
        if not self.passed_over:
            return None
        count = len(self.passed_over)
        kinds = sorted({path.suffix.lower() or "no ending" for path in self.passed_over})
        more = f" and {len(kinds) - _KINDS} more" if len(kinds) > _KINDS else ""
        return (
            f"passed over in folders: {count} file{'' if count == 1 else 's'} of other kinds "
            f"({', '.join(kinds[:_KINDS])}{more})"
        )


def find_inputs(arguments: Iterable[str], out: Path) -> Inputs:
    """Expands arguments to files.

    Args:
        arguments: Files, folders (taken with their sub-folders, documents only), or patterns such
            as "scans/**/*.png".
        out: The folder of results; nothing in it is taken from a folder or a pattern.
    """
    found: dict[Path, Path] = {}
    others: dict[Path, Path] = {}

    def documents(folder: Path) -> list[Path]:
        files = _files(folder, out)
        others.update((path.resolve(), path) for path in files if not _is_document(path))
        return [path for path in files if _is_document(path)]

    missing: list[tuple[str, str]] = []
    for argument in arguments:
        path = Path(argument)
        # A name with brackets may be a file as well as a pattern; the file wins.
        if path.is_dir():
            paths = documents(path)
            reason = (
                f"no documents in this folder ({', '.join(sorted(SUFFIXES))}); boxes as JSON are "
                "taken where they are named, as files or by a pattern"
            )
        elif path.exists():
            paths, reason = [path], ""
        else:
            paths = []
            # Not Path.glob, which takes no absolute patterns.
            for match in sorted(map(Path, glob.glob(argument, recursive=True))):  # noqa: PTH207
                if match.is_dir():
                    paths += documents(match)
                elif not _inside(match, out):
                    paths.append(match)
            reason = "no such file" if argument == glob.escape(argument) else "no file matches"
        if not paths:
            missing.append((argument, reason))
        for item in paths:
            found.setdefault(item.resolve(), item)
    passed_over = sorted(path for resolved, path in others.items() if resolved not in found)
    return Inputs(tuple(sorted(found.values())), tuple(dict.fromkeys(missing)), tuple(passed_over))


def _is_document(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def _files(folder: Path, out: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.name.lower() not in _OF_FILE_MANAGERS
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and not _inside(path, out)
    ]


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
