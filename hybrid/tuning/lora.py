"""A base model with low-rank deltas on all its linear layers (Hu et al., 2021), through peft."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hybrid.errors import MissingExtraError, ModelError
from hybrid.gcn.state import seeded
from hybrid.llm.adapter import WEIGHTS
from hybrid.llm.precision import computes_bfloat16
from hybrid.tuning.attention import NAME, register
from hybrid.tuning.packing import Pack


class TunedModel:
    """A frozen base model in bf16 and its adapter.

    The adapter computes in bf16 as well, but is learned in float32 copies: steps that are smaller
    than a bf16's last digit would be lost. Both compute in float32 on cores that are slow in bf16.

    Args:
        base: Folder of a model for transformers.
        rank: Of the deltas.
        alpha: Their scale is `alpha / rank`.
        seed: Of the deltas' first values.

    Raises:
        MissingExtraError: If peft is not installed.
        ModelError: If the model cannot be loaded.
    """

    def __init__(self, base: Path, rank: int, alpha: int, seed: int = 0) -> None:
        try:
            from peft import LoraConfig, get_peft_model
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                "tuning needs the package 'peft': pip install 'hybrid-extract[train]'"
            ) from error
        from transformers import AutoModelForCausalLM

        register()
        dtype = torch.bfloat16 if computes_bfloat16() else torch.float32
        try:
            model = AutoModelForCausalLM.from_pretrained(
                base, dtype=dtype, attn_implementation=NAME
            )
        except (OSError, ValueError) as error:
            raise ModelError(f"{base}: cannot be loaded for tuning: {error}") from error
        self.config = LoraConfig(
            r=rank,
            lora_alpha=alpha,
            lora_dropout=0.0,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        )
        with seeded(seed, "adapter"):
            self._peft = get_peft_model(model, self.config, autocast_adapter_dtype=False)
        self._base: Any = self._peft.get_base_model()
        self._computing = [p for p in self._peft.parameters() if p.requires_grad]
        self.learned: list[Tensor] = [
            p.detach().float().clone().requires_grad_() for p in self._computing
        ]

    def reply_losses(self, pack: Pack) -> Tensor:
        """Negative log-likelihood of each reply token; the vocabulary is computed for these only."""
        hidden = self._base.model(
            input_ids=pack.tokens,
            position_ids=pack.positions,
            use_cache=False,
            spans=pack.spans,
        ).last_hidden_state[0]
        logits = self._base.lm_head(hidden[pack.predicting])
        return torch.nn.functional.cross_entropy(logits.float(), pack.targets, reduction="none")

    @property
    def vocabulary(self) -> Tensor:
        """Vectors of the output layer, one a token."""
        weights: Tensor = self._base.lm_head.weight
        return weights

    def gradients(self, loss: Tensor) -> list[Tensor]:
        """Of a loss, in the order of `learned`; several threads may ask at once."""
        return list(torch.autograd.grad(loss, self._computing))

    def give_gradients(self, parts: Sequence[Sequence[Tensor]]) -> None:
        """Hands the sums of gradients to `learned`."""
        for learned, *gradients in zip(self.learned, *parts, strict=True):
            learned.grad = sum((g.float() for g in gradients), torch.zeros(()))

    @torch.no_grad()
    def refresh(self) -> None:
        """Computes from now on with what was learned."""
        for learned, computing in zip(self.learned, self._computing, strict=True):
            computing.copy_(learned)

    @torch.no_grad()
    def start_from(self, adapter: Path) -> None:
        """Begins with the values of an adapter of the same base and rank.

        Raises:
            ModelError: If it cannot be read, or is another kind of adapter.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            saved = load_file(adapter / WEIGHTS)
        except (OSError, SafetensorError) as error:
            raise ModelError(f"{adapter}: cannot be read as a LoRA adapter: {error}") from error
        own = self.adapter_tensors()
        if {n: t.shape for n, t in own.items()} != {n: t.shape for n, t in saved.items()}:
            raise ModelError(f"{adapter}: it is for another base model, or of another rank")
        names = {id(p): n for n, p in self._peft.named_parameters()}
        by_name = {name.replace(".weight", ".default.weight"): t for name, t in saved.items()}
        self.load([by_name[names[id(p)]].float() for p in self._computing])

    @torch.no_grad()
    def load(self, tensors: list[Tensor]) -> None:
        """Puts back learned values."""
        for learned, saved in zip(self.learned, tensors, strict=True):
            learned.copy_(saved)
        self.refresh()

    def adapter_tensors(self) -> dict[str, Tensor]:
        """The adapter in bf16 by the names that peft and vLLM read."""
        from peft import get_peft_model_state_dict

        state = get_peft_model_state_dict(self._peft)
        return {name: value.detach().bfloat16().contiguous() for name, value in state.items()}
