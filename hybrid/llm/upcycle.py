"""Sparse upcycling: a dense Llama-type model becomes a mixture of experts that answers like it.

Komatsuzaki et al., "Sparse Upcycling: Training Mixture-of-Experts from Dense Checkpoints", 2023
(arXiv:2212.05055): every expert is a copy of the dense feed-forward network and the router is
random. The weights that a token gives its experts sum to 1, so that before any further training

    sum over the chosen experts e of weight(e) * feed_forward(x) = feed_forward(x)

which is checked on the written files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hybrid.errors import ModelError
from hybrid.llm.made import (
    WEIGHTS_INDEX,
    copy_companions,
    made_by,
    mixture_profile,
    read_architecture,
)
from hybrid.llm.models import model_path, store
from hybrid.llm.profiles import install_profile, load_profile
from hybrid.llm.progress import Progress, no_progress

if TYPE_CHECKING:
    import torch

ACTIVE = 2
"""Experts that read each token."""
TOLERANCE = 1e-4
"""By which logits may differ from the dense model's, both computed in float32."""

_ARCHITECTURES = ("LlamaForCausalLM", "MistralForCausalLM")
_PROJECTIONS = {"gate_proj": "w1", "down_proj": "w2", "up_proj": "w3"}
"""Mixtral's names for the parts of a feed-forward network."""
_CONFIG = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "hidden_act",
    "max_position_embeddings",
    "initializer_range",
    "rms_norm_eps",
    "bos_token_id",
    "eos_token_id",
    "pad_token_id",
    "tie_word_embeddings",
    "rope_parameters",
    "rope_theta",
    "rope_scaling",
)
_CHECKED_TOKENS = (2, 64)


