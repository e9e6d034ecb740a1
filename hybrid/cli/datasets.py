"""The options by which commands are told datasets and the folders of their releases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hybrid.errors import UsageError

if TYPE_CHECKING:
    from hybrid.schema import FieldSchema

DatasetNames = Annotated[
    list[str], typer.Option(help="sroie, funsd, cord_r, ...; may be given several times.")
]

DataRoots = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR",
        help="Folder of the release of each --dataset, in the same order; none for those that "
        "are drawn, which stand last.",
        show_default=False,
    ),
]

OwnSchema = Annotated[
    str | None,
    typer.Option(
        "--schema",
        metavar="NAME|FILE",
        help="Fields of the documents of --dataset own, as for hybrid extract.",
        show_default=False,
    ),
]


def roots_of(names: Sequence[str], folders: Sequence[Path] | None) -> list[Path | None]:
    """The folder of each dataset; None for the last ones, which are drawn."""
    given = list(folders or [])
    return [*given, *[None] * (len(names) - len(given))]


def own_schema(spec: str | None, names: Sequence[str]) -> FieldSchema | None:
    """The schema of the dataset `own`, which needs one; others have their own.

    Raises:
        UsageError: If it is missing, or nothing asks for it.
        SchemaError: If it cannot be read.
    """
    if (spec is None) == ("own" in names):
        raise UsageError(
            "--dataset own needs the fields of its documents: give --schema"
            if spec is None
            else "--schema is for --dataset own; the others have fields of their own"
        )
    from hybrid.schema_sources import resolve_schema

    return None if spec is None else resolve_schema(spec)
