"""Extracts the bundled samples with the command line and shows what is right: `make demo`.

Runs `hybrid extract` as a user would, with one vLLM server for all documents, and compares what it
wrote with the gold values.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hybrid.cli.models import gpu_memory_gb
from hybrid.errors import HybridError
from hybrid.llm.profiles import best_profile_for, is_address
from hybrid.llm.registry import find_running_server, registered
from hybrid.llm.serve import VllmServer

from .comparison import Comparison, compare

FOLDER = Path(__file__).resolve().parent
OUT = Path("demo-output")
_ITEMS_SHOWN = 6
"""Of a list; of the others only what is wrong."""


@dataclass(frozen=True)
class Sample:
    """One bundled document and what is known of it.

    Attributes:
        document: The file.
        schema: As `hybrid extract --schema` takes it.
        checkpoint: As `hybrid extract --checkpoint` takes it.
        gold: Field path to value; None for a field that the document does not have.
    """

    document: Path
    schema: str
    checkpoint: str
    gold: dict[str, Any]


def read_samples() -> list[Sample]:
    """All bundled documents, by name."""
    samples = []
    for path in sorted((FOLDER / "gold").glob("*.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        schema = gold["schema"]
        # A schema in a file of its own stands in this folder.
        if ".py:" in schema:
            schema = str(FOLDER / schema)
        (document,) = (FOLDER / "documents").glob(f"{path.stem}.*")
        samples.append(Sample(document, schema, gold["checkpoint"], gold["fields"]))
    return samples


@contextmanager
def shared_server(llm: str, console: Console) -> Iterator[None]:
    """Keeps one server running for all the commands inside; none for an address or "none"."""
    with ExitStack() as stack:
        if llm == "none" or is_address(llm):
            pass
        elif (url := find_running_server(llm)) is not None:
            console.print(f"demo: using the server of {llm} that runs at {url}")
        else:
            console.print(f"demo: starting vLLM with {llm}; this takes a minute or two ...")
            started = time.monotonic()
            server = stack.enter_context(VllmServer(llm))
            stack.enter_context(registered(server.profile, server.folder, server.base_url))
            seconds = time.monotonic() - started
            console.print(f"demo: ... ready at {server.base_url} after {seconds:.0f} s")
        yield


def extract(samples: list[Sample], llm: str, console: Console) -> dict[str, str]:
    """Runs `hybrid extract` once for each schema and checkpoint; results go to `demo-output`.

    Returns:
        File name to reason, for the documents that failed.
    """
    OUT.mkdir(exist_ok=True)
    for sample in samples:
        for suffix in (".json", ".html"):  # so that the demo really runs each time
            (OUT / f"{sample.document.stem}{suffix}").unlink(missing_ok=True)
    failures: dict[str, str] = {}
    for schema, checkpoint in sorted({(s.schema, s.checkpoint) for s in samples}):
        chosen = [s.document for s in samples if (s.schema, s.checkpoint) == (schema, checkpoint)]
        options = ["--schema", schema, "--checkpoint", checkpoint, "--llm", llm, "--out", str(OUT)]
        arguments = ["extract", *(_short(path) for path in chosen), *options]
        console.print(f"$ hybrid {escape(shlex.join(arguments))}", style="dim", soft_wrap=True)
        # Its table is left out, ours shows the same values beside the gold; what failed it says on
        # standard error.
        done = subprocess.run(
            [sys.executable, "-m", "hybrid", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        for path in chosen:
            if not (OUT / f"{path.stem}.json").is_file():
                failures[path.name] = f"no result (exit code {done.returncode})"
    return failures


def _short(path: Path) -> str:
    """The path from the current directory where it is inside of it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def read_result(sample: Sample) -> dict[str, Any]:
    """What `hybrid extract` wrote for a sample."""
    path = OUT / f"{sample.document.stem}.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def show(
    sample: Sample, result: dict[str, Any], compared: list[Comparison], console: Console
) -> None:
    """Prints the table of one document."""
    seconds = sum(result["run"]["seconds"].values())
    table = Table(
        title=f"{sample.document.name} ({seconds:.1f} s)", title_justify="left", min_width=60
    )
    table.add_column("field", no_wrap=True)
    table.add_column("expected", overflow="fold")
    table.add_column("found", overflow="fold")
    table.add_column("status", no_wrap=True)
    table.add_column("ok", no_wrap=True)
    shown = [row for row in compared if not row.is_right or _item(row.path) < _ITEMS_SHOWN]
    for row in shown:
        mark = "[green]✓ yes[/]" if row.is_right else "[red]✗ no[/]"
        expected, found = (
            "-" if value is None else escape(str(value)) for value in (row.expected, row.found)
        )
        table.add_row(escape(row.path), expected, found, row.status, mark)
    console.print(table)
    if len(shown) < len(compared):
        console.print(f"... and {len(compared) - len(shown)} more fields in its lists, all right")


def _item(path: str) -> int:
    """The number of the list's item that a field is in; 0 outside lists."""
    number = re.search(r"\[(\d+)\]", path)
    return int(number[1]) if number else 0


def main(arguments: list[str] | None = None) -> int:
    """Runs the demo.

    Returns:
        0 where every document has a result with values in it, 1 otherwise.
    """
    parser = argparse.ArgumentParser(description="Extracts the bundled samples.")
    parser.add_argument("--llm", help="name, URL or none; default: the best for this machine")
    llm = parser.parse_args(arguments).llm or best_profile_for(gpu_memory_gb()).name
    console, started = Console(), time.monotonic()
    samples = read_samples()
    try:
        with shared_server(llm, console):
            failures = extract(samples, llm, console)
    except HybridError as error:
        console.print(f"demo: {escape(str(error))}", style="bold red", soft_wrap=True)
        return 1
    right = total = 0
    for sample in samples:
        if sample.document.name in failures:
            continue
        result = read_result(sample)
        compared = compare(sample.gold, result["fields"])
        show(sample, result, compared, console)
        right += sum(row.is_right for row in compared)
        total += len(compared)
        if all(row.found is None for row in compared):
            failures[sample.document.name] = "no values found"
    seconds = time.monotonic() - started
    console.print(
        f"{right} of {total} fields right in {len(samples) - len(failures)} of {len(samples)} "
        f"documents, {seconds:.0f} s in all (LLM: {escape(llm)})"
    )
    for name, reason in failures.items():
        console.print(f"{name}: {reason}", style="bold red")
    console.print(
        f"JSON and HTML files are in {escape(str(OUT.resolve()))}; open an .html to see the boxes",
        soft_wrap=True,
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
