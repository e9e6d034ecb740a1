"""A training that begins with the weights of a checkpoint, as far as both know the same labels.

A hundred forms teach a network less about keys and values than the thousands of drawn ones that the
shipped checkpoint has seen. What it knows of texts and of neighbours is taken over whole, of the
classifier the rows of the labels that both have; the other labels begin anew.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from hybrid.errors import CheckpointError
from hybrid.gcn.checkpoint import (
    WEIGHTS,
    CheckpointConfig,
    checkpoint_sha256,
    read_config,
    read_labels,
    read_metrics,
)
from hybrid.gcn.encoder import TextEncoder
from hybrid.gcn.labelled import BACKGROUND
from hybrid.gcn.state import without_prefix

_CLASSIFIER = ("classifier.weight", "classifier.bias")
_LINKS, _CONTEXT = "links.", "context_norm."
_MEMBER = re.compile(r"^members\.\d+\.")


@dataclass(frozen=True)
class WarmStart:
    """A checkpoint to begin with.

    Attributes:
        folder: Of the checkpoint.
        config: Its configuration.
        labels: Its classes, the background first.
        sha256: Of weights, configuration and labels.
        datasets: That it was trained on.
    """

    folder: Path
    config: CheckpointConfig
    labels: tuple[str, ...]
    sha256: str
    datasets: tuple[str, ...]

    @classmethod
    def read(cls, folder: Path) -> WarmStart:
        """Reads all but the weights.

        Raises:
            CheckpointError: If a file is missing or broken.
        """
        return cls(
            folder,
            read_config(folder),
            read_labels(folder),
            checkpoint_sha256(folder),
            read_metrics(folder).datasets,
        )

    def shared_labels(self, labels: Sequence[str]) -> int:
        """How many labels, the background aside, it has in common with a training."""
        return len(set(self.labels) & set(labels) - {BACKGROUND})

    def misfit(self, config: CheckpointConfig) -> str | None:
        """What keeps a training of that configuration from beginning with it; None if nothing."""
        own = self.config
        if own.encoder.sha256 != config.encoder.sha256:
            return f"it was trained on the encoder {own.encoder.name!r}"
        if (own.encoder.rank, own.encoder.alpha) != (config.encoder.rank, config.encoder.alpha):
            return f"its encoder has deltas of rank {own.encoder.rank}"
        if own.recipe != config.recipe:
            return f"its recipe is {own.recipe.name!r}"
        members = config.model.members
        may_differ = {
            "links": config.model.links,
            "labels": config.model.labels,
            "dropout": config.model.dropout,
            "context_width": config.model.context_width,
        }
        if own.context not in (None, config.context):
            return f"it reads pages with the language model {own.context.name!r}"
        if own.model.members == 1:
            may_differ["members"] = members
        if own.model.model_copy(update=may_differ) != config.model:
            return "its network has another size"
        return None

    @classmethod
    def best(
        cls, starts: Sequence[WarmStart], config: CheckpointConfig, labels: Sequence[str]
    ) -> WarmStart | None:
        """The one that fits a training and has the most labels in common, if there is any."""
        fitting = [s for s in starts if s.shared_labels(labels) and not s.misfit(config)]
        return max(fitting, key=lambda s: s.shared_labels(labels), default=None)

    def load_into(self, model: nn.Module, encoder: TextEncoder, labels: Sequence[str]) -> None:
        """Copies its weights.

        Args:
            model: Of a configuration that it fits (`misfit`).
            encoder: With deltas.
            labels: Of the model's outputs.

        Raises:
            CheckpointError: If the weights are missing, broken or of other shapes.
        """
        try:
            tensors = load_file(self.folder / WEIGHTS)
        except (SafetensorError, OSError) as error:
            raise CheckpointError(f"{self.folder / WEIGHTS} cannot be read: {error}") from error
        encoder.load_deltas(without_prefix(tensors, "encoder."))
        theirs, ours = without_prefix(tensors, "model."), model.state_dict()
        state: dict[str, Tensor] = {}
        for name in ours:
            # One network becomes each member of an ensemble.
            source = name if name in theirs else _MEMBER.sub("", name)
            if source not in theirs and (_LINKS in source or _CONTEXT in source):
                state[name] = ours[name]
            elif source in theirs:
                state[name] = (
                    self._rows(theirs[source], ours[name], labels)
                    if source.endswith(_CLASSIFIER)
                    else _columns(theirs[source], ours[name])
                )
        try:
            model.load_state_dict(state)
        except RuntimeError as error:
            raise CheckpointError(
                f"{self.folder / WEIGHTS} does not fit its config.json; take both from the same "
                "training"
            ) from error

    def _rows(self, theirs: Tensor, ours: Tensor, labels: Sequence[str]) -> Tensor:
        """The classifier's rows in the order of `labels`; ours where they have none."""
        rows = ours.clone()
        for place, label in enumerate(labels):
            if label in self.labels:
                rows[place] = theirs[self.labels.index(label)]
        return rows


def _columns(theirs: Tensor, ours: Tensor) -> Tensor:
    """Their weights; where ours have more columns, those of the context, these begin anew."""
    if theirs.dim() != 2 or theirs.shape[1] >= ours.shape[1]:
        return theirs
    return torch.cat([theirs.to(ours.dtype), ours[:, theirs.shape[1] :]], dim=1)
