"""Rows `layoutlmv3:path=DIR` and `lilt:path=DIR`: document transformers, for those who have weights.

LayoutLMv3 (Huang et al. 2022, arXiv 2204.08387) sees text, layout and the page's picture; LiLT (Wang
et al. 2022, arXiv 2202.13669) text and layout. Both are fine-tuned here as their authors do it: all
weights, AdamW, segment boxes for all tokens of a segment; the label is read at a segment's first
token. Pages longer than the model are cut into windows between segments. They have the same
documents and score as the other rows, and none of the frame's text vectors, node features and noisy
copies; of their epochs any may be kept, not only one of the second half.
"""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from hybrid.errors import ModelError
from hybrid.gcn.graph_stage import is_settled, out_of_patience
from hybrid.gcn.labelled import UNKNOWN, LabelledDocument
from hybrid.gcn.state import copy_of, seeded
from hybrid.gcn.text_stage import warm_up_and_decay
from hybrid.gcn.training import TrainingSettings

from ..datasets.pictures import with_picture
from .ablation_data import Fold
from .ablation_training import Counts, Trained, count_labels

NAMES = {
    "layoutlmv3": "microsoft/layoutlmv3-base",
    "lilt": "SCUT-DLVCLab/lilt-roberta-en-base",
}
"""Rows, and where their published weights are."""

_FILES = ("config.json", "tokenizer.json", "model.safetensors")
_LEARNING_RATE = 5e-5
_BATCH = 4
_TOKENS = 510
_GRID = 1000
_IGNORED = -100


def is_transformer(row: str) -> bool:
    """Whether a row is one of these."""
    return row.partition(":")[0] in NAMES


def weights_of(row: str) -> Path:
    """The folder that a row names.

    Raises:
        ModelError: If it names none, or the folder lacks something.
    """
    name, _, option = row.partition(":")
    key, _, value = option.partition("=")
    if key != "path" or not value:
        raise ModelError(
            f"{row}: name the folder of the weights, {name}:path=DIR; they are {NAMES[name]} "
            "on the Hugging Face hub"
        )
    missing = [f for f in _FILES if not (Path(value) / f).is_file()]
    if missing:
        raise ModelError(
            f"{row}: {', '.join(missing)} missing in that folder; it should be a copy of "
            f"{NAMES[name]} from the Hugging Face hub"
        )
    return Path(value)


@dataclass(frozen=True)
class _Window:
    """Some segments of a document: `ids` and `boxes` of their tokens, `first` tokens, `gold`."""

    document: int
    ids: list[int]
    boxes: list[tuple[int, ...]]
    first: list[int]
    gold: list[int]


class _Reader:
    """Documents to windows and pictures."""

    def __init__(self, folder: Path, labels: Sequence[str], pictures: dict[str, Path]) -> None:
        from tokenizers import Tokenizer

        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.labels = list(labels)
        self.pictures = pictures

    def windows(self, documents: Sequence[LabelledDocument]) -> list[_Window]:
        return [w for k, d in enumerate(documents) for w in self._windows_of(k, d)]

    def _windows_of(self, number: int, d: LabelledDocument) -> Iterator[_Window]:
        window = _Window(number, [], [], [], [])
        sizes = {p.number: (p.width, p.height) for p in d.document.pages}
        for segment, label in zip(d.document.segments, d.labels, strict=True):
            ids = self.tokenizer.encode(segment.text, add_special_tokens=False).ids[:_TOKENS]
            # A text of which the tokenizer leaves nothing still has to get a label.
            ids = ids or self.tokenizer.encode("-", add_special_tokens=False).ids[:1]
            if len(window.ids) + len(ids) > _TOKENS:
                yield window
                window = _Window(number, [], [], [], [])
            box = segment.box.normalized(*sizes[segment.page]).as_tuple()
            grid = tuple(min(max(round(_GRID * v), 0), _GRID) for v in box)
            window.first.append(len(window.ids) + 1)  # after the token that begins a window
            window.gold.append(_IGNORED if label == UNKNOWN else self.labels.index(label))
            window.ids.extend(ids)
            window.boxes.extend([grid] * len(ids))
        yield window

    def picture(self, d: LabelledDocument, side: int) -> Tensor:
        """The first page `[3, side, side]`, -1 to 1; white where there is none."""
        image = with_picture(d.document, self.pictures.get(d.document.id)).pages[0].image
        if image is None:
            return torch.ones(3, side, side)
        with Image.open(io.BytesIO(image.data)) as opened:
            small = opened.convert("RGB").resize((side, side), Image.Resampling.BILINEAR)
        pixels = np.asarray(small, dtype=np.float32) / 127.5 - 1.0
        return torch.from_numpy(pixels.transpose(2, 0, 1).copy())


