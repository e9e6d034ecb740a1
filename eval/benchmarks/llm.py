"""The same questions to an LLM behind a server and in this process: `hybrid bench llm`.

Questions are what verification asks: for each field of a drawn receipt, which of the lines that the
GCN proposes is it, with the options in both orders. They are made beforehand, so that only the LLM
is timed. Each engine runs in a process of its own, one after the other, with an empty prefix cache.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybrid.errors import HybridError, ServerError
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatRequest, usage_of
from hybrid.llm.connect import backend_of, check
from hybrid.llm.http import HttpBackend
from hybrid.llm.probe import probe
from hybrid.llm.profiles import load_profile
from hybrid.llm.server_metrics import prefix_cache

from .gcn import Pages
from .processes import in_process

if TYPE_CHECKING:
    from rich.table import Table

_SCHEMA, _DATASET, _CHECKPOINT = "receipt", "drawn_receipts", "receipts"
ENGINES = ("http", "local")


@dataclass(frozen=True)
class Row:
    """One engine.

    Attributes:
        engine: "http" or "local".
        startup_seconds: Until the model was loaded and the probe answered.
        seconds: For all documents.
        documents_per_second: `documents / seconds`.
        prompt_tokens_per_second: Sent, cached ones too.
        output_tokens_per_second: Written.
        hit_rate: Share of the prompts' tokens that was in the prefix cache, by the engine's own
            count; None where it does not tell.
        cached_share: The same as the replies tell it.
        failed: Requests without a usable answer.
    """

    engine: str
    startup_seconds: float
    seconds: float
    documents_per_second: float
    prompt_tokens_per_second: float
    output_tokens_per_second: float
    hit_rate: float | None
    cached_share: float
    failed: int


@dataclass(frozen=True)
class Result:
    """Both engines.

    Attributes:
        rows: The server, then the engine in this process.
        ratio: How many times as many documents a second the latter does.
        same_answers: Share of the requests to which both gave the same letter.
        llm: Profile, or folder of a model.
        documents: With at least one question.
        requests: On all of them.
        workers: Documents at a time.
    """

    rows: tuple[Row, ...]
    ratio: float
    same_answers: float
    llm: str
    documents: int
    requests: int
    workers: int

    def as_json(self) -> str:
        """All of it as one JSON object."""
        return json.dumps(asdict(self))

    def as_table(self) -> Table:
        """For a terminal."""
        from rich.table import Table

        table = Table(
            caption=f"{self.llm}: in this process {self.ratio:.2f} times the documents a second, "
            f"{self.same_answers:.0%} of the answers the same; {self.documents} documents, "
            f"{self.requests} requests, {self.workers} documents at a time",
        )
        table.add_column("engine")
        names = ("start-up s", "documents/s", "prompt tokens/s", "output tokens/s", "cache hits")
        for name in (*names, "failed"):
            table.add_column(name, justify="right")
        for row in self.rows:
            table.add_row(
                row.engine,
                f"{row.startup_seconds:.0f}",
                f"{row.documents_per_second:.2f}",
                f"{row.prompt_tokens_per_second:,.0f}",
                f"{row.output_tokens_per_second:.1f}",
                "–" if row.hit_rate is None else f"{row.hit_rate:.0%}",
                str(row.failed),
            )
        return table


def measure(
    llm: str, count: int, workers: int, say: Callable[[str], None], checkpoint: str = _CHECKPOINT
) -> Result:
    """Measures both engines with the same questions.

    Args:
        llm: Profile, or folder of a model; no address, since both run it themselves.
        count: Drawn receipts.
        workers: Documents at a time.
        say: Told what goes on.
        checkpoint: Of the GCN that proposes.

    Raises:
        HybridError: If the model is missing or an engine fails.
    """
    check(llm, "local")
    say("making the questions")
    asked = questions(count, checkpoint, load_profile(llm).max_model_len)
    rows: list[Row] = []
    answers: list[list[str | None]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requests.json"
        path.write_text(
            json.dumps([[r.model_dump(mode="json") for r in d] for d in asked]), encoding="utf-8"
        )
        for engine in ENGINES:
            say(f"{engine}: starting vLLM, then {sum(map(len, asked))} requests")
            done = in_process(
                "llm", "one_engine", engine=engine, llm=llm, path=str(path), workers=workers
            )
            answers.append(done.pop("answers"))
            rows.append(Row(**done))
    same = sum(a == b for a, b in zip(*answers, strict=True)) / len(answers[0])
    return Result(
        tuple(rows),
        ratio=round(rows[1].documents_per_second / rows[0].documents_per_second, 3),
        same_answers=round(same, 4),
        llm=llm,
        documents=len(asked),
        requests=sum(map(len, asked)),
        workers=workers,
    )


def questions(count: int, checkpoint: str, context_tokens: int) -> list[list[ChatRequest]]:
    """By document, what is asked where every field of a drawn receipt is doubtful.

    Raises:
        HybridError: If there is nothing to ask, or the checkpoint is missing.
    """
    from hybrid.pipeline.gcn import load_predictor
    from hybrid.schema_sources import resolve_schema
    from hybrid.verify.ask import question_pairs
    from hybrid.verify.propose import propose
    from hybrid.verify.resolve import question_on

    schema, predictor = resolve_schema(_SCHEMA), load_predictor(checkpoint)
    found = []
    for document in Pages(_DATASET, None, "test", count).documents():
        proposed = propose(document, schema, predictor.predict(document))
        asked = [question_on(document, schema, path, c) for path, c in proposed.items() if c]
        pairs = question_pairs(document, asked, context_tokens)
        if pairs:
            found.append([request for pair in pairs for request in pair])
    if not found:
        raise HybridError(
            f"{checkpoint} proposes nothing on {count} drawn receipts: nothing to ask"
        )
    return found


def one_engine(engine: str, llm: str, path: str, workers: int) -> dict[str, Any]:
    """Measures in this process: the fields of a `Row`, and the answers in order."""
    content = json.loads(Path(path).read_text(encoding="utf-8"))
    asked = [[ChatRequest.model_validate(r) for r in requests] for requests in content]
    started = time.perf_counter()
    with _opened(engine, llm) as backend:
        # What the pipeline does too; the first grammars are compiled with it.
        backend.choices_as_schema = probe(backend).choices_as_schema
        ready = time.perf_counter()
        before = prefix_cache(backend)
        with ThreadPoolExecutor(workers) as threads:
            replies = [r for d in threads.map(backend.complete_many, asked) for r in d]
        seconds = time.perf_counter() - ready
        after = prefix_cache(backend)
    usage: LlmUsage = reduce(add, map(usage_of, replies))
    row = Row(
        engine=engine,
        startup_seconds=round(ready - started, 1),
        seconds=round(seconds, 2),
        documents_per_second=round(len(asked) / seconds, 3),
        prompt_tokens_per_second=round(usage.prompt_tokens / seconds, 1),
        output_tokens_per_second=round(usage.completion_tokens / seconds, 1),
        hit_rate=None if before is None or after is None else round((after - before).hit_rate, 4),
        cached_share=round(usage.cached_tokens / max(usage.prompt_tokens, 1), 4),
        failed=sum(isinstance(reply, ServerError) for reply in replies),
    )
    texts = [None if isinstance(reply, ServerError) else reply.text for reply in replies]
    return {**asdict(row), "answers": texts}


@contextmanager
def _opened(engine: str, llm: str) -> Iterator[HttpBackend]:
    """An engine that is started for this, also where `hybrid serve` runs one."""
    if engine == "local":
        from hybrid.llm.local import connect_local

        with connect_local(llm) as backend:
            yield backend
        return
    from hybrid.llm.serve import VllmServer

    with VllmServer(llm) as server, backend_of(server.profile, server.base_url) as backend:
        yield backend
