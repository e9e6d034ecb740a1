"""Trains an adapter on token trees; a killed training goes on where it stopped.

Plain cross-entropy on the replies, by steps of some thousand tokens. What a step consists of follows
from the seed and its number alone, so a resumed training does the same as an uninterrupted one.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from hybrid.errors import DatasetError
from hybrid.gcn.progress_bars import ProgressBars
from hybrid.gcn.state import configuration_hash, load_optimizer, optimizer_tensors
from hybrid.tuning.lora import TunedModel
from hybrid.tuning.packing import Pack, pack
from hybrid.tuning.state import TuningProgress, TuningState
from hybrid.tuning.tokens import TokenTree, joined


@dataclass(frozen=True)
class TuningSettings:
    """What can be chosen; the defaults suit a small model and some hundred documents.

    Attributes:
        seed: Of everything random.
        epochs: Passes over the examples.
        rank: Of the adapter.
        alpha: Its scale is `alpha / rank`.
        learning_rate: At its peak.
        warm_up: Share of the steps until the peak; then the rate falls as a cosine.
        pack_tokens: That are computed at once, at most; a longer example is a pack of its own.
        step_tokens: Of a step, at least.
        choice_weight: Of an answer of one letter, in tokens of other answers and of thoughts: it
            alone decides a question, while most tokens of a JSON reply follow from the schema.
        clip: Largest norm of the gradient.
        save_seconds: Between two saved states.
    """

    seed: int = 0
    epochs: int = 1
    rank: int = 16
    alpha: int = 32
    learning_rate: float = 4e-4
    warm_up: float = 0.05
    pack_tokens: int = 2048
    step_tokens: int = 4096
    choice_weight: float = 4.0
    clip: float = 1.0
    save_seconds: float = 180.0


@dataclass(frozen=True)
class TuningResult:
    """How a training went.

    Attributes:
        steps: Of the optimizer.
        tokens: That were computed.
        seconds: It took, interruptions left out.
        loss: Mean of the last tenth of the steps.
        held_out: Mean loss of a token on the held-out examples: of the answers by task, and of
            thoughts where there are some.
    """

    steps: int
    tokens: int
    seconds: float
    loss: float
    held_out: dict[str, float]


def train_adapter(
    model: TunedModel,
    trees: Sequence[TokenTree],
    held_out: Sequence[TokenTree],
    work_folder: Path,
    settings: TuningSettings,
    configuration: str,
    bars: ProgressBars,
) -> TuningResult:
    """Trains until all epochs are done.

    Args:
        model: Its adapter is changed.
        trees: To learn.
        held_out: Only scored, at the end.
        work_folder: For the state of an interrupted training.
        settings: As the model was made with.
        configuration: Names base model and data; a state of another one is not continued.
        bars: For progress.

    Raises:
        DatasetError: If there is nothing to learn.
    """
    if not trees:
        raise DatasetError("no examples to learn from: no gold value stands on its page")
    plan = [step for epoch in range(settings.epochs) for step in _steps(trees, epoch, settings)]
    optimizer = torch.optim.AdamW(model.learned, lr=settings.learning_rate, weight_decay=0.0)
    key = configuration_hash({"data": configuration, "settings": asdict(settings)})
    store = TuningState(work_folder)
    progress, tensors = store.load(key) or (TuningProgress(configuration=key), {})
    if progress.step:
        model.load([tensors[f"learned.{k}"] for k in range(len(model.learned))])
        load_optimizer(optimizer, tensors, "optimizer.")
        bars.say(f"going on after step {progress.step} of {len(plan)} ({store.path})")
    saved = started = time.perf_counter()
    here = 0
    with _workers(plan) as workers:
        for number in range(progress.step, len(plan)):
            for group in optimizer.param_groups:
                group["lr"] = _rate(number, len(plan), settings)
            loss, tokens = _step(model, plan[number], settings, workers)
            torch.nn.utils.clip_grad_norm_(model.learned, settings.clip)
            optimizer.step()
            model.refresh()
            progress.losses.append(round(loss, 5))
            progress.step, progress.tokens, here = (
                number + 1,
                progress.tokens + tokens,
                here + tokens,
            )
            now = time.perf_counter()
            recent = progress.losses[-20:]
            figures = {"loss": sum(recent) / len(recent), "tokens/s": here / (now - started)}
            bars.show("tune", progress.step / len(plan), figures)
            if now - saved > settings.save_seconds:
                progress.seconds, started, here = progress.seconds + now - started, now, 0
                learned = {f"learned.{k}": value for k, value in enumerate(model.learned)}
                store.save(progress, learned | optimizer_tensors(optimizer, "optimizer."))
                saved = now
    progress.seconds += time.perf_counter() - started
    last = progress.losses[-max(len(plan) // 10, 1) :]
    return TuningResult(
        steps=len(plan),
        tokens=progress.tokens,
        seconds=round(progress.seconds, 1),
        loss=round(sum(last) / len(last), 5),
        held_out=evaluate(model, held_out, settings),
    )


@torch.no_grad()
def evaluate(
    model: TunedModel, trees: Sequence[TokenTree], settings: TuningSettings
) -> dict[str, float]:
    """Mean loss of an answer's token by task, and of a thought's, over trees that were not learned."""
    found: dict[str, list[torch.Tensor]] = {}
    for task in ("extract", "verify"):
        for group in _packs([t for t in trees if t.task == task], settings.pack_tokens):
            part = pack(group)
            losses = model.reply_losses(part)
            found.setdefault(f"{task}_loss", []).append(losses[~part.thoughts])
            found.setdefault("thoughts_loss", []).append(losses[part.thoughts])
    means = {name: torch.cat(losses) for name, losses in found.items()}
    return {name: round(float(losses.mean()), 5) for name, losses in means.items() if len(losses)}


def _step(
    model: TunedModel,
    groups: Sequence[Sequence[TokenTree]],
    settings: TuningSettings,
    workers: ThreadPoolExecutor,
) -> tuple[float, int]:
    """Gradients of one step; its loss, and the tokens that were computed."""
    packs: list[Pack] = [pack(group, settings.choice_weight) for group in groups]
    weight = float(sum(p.weights.sum() for p in packs))

    def gradients_of(part: Pack) -> tuple[list[torch.Tensor], float]:
        loss = (model.reply_losses(part) * part.weights).sum() / weight
        return model.gradients(loss), loss.item()

    # The longest first, so that no thread is left alone with it at the end.
    packs.sort(key=lambda p: -p.tokens.shape[1])
    found = list(workers.map(gradients_of, packs))
    model.give_gradients([gradients for gradients, _ in found])
    return sum(loss for _, loss in found), sum(p.tokens.shape[1] for p in packs)


@contextmanager
def _workers(plan: Sequence[Sequence[Sequence[TokenTree]]]) -> Iterator[ThreadPoolExecutor]:
    """Threads for the packs of a step.

    A small model's operations gain little from a second thread (a quarter, on two cores), so each
    pack has a core of its own, as far as there are packs.
    """
    threads = torch.get_num_threads()
    count = max(min(threads, max(map(len, plan))), 1)
    torch.set_num_threads(threads // count)
    try:
        with ThreadPoolExecutor(count) as workers:
            yield workers
    finally:
        torch.set_num_threads(threads)


def _steps(
    trees: Sequence[TokenTree], epoch: int, settings: TuningSettings
) -> Iterator[list[list[TokenTree]]]:
    """The packs of each step of an epoch."""
    order = list(trees)
    random.Random(f"{settings.seed}/{epoch}").shuffle(order)  # noqa: S311
    step: list[list[TokenTree]] = []
    for group in _packs(order, settings.pack_tokens):
        step.append(group)
        if sum(tree.length for part in step for tree in part) >= settings.step_tokens:
            yield step
            step = []
    if step:
        yield step


def _packs(trees: Sequence[TokenTree], most: int) -> Iterator[list[TokenTree]]:
    group: list[TokenTree] = []
    for tree in trees:
        larger = joined([*group, tree])
        if group and sum(t.length for t in larger) > most:
            yield group
            larger = [tree]
        group = larger
    if group:
        yield group


def _rate(step: int, steps: int, settings: TuningSettings) -> float:
    """Learning rate: a linear rise, then a cosine down to a hundredth of the peak."""
    rise = max(round(settings.warm_up * steps), 1)
    if step < rise:
        return settings.learning_rate * (step + 1) / rise
    done = (step - rise) / max(steps - rise, 1)
    return settings.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
