"""The options by which commands are told datasets and the folders of their releases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

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


def roots_of(names: Sequence[str], folders: Sequence[Path] | None) -> list[Path | None]:
    """The folder of each dataset; None for the last ones, which are drawn."""
    given = list(folders or [])
    return [*given, *[None] * (len(names) - len(given))]
