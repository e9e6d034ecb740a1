"""Further training of a mixture's experts and routers on plain texts.

After upcycling all experts are the same, and a router has nothing to choose. Here experts and
routers learn to predict the next token, everything else stays as it is, and a load-balancing loss
keeps the experts in use (Fedus et al. 2021, "Switch Transformers", equations 4 to 6):

    loss = cross-entropy + balance * experts * sum over experts of share(e) * probability(e)

where share is the part of the readings that an expert does, and probability what the router gives
it on average; each layer is balanced by itself, and the mean over the layers counts. (The library's
own loss for Mixtral puts all layers together, and is content with layers that use two experts each.)
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hybrid.errors import ModelError
from hybrid.files import write_text
from hybrid.gcn.progress_bars import ProgressBars
from hybrid.gcn.state import configuration_hash, load_optimizer, optimizer_tensors
from hybrid.llm.fetch import sha256_of
from hybrid.llm.made import copy_companions, made_by, mixture_profile, read_architecture
from hybrid.llm.models import model_path, models_home, store
from hybrid.llm.precision import computes_bfloat16
from hybrid.llm.profiles import install_profile, load_profile
from hybrid.tuning.state import TuningProgress, TuningState
from hybrid.tuning.texts import read_texts, sequences_of

_TRAINED = ".mlp."
"""In the names of the weights of experts and routers."""
_MOST_HELD_OUT = 64
"""Sequences that are scored."""


@dataclass(frozen=True)
class MixtureSettings:
    """What can be chosen.

    Attributes:
        seed: Of the order of texts, and of the sequences of each step.
        steps: Of the optimizer.
        length: Tokens of a sequence.
        batch: Sequences of a step.
        learning_rate: Reached after a twentieth of the steps, and kept.
        balance: Weight of the load-balancing loss.
        clip: Largest norm of the gradient.
        save_seconds: Between two saved states, each three times the experts' weights in float32.
    """

    seed: int = 0
    steps: int = 300
    length: int = 256
    batch: int = 4
    learning_rate: float = 1e-4
    balance: float = 0.01
    clip: float = 1.0
    save_seconds: float = 600.0


def train_mixture(
    model: str | Path,
    texts: Sequence[Path],
    name: str,
    settings: MixtureSettings,
    bars: ProgressBars,
) -> Path:
    """Makes a new model out of a mixture of experts; a killed training goes on where it stopped.

    Needs memory for all weights in float32, three times as much again for experts and routers, and
    some for a step: up to 11 GB for 373 million parameters.

    Args:
        model: Name of a profile that is here, or the path of a profile or of a model folder.
        texts: See `read_texts`.
        name: Of the new model. A profile is written for it where none of that name is known.
        settings: Of the training.
        bars: For progress.

    Returns:
        The new model's folder, with `training.json`; a model that was made before is only checked.

    Raises:
        ModelError: If the model is no `MixtralForCausalLM` that is here, or the name another's.
        DatasetError: If the texts cannot be read or are too short.
    """
    base, folder = load_profile(model), model_path(model)
    _check_architecture(base.name, folder)
    found = read_texts(texts)
    options: dict[str, object] = {
        "texts": [str(path.resolve()) for path in texts],
        "steps": settings.steps,
        "name": name,
    } | ({"seed": settings.seed} if settings.seed else {})
    command = made_by("train-experts", model, options)
    profile, is_new = mixture_profile(
        base, name, command, f"{base.name} with experts that were trained further"
    )
    state = TuningState(models_home() / "training" / profile.name)

    def build(target: Path) -> None:
        network, report = _trained(folder, found, state, settings, bars)
        network.to(torch.bfloat16).save_pretrained(target)
        copy_companions(folder, target)
        write_text(target / "training.json", json.dumps(report, indent=2) + "\n")

    made = store(profile, build)
    state.remove()
    if is_new:
        install_profile(profile)
    return made


def _check_architecture(name: str, folder: Path) -> None:
    architecture, _ = read_architecture(folder)
    if architecture != "MixtralForCausalLM":
        raise ModelError(
            f"{name} has the architecture {architecture}: only a MixtralForCausalLM is trained "
            "further; `hybrid models upcycle` makes one"
        )


def _trained(
    folder: Path,
    texts: Sequence[str],
    state: TuningState,
    settings: MixtureSettings,
    bars: ProgressBars,
) -> tuple[Any, dict[str, Any]]:
    """The network, and what came of it."""
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    learned, held_out = sequences_of(texts, tokenizer, settings.length, settings.seed)
    # On CPUs the plain loop over experts takes less than half the time of grouped products.
    kernels = {} if torch.cuda.is_available() else {"experts_implementation": "eager"}
    network = AutoModelForCausalLM.from_pretrained(
        folder, local_files_only=True, dtype=torch.float32, **kernels
    )
    if torch.cuda.is_available():
        network.cuda()
    key = configuration_hash(
        {
            "weights": [sha256_of(file) for file in sorted(folder.glob("*.safetensors"))],
            "texts": texts,
            "settings": asdict(settings),
        }
    )
    before = scores(network, held_out)
    progress = _train(network, learned, state, settings, key, bars)
    after = scores(network, held_out)
    return network, {
        "settings": asdict(settings),
        "texts": len(texts),
        "sequences": len(learned),
        "held_out_sequences": min(len(held_out), _MOST_HELD_OUT),
        "tokens": progress.tokens,
        "seconds": round(progress.seconds, 1),
        "before": before,
        "after": after,
    }


def _train(
    network: Any,
    sequences: Sequence[Sequence[int]],
    state: TuningState,
    settings: MixtureSettings,
    key: str,
    bars: ProgressBars,
) -> TuningProgress:
    weights = {n: w for n, w in network.named_parameters() if _TRAINED in n}
    network.requires_grad_(False).train()
    for weight in weights.values():
        weight.requires_grad_(True)
    optimizer = torch.optim.AdamW(weights.values(), lr=settings.learning_rate, weight_decay=0.0)
    progress, tensors = state.load(key) or (TuningProgress(configuration=key), {})
    if progress.step:
        with torch.no_grad():
            for name, weight in weights.items():
                weight.copy_(tensors[f"learned.{name}"])
        load_optimizer(optimizer, tensors, "optimizer.")
        bars.say(f"going on after step {progress.step} of {settings.steps} ({state.path})")
    del tensors
    saved = started = time.perf_counter()
    warm_up = max(settings.steps // 20, 1)
    for step in range(progress.step, settings.steps):
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * min((step + 1) / warm_up, 1.0)
        tokens = _batch(sequences, step, settings).to(network.device)
        with _autocast(network):
            found = network(tokens, output_router_logits=True, use_cache=False)
        logits = found.logits[:, :-1].float().flatten(0, 1)
        loss = torch.nn.functional.cross_entropy(logits, tokens[:, 1:].flatten())
        active = network.config.num_experts_per_tok
        total = loss + settings.balance * imbalance(found.router_logits, active)
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights.values(), settings.clip)
        optimizer.step()
        optimizer.zero_grad()
        progress.losses.append(round(float(loss.detach()), 5))
        progress.step, progress.tokens = step + 1, progress.tokens + tokens.numel()
        recent = progress.losses[-20:]
        bars.show("experts", (step + 1) / settings.steps, {"loss": sum(recent) / len(recent)})
        now = time.perf_counter()
        if now - saved > settings.save_seconds:
            progress.seconds, started = progress.seconds + now - started, now
            learned = {f"learned.{name}": weight for name, weight in weights.items()}
            state.save(progress, learned | optimizer_tensors(optimizer, "optimizer."))
            saved = time.perf_counter()
    progress.seconds += time.perf_counter() - started
    return progress


def _autocast(network: Any) -> torch.autocast:
    """bfloat16 products, but on cores that are slow in them."""
    device: str = network.device.type
    fast = device != "cpu" or computes_bfloat16()
    return torch.autocast(device, torch.bfloat16, enabled=fast)


def imbalance(router_logits: Sequence[Tensor], active: int) -> Tensor:
    """The load-balancing loss: 1 where all experts of a layer do the same work, more elsewhere.

    Args:
        router_logits: Of each layer, `[tokens, experts]`.
        active: Experts that read each token.
    """
    logits = torch.stack([layer.float() for layer in router_logits])
    probability = logits.softmax(dim=-1)
    places = probability.topk(active, dim=-1).indices
    read = torch.zeros_like(probability).scatter(-1, places, 1.0 / active)
    by_layer = (read.mean(dim=1) * probability.mean(dim=1)).sum(dim=-1)
    return logits.shape[-1] * by_layer.mean()


def _batch(sequences: Sequence[Sequence[int]], step: int, settings: MixtureSettings) -> Tensor:
    """Follows from seed and step alone, so that a resumed training sees the same."""
    rng = random.Random(f"{settings.seed}/{step}")  # noqa: S311
    chosen = rng.sample(range(len(sequences)), min(settings.batch, len(sequences)))
    return torch.tensor([list(sequences[number]) for number in chosen])


@torch.no_grad()
def scores(network: Any, sequences: Sequence[Sequence[int]]) -> dict[str, float]:
    """How a mixture does on sequences that it did not learn from.

    Returns:
        `loss`, the mean cross-entropy of a token in nats; `busiest`, the part of the tokens' weight
        that the busiest expert of a layer gets, mean over the layers (1 / experts where they share
        the work evenly); `sureness`, the mean of the larger of a token's two weights (0.5 where the
        router cannot tell its experts apart).
    """
    network.eval()
    losses, loads, sure = [], [], []
    for sequence in sequences[:_MOST_HELD_OUT]:
        tokens = torch.tensor([list(sequence)], device=network.device)
        with _autocast(network):
            found = network(tokens, output_router_logits=True, use_cache=False)
        logits = found.logits[0, :-1].float()
        losses.append(float(torch.nn.functional.cross_entropy(logits, tokens[0, 1:])))
        routed = torch.stack([layer.float() for layer in found.router_logits])
        best, places = routed.softmax(dim=-1).topk(network.config.num_experts_per_tok)
        best = best / best.sum(dim=-1, keepdim=True)
        loads.append(torch.zeros_like(routed).scatter(-1, places, best).mean(dim=1))
        sure.append(float(best[..., 0].mean()))
    load = torch.stack(loads).mean(dim=0)
    return {
        "loss": round(sum(losses) / len(losses), 5),
        "busiest": round(float(load.max(dim=-1).values.mean()), 4),
        "sureness": round(sum(sure) / len(sure), 4),
    }
