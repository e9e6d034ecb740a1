"""Pages a second of the GCN beside a document transformer's: `hybrid bench gcn`.

Each system runs in a process of its own, on the same pages in the same order, one at a time, with
as many threads. Both get boxes and texts that are in memory, and give a label for each segment.
What they import is loaded before memory is looked at, and the first page is done once beforehand.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybrid.document import Document
from hybrid.errors import DatasetError

from .processes import PeakMemory, in_process

if TYPE_CHECKING:
    import torch
    from rich.table import Table

LAYOUTLM: dict[str, Any] = {}
"""What differs from `LayoutLMv3Config()`, which is the published base size."""

_GRID = 1000
"""LayoutLM's coordinates go from 0 to this."""


@dataclass(frozen=True)
class Pages:
    """Which pages: the first documents of a split.

    Attributes:
        dataset: See `hybrid data list`.
        data_root: Folder of the release; None for drawn documents.
        split: One of the dataset's.
        count: At most so many documents that have segments.
    """

    dataset: str
    data_root: Path | None
    split: str
    count: int

    def documents(self) -> list[Document]:
        """Reads them.

        Raises:
            DatasetError: If there are none.
        """
        from ..datasets.registry import find_dataset, read_dataset

        # Of a release all are read: pages without text are passed over.
        limit = None if find_dataset(self.dataset).needs_root else self.count
        samples = read_dataset(self.dataset, self.data_root, self.split, limit=limit)
        found = [s.document for s in samples if s.document.segments][: self.count]
        if not found:
            raise DatasetError(f"{self.dataset}: no documents with segments in {self.split}")
        return found

    def as_arguments(self) -> dict[str, Any]:
        """What goes to another process."""
        return {**asdict(self), "data_root": self.data_root and str(self.data_root)}


@dataclass(frozen=True)
class Row:
    """One system.

    Attributes:
        system: Its name.
        pages: Documents that it did.
        segments: That it labelled.
        seconds: For all pages.
        pages_per_second: `pages / seconds`.
        p50_seconds: Median of a page.
        cpu_seconds: Of all threads, for all pages; hardly moved by what else the machine does.
        peak_mb: Peak memory above what the imports take, in 10**6 bytes.
        parameters: Weights, in millions.
    """

    system: str
    pages: int
    segments: int
    seconds: float
    pages_per_second: float
    p50_seconds: float
    cpu_seconds: float
    peak_mb: float
    parameters: float


@dataclass(frozen=True)
class Result:
    """Both systems.

    Attributes:
        rows: Ours, then the other.
        speed_ratio: How many times as many pages a second ours does.
        memory_ratio: Our peak memory as a share of the other's.
        threads: Of torch, for each.
        dataset: Of the pages.
        split: Of the pages.
    """

    rows: tuple[Row, ...]
    speed_ratio: float
    memory_ratio: float
    threads: int
    dataset: str
    split: str

    def as_json(self) -> str:
        """All of it as one JSON object."""
        return json.dumps(asdict(self))

    def as_table(self) -> Table:
        """For a terminal."""
        from rich.table import Table

        table = Table(
            caption=f"{self.speed_ratio:.1f} times the pages a second in {self.memory_ratio:.2f} of "
            f"the memory; {self.rows[0].pages} pages of {self.dataset} {self.split}, "
            f"{self.threads} threads",
        )
        table.add_column("system")
        for name in ("pages/s", "p50 ms", "CPU ms/page", "peak MB", "weights, M"):
            table.add_column(name, justify="right")
        for row in self.rows:
            table.add_row(
                row.system,
                f"{row.pages_per_second:.2f}",
                f"{row.p50_seconds * 1000:.0f}",
                f"{row.cpu_seconds / row.pages * 1000:.0f}",
                f"{row.peak_mb:.0f}",
                f"{row.parameters:.0f}",
            )
        return table


def measure(
    pages: Pages, checkpoint: str, threads: int | None, say: Callable[[str], None]
) -> Result:
    """Measures both systems, one after the other.

    Args:
        pages: For both.
        checkpoint: A shipped one by name, or a folder.
        threads: Of torch; None for all cores.
        say: Told what is being measured.

    Returns:
        Their figures and ratios.

    Raises:
        HybridError: If a process fails.
    """
    threads = threads or os.cpu_count() or 1
    shared = {"pages": pages.as_arguments(), "checkpoint": checkpoint, "threads": threads}
    say(f"hybrid's GCN, checkpoint {checkpoint}")
    ours = Row(**in_process("gcn", "run_gcn", **shared))
    say("LayoutLMv3-base, random weights")
    other = Row(**in_process("gcn", "run_layoutlm", **shared, config=LAYOUTLM))
    return Result(
        (ours, other),
        round(ours.pages_per_second / other.pages_per_second, 2),
        round(ours.peak_mb / other.peak_mb, 4),
        threads,
        pages.dataset,
        pages.split,
    )


