"""Many documents at a time: read, extract, write; one that fails stops nothing."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybrid.cli.console import reason_of
from hybrid.cli.outputs import read_earlier, sha256_of
from hybrid.document import Document
from hybrid.files import write_text
from hybrid.schema import FieldSchema

if TYPE_CHECKING:
    from hybrid.pipeline import Extractor


class Result(StrEnum):
    """What became of an input."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of an input, for table and summary.

    Attributes:
        source: The input.
        result: Done now, done before, or failed.
        fields: Its leaves by path, as JSON; empty where it failed.
        error: Why it failed, in one line.
        error_type: Name of the exception's class.
        trace: The traceback, for `--debug`.
        warnings: What the result says of how it was made.
    """

    source: Path
    result: Result
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    error: str = ""
    error_type: str = ""
    trace: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """What is done with every input.

    Attributes:
        extractor: Shared by all threads.
        schema: The fields to fill.
        out: An existing folder.
        ocr: Name of the OCR engine.
        html: Write a page beside each result.
    """

    extractor: Extractor
    schema: FieldSchema
    out: Path
    ocr: str
    html: bool

    def run(
        self, names: Mapping[Path, str], workers: int, on_done: Callable[[Outcome], None]
    ) -> tuple[list[Outcome], bool]:
        """Does all inputs.

        Args:
            names: Input to the name of its results.
            workers: Documents at a time.
            on_done: Told each outcome as it comes, in this thread.

        Returns:
            The outcomes in the order of `names`, and whether Ctrl-C ended the run early; then what
            had not been begun is missing.
        """
        stop = threading.Event()
        outcomes: dict[Path, Outcome] = {}
        interrupted = False
        with ThreadPoolExecutor(max_workers=workers) as threads:
            futures: dict[Future[Outcome], Path] = {
                threads.submit(self._attempt, path, name, stop): path
                for path, name in names.items()
            }
            try:
                for future in as_completed(futures):
                    outcomes[futures[future]] = future.result()
                    on_done(outcomes[futures[future]])
            except KeyboardInterrupt:
                interrupted = True
                stop.set()
                threads.shutdown(wait=True, cancel_futures=True)
        for future, path in futures.items():
            if path not in outcomes and not future.cancelled() and future.exception() is None:
                outcomes[path] = future.result()
        return [outcomes[path] for path in names if path in outcomes], interrupted

    def _attempt(self, path: Path, name: str, stop: threading.Event) -> Outcome:
        try:
            return self._one(path, name, stop)
        # Whatever goes wrong with one document, the others are done.
        except Exception as error:
            return Outcome(
                path,
                Result.FAILED,
                error=reason_of(error),
                error_type=type(error).__name__,
                trace="".join(traceback.format_exception(error)),
            )

    def _one(self, path: Path, name: str, stop: threading.Event) -> Outcome:
        target, page = self.out / f"{name}.json", self.out / f"{name}.html"
        earlier = read_earlier(target)
        if (
            earlier is not None
            and earlier.is_verified
            and (page.is_file() or not self.html)
            and earlier.run.get("fingerprint")
            == self.extractor.fingerprint(sha256_of(path), self.schema)
        ):
            return Outcome(path, Result.SKIPPED, earlier.fields)

        def check_stop(*_: object) -> None:
            if stop.is_set():
                raise KeyboardInterrupt

        document = load(path, self.ocr, check_stop)
        check_stop()
        extraction = self.extractor.extract(document, self.schema)
        text = extraction.model_dump_json(indent=2) + "\n"
        if self.html:
            from hybrid.report import write_html

            write_html(page, document, extraction)
        elif earlier is not None:
            # Of another result than the one that will stand beside it.
            page.unlink(missing_ok=True)
        # Last, because a result that is there means that all of it is.
        write_text(target, text)
        fields = extraction.model_dump(mode="json")["fields"]
        return Outcome(path, Result.DONE, fields, warnings=tuple(extraction.run.warnings))


def load(path: Path, ocr: str, on_page: Callable[..., None]) -> Document:
    """`hybrid.load_document`, imported when the first document is read."""
    from hybrid.ingest import load_document

    return load_document(path, ocr=ocr, on_page=on_page)


def failures_of(outcomes: Sequence[Outcome]) -> list[dict[str, str]]:
    """The failed ones as records of `errors.jsonl`."""
    return [
        {"source": str(o.source), "error": o.error, "type": o.error_type}
        for o in outcomes
        if o.result is Result.FAILED
    ]
