"""Runs systems over documents: what was done before is skipped, what is done is kept at once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import polars as pl

from hybrid.errors import ServerError
from hybrid.extraction import RunInfo, Status
from hybrid.pipeline.base import Extractor

from ..records import ITEM_SCHEMA, SEGMENT_SCHEMA
from ..systems.spec import SystemSpec
from .answered import once_answered
from .config import RunConfig
from .predicted import extraction_rows, label_rows
from .rows import Place
from .store import REPLIES, Done, RunStore, Unit, frame_of
from .systems import SystemFactory
from .work import Asking, Job, jobs_of, limited


class Listener(Protocol):
    """Is told how a run goes, in the thread that runs it."""

    def status(self, text: str) -> None:
        """What is being waited for."""

    def begins(self, job: Job, system: str, total: int, done: int) -> None:
        """A system begins on a job's documents, some of which were done before."""

    def advances(self, f1: float | None) -> None:
        """One more document is done; the micro F1 of all so far, None where there is no gold."""


class Silent:
    """A listener that says nothing."""

    def status(self, text: str) -> None:
        """See `Listener`."""

    def begins(self, job: Job, system: str, total: int, done: int) -> None:
        """See `Listener`."""

    def advances(self, f1: float | None) -> None:
        """See `Listener`."""


def execute(
    config: RunConfig,
    store: RunStore,
    *,
    replay: bool = False,
    replies: Path | None = None,
    listener: Listener | None = None,
) -> list[str]:
    """Does all work that is not done yet and writes the run's tables.

    Args:
        config: What to do; checked.
        store: The folder, begun for this configuration.
        replay: LLM replies come from the recorded ones only.
        replies: Folder of recorded replies; that of the run by default.
        listener: Told how it goes.

    Returns:
        Warnings, each once.

    Raises:
        ServerError: If the LLM cannot be reached, or answers nothing; what was done is kept.
        HybridError: If a dataset, checkpoint or model is missing.
    """
    told = listener or Silent()
    store.mend()
    done = {d.unit: _Before(_items(d), d.problems) for d in store.units()}
    factory = SystemFactory(
        config.llm,
        replies or store.folder / REPLIES,
        replay,
        told.status,
        config.llm_engine,
        config.reasoning,
    )
    gold: list[pl.DataFrame] = []
    segments: list[pl.DataFrame] = []
    shown: set[Place] = set()
    warnings: list[str] = []
    try:
        factory.check_samples(config.specs)
        for job in jobs_of(config):
            warnings += [*job.notes, *job.unknown_fields()]
            rows = list(job.gold())
            gold.append(frame_of(rows, ITEM_SCHEMA))
            # Both kinds of work see the same text, if cut into words for one of them.
            segments.append(frame_of(job.segments(shown), SEGMENT_SCHEMA))
            shown.update(job.place(d.sample) for d in job.documents)
            running = _RunningScore(rows)
            del rows
            for spec in config.specs:
                documents = limited(job, spec.uses_llm)
                units = [(d, job.unit(spec.text, d.sample)) for d in documents]
                known = {u: done[u] for _, u in units if u in done}
                told.begins(job, spec.text, len(documents), len(known))
                running.start({u.document_id: k.items for u, k in known.items()})
                warnings += (problem for k in known.values() for problem in k.problems)
                left = [d for d, u in units if u not in done]
                if not left:
                    continue
                extractor = factory.build(spec, job.checkpoint(), job.asked(), job.training)
                store.record_system(
                    f"{job.dataset.name} {job.work} {spec.text}", extractor.identity()
                )
                workers = config.workers if spec.uses_llm else 1
                finished = _parallel(job, spec, extractor, left, workers)
                for unit_done in once_answered(_checked(finished, factory, spec), spec.text):
                    store.append(unit_done)
                    told.advances(running.add(unit_done.unit.document_id, _items(unit_done)))
                    warnings += unit_done.problems
    finally:
        for name, seen in factory.prefix_caches().items():
            store.count_prefix_cache(name, seen)
        factory.close()
    store.write_tables(gold, segments)
    return list(dict.fromkeys(warnings))


def _checked(finished: Iterable[Done], factory: SystemFactory, spec: SystemSpec) -> Iterator[Done]:
    for unit_done in finished:
        factory.check(spec, unit_done.problems)
        yield unit_done