def run_gcn(pages: Mapping[str, Any], checkpoint: str, threads: int) -> dict[str, Any]:
    """Ours, in this process: the fields of a `Row`."""
    import torch
    from transformers import AutoModel, AutoTokenizer
    from transformers.models.bert import modeling_bert

    from hybrid.gcn.checkpoint import load_checkpoint
    from hybrid.gcn.predict import GcnPredictor
    from hybrid.graph import builder, sight
    from hybrid.pipeline.gcn import checkpoint_folders

    imported = (AutoModel, AutoTokenizer, modeling_bert, builder, sight)
    torch.set_num_threads(threads)
    documents = Pages(**pages).documents()
    memory = PeakMemory()
    loaded = load_checkpoint(*checkpoint_folders(checkpoint))
    predictor = GcnPredictor(loaded)
    predictor.predict(documents[0])
    loaded.encoder.forget()
    modules = [loaded.model, loaded.encoder]
    if loaded.context is not None:
        modules.append(loaded.context.model)
    # Weights that are laid out for inference are buffers.
    count = sum(w.numel() for m in modules for w in (*m.parameters(), *m.buffers()))
    del imported
    return _timed(
        "hybrid GCN",
        documents,
        lambda document: predictor.predict(document).probabilities.argmax(axis=1),
        memory,
        count,
    )


def run_layoutlm(
    pages: Mapping[str, Any], checkpoint: str, threads: int, config: Mapping[str, Any]
) -> dict[str, Any]:
    """The other, in this process: the fields of a `Row`.

    Tokens are the word pieces of the checkpoint's encoder, cut into windows as long as the model
    takes, each with the page's picture; a segment's label is that of its first token. Pieces and
    picture are there before time is taken.
    """
    import torch
    from transformers.models.layoutlmv3 import LayoutLMv3Config, LayoutLMv3ForTokenClassification

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    documents = Pages(**pages).documents()
    settings = LayoutLMv3Config(num_labels=30, **config)
    windows = {d.id: list(_windows(d, ids, settings)) for d, ids in _pieces(documents, checkpoint)}
    picture = torch.rand(1, 3, settings.input_size, settings.input_size)
    memory = PeakMemory()
    model = LayoutLMv3ForTokenClassification(settings).eval()

    @torch.no_grad()
    def label(document: Document) -> object:
        found = []
        for ids, boxes, first in windows[document.id]:
            logits = model(input_ids=ids, bbox=boxes, pixel_values=picture).logits
            found.append(logits[0, first].argmax(dim=1))
        return torch.cat(found)

    label(documents[0])
    count = sum(p.numel() for p in model.parameters())
    return _timed("LayoutLMv3, random weights", documents, label, memory, count)


def _timed(
    system: str,
    documents: list[Document],
    label: Callable[[Document], Any],
    memory: PeakMemory,
    parameters: int,
) -> dict[str, Any]:
    each: list[float] = []
    segments, worked = 0, time.process_time()
    for document in documents:
        started = time.perf_counter()
        segments += len(label(document))
        each.append(time.perf_counter() - started)
    total = sum(each)
    row = Row(
        system=system,
        pages=len(documents),
        segments=segments,
        seconds=total,
        pages_per_second=round(len(documents) / total, 3),
        p50_seconds=statistics.median(each),
        cpu_seconds=time.process_time() - worked,
        peak_mb=round(memory.megabytes(), 1),
        parameters=round(parameters / 1e6, 2),
    )
    return asdict(row)


def _pieces(
    documents: list[Document], checkpoint: str
) -> Iterator[tuple[Document, list[list[int]]]]:
    """Each document with the word-piece ids of its segments; a text without any has one."""
    from transformers import AutoTokenizer

    from hybrid.pipeline.gcn import checkpoint_folders

    tokenizer = AutoTokenizer.from_pretrained(
        checkpoint_folders(checkpoint)[1], local_files_only=True
    )
    unknown = [tokenizer.unk_token_id]
    for document in documents:
        ids = tokenizer([s.text for s in document.segments], add_special_tokens=False).input_ids
        yield document, [one or unknown for one in ids]


def _windows(
    document: Document, pieces: list[list[int]], settings: Any
) -> Iterator[tuple[torch.Tensor, torch.Tensor, list[int]]]:
    """Token ids, boxes, and places of the first tokens of segments; a window for each forward."""
    import torch

    # Positions begin after the number of the padding token; two tokens are begin and end.
    room = settings.max_position_embeddings - settings.pad_token_id - 1 - 2
    sizes = {page.number: (page.width, page.height) for page in document.pages}
    tokens: list[tuple[int, list[int], bool]] = []
    for segment, ids in zip(document.segments, pieces, strict=True):
        width, height = sizes[segment.page]
        box = [
            min(max(int(_GRID * value / size), 0), _GRID)
            for value, size in zip(segment.box.as_tuple(), (width, height) * 2, strict=True)
        ]
        tokens += [(one % settings.vocab_size, box, k == 0) for k, one in enumerate(ids)]
    for start in range(0, len(tokens), room):
        part = tokens[start : start + room]
        ids = [settings.bos_token_id, *(t[0] for t in part), settings.eos_token_id]
        boxes = [[0] * 4, *(t[1] for t in part), [0] * 4]
        first = [k for k, t in enumerate(part, start=1) if t[2]]
        yield torch.tensor([ids]), torch.tensor([boxes]), first