def upcycle(
    model: str | Path,
    name: str,
    *,
    experts: int = 4,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Path:
    """Makes a mixture of experts (`MixtralForCausalLM`, bfloat16) out of a dense model.

    The check needs the memory of both models in float32.

    Args:
        model: Name of a profile that was pulled, or the path of a profile or of a model folder.
        name: Of the new model. A profile is written for it where none of that name is known.
        experts: In each layer, two of which read each token.
        seed: Of the routers.
        progress: Told what goes on.

    Returns:
        The new model's folder; a model that was made before is only checked.

    Raises:
        ModelError: If the model is unknown, not pulled, of an architecture that this does not work
            for, the name belongs to another model, or the logits differ from the dense model's.
    """
    if experts < ACTIVE:
        raise ModelError(f"{experts} experts: give at least {ACTIVE}, so many read each token")
    base, folder = load_profile(model), model_path(model)
    _check_architecture(base.name, folder)
    options = {"experts": experts, "name": name} | ({"seed": seed} if seed else {})
    profile, is_new = mixture_profile(
        base, name, made_by("upcycle", model, options), f"{base.name} upcycled to {experts} experts"
    )

    def build(target: Path) -> None:
        _write_weights(folder, target, experts, seed, progress)
        _write_rest(folder, target, experts)
        progress("compare the logits", 0, None)
        difference = logit_difference(folder, target)
        if not difference <= TOLERANCE:
            raise ModelError(
                f"{profile.name}: its logits differ from those of {base.name} by up to "
                f"{difference:.2g}, more than {TOLERANCE:g}: nothing was stored"
            )

    made = store(profile, build, progress)
    if is_new:
        install_profile(profile)
    return made


def logit_difference(dense: Path, mixture: Path) -> float:
    """The largest difference of two models' logits on random tokens, in float32.

    Args:
        dense: Folder of a model; its weights are rounded to bfloat16 first, as the other's are.
        mixture: Folder of a model of the same vocabulary.
    """
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    logits = []
    for folder in (dense, mixture):
        loaded = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
        net = loaded.to(torch.float32).eval()
        generator = torch.Generator().manual_seed(0)
        tokens = torch.randint(net.config.vocab_size, _CHECKED_TOKENS, generator=generator)
        with torch.inference_mode():
            logits.append(net(tokens).logits)
    return float((logits[0] - logits[1]).abs().max())


def _check_architecture(name: str, folder: Path) -> None:
    """Finds out from the configuration whether Mixtral's layers can hold the model's weights."""
    architecture, config = read_architecture(folder)
    if architecture not in _ARCHITECTURES:
        raise ModelError(
            f"{name} has the architecture {architecture}: upcycling works for "
            f"{' and '.join(_ARCHITECTURES)}"
        )
    for key in ("attention_bias", "mlp_bias", "sliding_window", "quantization_config"):
        if config.get(key):
            raise ModelError(f"{name} has {key} in its config.json, which Mixtral cannot hold")
    missing = [file.name for file in _weight_files(folder) if not file.is_file()]
    if missing:
        raise ModelError(f"{folder}: {missing[0]} is missing: upcycling reads safetensors only")


def _weight_files(folder: Path) -> list[Path]:
    """Those of the index where there is one: some makers put a second copy beside them."""
    index = folder / WEIGHTS_INDEX
    if not index.is_file():
        return [folder / "model.safetensors"]
    try:
        places = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
        return [folder / name for name in sorted(set(places))]
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ModelError(f"{index}: cannot be read: {error}") from error


def _write_weights(source: Path, target: Path, experts: int, seed: int, progress: Progress) -> None:
    """One file for each of the dense model's, whose weights need not fit into memory together."""
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    target.mkdir(parents=True)
    generator = torch.Generator().manual_seed(seed)
    places: dict[str, str] = {}
    files = _weight_files(source)
    step, done, total = "copy weights", 0, sum(file.stat().st_size for file in files)
    for file in files:
        tensors: dict[str, torch.Tensor] = {}
        with safe_open(file, "pt") as opened:
            for key in sorted(opened.keys()):
                weight = opened.get_tensor(key).to(torch.bfloat16)
                tensors.update(_upcycled(key, weight, experts, generator))
                done += weight.nbytes
                progress(step, min(done, total), total)
        save_file(tensors, target / file.name, metadata={"format": "pt"})
        places |= dict.fromkeys(tensors, file.name)
    if len(files) > 1:
        size = sum(path.stat().st_size for path in target.iterdir())
        index = {"metadata": {"total_size": size}, "weight_map": places}
        (target / WEIGHTS_INDEX).write_text(json.dumps(index, indent=2), encoding="utf-8")


def _upcycled(
    key: str, weight: torch.Tensor, experts: int, generator: torch.Generator
) -> Iterator[tuple[str, torch.Tensor]]:
    """A dense weight as the mixture's, or as those of all experts; a router beside one of them."""
    import torch

    layer, found, rest = key.partition(".mlp.")
    if not found:
        yield key, weight
        return
    projection = rest.removesuffix(".weight")
    for expert in range(experts):
        # Copies, since files of safetensors may not share memory among their tensors.
        place = f"{layer}.block_sparse_moe.experts.{expert}.{_PROJECTIONS[projection]}.weight"
        yield place, weight.clone()
    if projection == "gate_proj":
        # As Mixtral's own weights are drawn.
        router = torch.randn(experts, weight.shape[1], generator=generator) * 0.02
        yield f"{layer}.block_sparse_moe.gate.weight", router.to(torch.bfloat16)


def _write_rest(source: Path, target: Path, experts: int) -> None:
    """Configuration, tokenizer, chat template."""
    from transformers import AutoConfig, MixtralConfig

    copy_companions(source, target)
    dense = AutoConfig.from_pretrained(source)
    # Through the library, which knows what a configuration means where it says nothing.
    values = {key: getattr(dense, key) for key in _CONFIG if hasattr(dense, key)}
    config = MixtralConfig(
        **values,
        num_local_experts=experts,
        num_experts_per_tok=ACTIVE,
        sliding_window=None,
        architectures=["MixtralForCausalLM"],
        dtype="bfloat16",
    )
    config.save_pretrained(target)