class _Tagger:
    """A transformer and what it needs to read a batch of windows."""

    def __init__(self, name: str, folder: Path, reader: _Reader) -> None:
        from transformers import AutoModelForTokenClassification
        from transformers.utils import logging

        logging.disable_progress_bar()
        logging.set_verbosity_error()  # that the classifier is new is no news
        try:
            self.model: Any = AutoModelForTokenClassification.from_pretrained(
                folder,
                num_labels=len(reader.labels),
                ignore_mismatched_sizes=True,  # a classifier of other labels is made anew
                local_files_only=True,
                dtype=torch.float32,
            )
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise ModelError(f"{folder}: the transformer cannot be loaded: {reason}") from error
        found = str(self.model.config.model_type)
        if found != name:
            raise ModelError(f"{folder}: this is a {found}, not a {name}")
        self.reader = reader
        self.side = int(getattr(self.model.config, "input_size", 0))  # LiLT sees no picture

    def logits(self, windows: Sequence[_Window], documents: Sequence[LabelledDocument]) -> Tensor:
        """`[segments, labels]` of the windows' segments, one after the other."""
        config = self.model.config
        longest = max(len(w.ids) for w in windows) + 2
        ids = torch.full((len(windows), longest), config.pad_token_id)
        boxes = torch.zeros(len(windows), longest, 4, dtype=torch.long)
        mask = torch.zeros(len(windows), longest, dtype=torch.long)
        for row, w in enumerate(windows):
            size = len(w.ids) + 2
            ids[row, :size] = torch.tensor([config.bos_token_id, *w.ids, config.eos_token_id])
            boxes[row, 1 : size - 1] = torch.tensor(w.boxes).reshape(-1, 4)
            mask[row, :size] = 1
        inputs = {"input_ids": ids, "bbox": boxes, "attention_mask": mask}
        if self.side:
            pictures = [self.reader.picture(documents[w.document], self.side) for w in windows]
            inputs["pixel_values"] = torch.stack(pictures)
        found = self.model(**inputs).logits  # [windows, tokens, labels]
        return torch.cat([found[row, w.first] for row, w in enumerate(windows)])

    @torch.no_grad()
    def counts(self, documents: Sequence[LabelledDocument]) -> list[Counts]:
        """Of each document."""
        self.model.eval()
        predicted: list[list[str]] = [[] for _ in documents]
        for window in self.reader.windows(documents):
            best = self.logits([window], documents).argmax(dim=1).tolist()
            predicted[window.document] += [self.reader.labels[k] for k in best]
        return [count_labels(d.labels, p) for d, p in zip(documents, predicted, strict=True)]


def train_transformer(
    fold: Fold, row: str, settings: TrainingSettings, show: Callable[[float], None]
) -> Trained:
    """Fine-tunes the transformer of a row on a fold and scores the fold's test part.

    Args:
        fold: The documents.
        row: Name and folder.
        settings: Seed, epochs and patience.
        show: Told the share that is done, 0 to 1.

    Raises:
        ModelError: If the folder holds no such model.
    """
    started = time.perf_counter()
    folder = weights_of(row)
    reader = _Reader(folder, fold.labels, fold.pictures)
    with seeded(settings.seed, "transformer"):
        tagger = _Tagger(row.partition(":")[0], folder, reader)
    optimizer = torch.optim.AdamW(tagger.model.parameters(), lr=_LEARNING_RATE, weight_decay=0.01)
    windows = reader.windows(fold.train)
    batches, epochs = -(-len(windows) // _BATCH), settings.graph_epochs
    best, best_epoch, state = -1.0, 0, copy_of(tagger.model)
    for epoch in range(epochs):
        if out_of_patience(epoch, best_epoch, epochs, settings.patience):
            break
        with seeded(settings.seed, "transformer", epoch) as seed:
            order = random.Random(seed).sample(windows, len(windows))  # noqa: S311  # no secret
            tagger.model.train()
            for number in range(batches):
                batch = order[number * _BATCH : (number + 1) * _BATCH]
                share = warm_up_and_decay(epoch * batches + number, epochs * batches)
                for group in optimizer.param_groups:
                    group["lr"] = _LEARNING_RATE * share
                gold = torch.tensor([g for w in batch for g in w.gold])
                if bool((gold != _IGNORED).any()):
                    loss = nn.functional.cross_entropy(
                        tagger.logits(batch, fold.train), gold, ignore_index=_IGNORED
                    )
                    optimizer.zero_grad()
                    loss.backward()  # type: ignore[no-untyped-call]
                    nn.utils.clip_grad_norm_(tagger.model.parameters(), 1.0)
                    optimizer.step()
                show((epoch + (number + 1) / batches) / epochs)
        score = _pooled(tagger.counts(fold.early))
        if is_settled(epoch, epochs) and score > best:
            best, best_epoch, state = score, epoch + 1, copy_of(tagger.model)
    tagger.model.load_state_dict(state)
    return Trained(
        counts=tagger.counts(fold.test),
        early_f1=best,
        best_epoch=best_epoch,
        parameters=sum(p.numel() for p in tagger.model.parameters()),
        seconds=time.perf_counter() - started,
    )


def _pooled(counts: Sequence[Counts]) -> float:
    right, given, there = (sum(c[k] for c in counts) for k in range(3))
    return 2 * right / (given + there) if given + there else 0.0