def _parallel(
    job: Job,
    spec: SystemSpec,
    extractor: Extractor,
    documents: Sequence[Asking],
    workers: int,
) -> Iterator[Done]:
    """Finished units in the documents' order; at most a few are worked on ahead."""
    with ThreadPoolExecutor(max_workers=workers) as threads:
        waiting = []
        try:
            for document in documents:
                waiting.append(threads.submit(_one, job, spec, extractor, document))
                if len(waiting) > 2 * workers:
                    yield waiting.pop(0).result()
            for future in waiting:
                yield future.result()
        finally:
            threads.shutdown(wait=True, cancel_futures=True)


def _one(job: Job, spec: SystemSpec, extractor: Extractor, document: Asking) -> Done:
    sample = document.sample
    place, unit = job.place(sample), job.unit(spec.text, sample)
    started = time.perf_counter()
    try:
        if job.work == "label":
            labelling = extractor.label(sample.document, job.labels(), job.aliases())
            seconds = time.perf_counter() - started
            spans = job.tasks[0].datasets[job.dataset.name].spans
            items = list(label_rows(labelling, sample, place, spec.text, spans))
            row = _document_row(unit, seconds, labelling.run, 0)
            return Done(unit, row, items, labelling.run.warnings)
        asked = job.asked(document)
        assert asked is not None
        extraction = extractor.extract(sample.document, asked.schema)
        seconds = time.perf_counter() - started
        items = extraction_rows(extraction, sample, place, spec.text, job.tasks, asked)
        unverified = sum(x.status is Status.UNVERIFIED for x in extraction.fields.values())
        row = _document_row(unit, seconds, extraction.run, unverified)
        return Done(unit, row, items, extraction.run.warnings)
    except ServerError:
        raise
    except Exception as error:  # noqa: BLE001, RUF100  # one document never stops a run
        reason = f"{type(error).__name__}: {error}"
        row = _document_row(unit, time.perf_counter() - started, None, 0) | {"error": reason}
        return Done(unit, row, [], [f"{sample.id}: {spec.text}: {reason}"])


def _document_row(
    unit: Unit, seconds: float, run: RunInfo | None, unverified: int
) -> dict[str, Any]:
    usage = run.usage if run else None
    return {
        **unit._asdict(),
        "seconds": round(seconds, 4),
        "requests": usage.requests if usage else 0,
        "prompt_tokens": usage.prompt_tokens if usage else 0,
        "cached_tokens": usage.cached_tokens if usage else 0,
        "completion_tokens": usage.completion_tokens if usage else 0,
        "reasoning_tokens": usage.reasoning_tokens if usage else 0,
        "llm_seconds": usage.seconds if usage else 0.0,
        "invalid_replies": usage.invalid_replies if usage else 0,
        "unverified": unverified,
        "error": None,
    }


_Items = Counter[tuple[str, str, str]]


class _Before(NamedTuple):
    """What is needed of a unit that was done before."""

    items: _Items
    problems: list[str]


class _RunningScore:
    """Micro F1 of a system so far, for the progress bar; the scores proper come from the tables."""

    def __init__(self, gold: Sequence[dict[str, Any]]) -> None:
        self._gold: dict[str, _Items] = {}
        for row in gold:
            if row["key"] is not None:
                self._gold.setdefault(row["document_id"], Counter())[_item(row)] += 1
        self._right = self._given = self._wanted = 0

    def start(self, known: Mapping[str, _Items]) -> None:
        """Begins a system, with what it gave before by document."""
        self._right = self._given = self._wanted = 0
        for document_id, given in known.items():
            self.add(document_id, given)

    def add(self, document_id: str, given: _Items) -> float | None:
        """Counts a document; returns the F1 of all so far, None where nothing is to be found."""
        wanted = self._gold.get(document_id, Counter())
        self._right += (given & wanted).total()
        self._given += given.total()
        self._wanted += wanted.total()
        if not self._gold:  # of documents that lack what they are asked for
            return None
        total = self._given + self._wanted
        return 2 * self._right / total if total else None


def _items(done: Done) -> _Items:
    return Counter(_item(row) for row in done.items)


def _item(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["task"], row["label"], row["key"]
