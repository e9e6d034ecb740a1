"""Verification strategies by name: ways to get votes on doubtful fields."""

from __future__ import annotations

from collections.abc import Callable

from hybrid.errors import ModelError, UnknownModelError, unknown_name
from hybrid.verify.strategies.base import Case, OpenLlm, Strategy, Voting
from hybrid.verify.strategies.choice import ChoiceStrategy
from hybrid.verify.strategies.critique import CritiqueStrategy
from hybrid.verify.strategies.debate import DebateStrategy
from hybrid.verify.strategies.drawing import DrawingStrategy
from hybrid.verify.strategies.reflect import ReflectStrategy
from hybrid.verify.strategies.rules import RulesStrategy
from hybrid.verify.strategies.sampling import DEFAULT_SCORER, SCORERS, TRAINED, Sampling
from hybrid.verify.strategies.structure import StructureStrategy, reads_once
from hybrid.verify.strategies.trained import TrainedScorer

STRATEGIES: dict[str, Callable[[], Strategy]] = {
    "choice": ChoiceStrategy,
    "critique": CritiqueStrategy,
    "structure": StructureStrategy,
    "rules": RulesStrategy,
    "reflect": ReflectStrategy,
    "debate": DebateStrategy,
}
_DRAWING: dict[str, Callable[[Sampling], Strategy]] = {
    "choice": ChoiceStrategy,
    "critique": CritiqueStrategy,
    "structure": StructureStrategy,
    "reflect": ReflectStrategy,
}
"""Those that can draw several answers."""
DEFAULT_STRATEGY = "choice"
READER_STRATEGY = "structure"
AUTO = "auto"
"""Stands for the strategy of the fusion that is used; where none was fitted for `READER_STRATEGY` with an
LLM that is trusted to read (`hybrid.verify.fuse.READER_TRUST`), else for `DEFAULT_STRATEGY`."""

__all__ = [
    "AUTO",
    "DEFAULT_SCORER",
    "DEFAULT_STRATEGY",
    "READER_STRATEGY",
    "SCORERS",
    "STRATEGIES",
    "TRAINED",
    "Case",
    "DrawingStrategy",
    "OpenLlm",
    "Strategy",
    "TrainedScorer",
    "Voting",
    "make_strategy",
    "named_strategy",
    "reads_once",
    "strategy_named",
]


def strategy_named(name: str) -> Strategy:
    """The strategy whose `name` this is, with its settings: "reflect,samples=4,scorer=majority".

    Raises:
        MissingExtraError: As `make_strategy`.
        ModelError: As `make_strategy`, and if it is no such name.
    """
    kind, *settings = name.split(",")
    more = dict(setting.partition("=")[::2] for setting in settings)
    try:
        samples, rounds = (int(more.pop(key, "1")) for key in ("samples", "rounds"))
    except ValueError:
        raise ModelError(f"{name!r} is no strategy: samples and rounds are numbers") from None
    scorer = more.pop("scorer", DEFAULT_SCORER)
    if more:
        raise ModelError(f"{name!r} is no strategy: it has no {next(iter(more))}")
    return make_strategy(kind, samples, scorer, rounds)


def named_strategy(
    name: str, samples: int = 1, scorer: str = DEFAULT_SCORER, rounds: int = 1
) -> Strategy | None:
    """A strategy as it is asked for; None for `AUTO` with no settings, which depends on more.

    Settings are of the default strategy, so with any of them that is the one.

    Raises:
        MissingExtraError: As `make_strategy`.
        ModelError: As `make_strategy`.
    """
    made = make_strategy(DEFAULT_STRATEGY if name == AUTO else name, samples, scorer, rounds)
    return None if name == AUTO and made.name == DEFAULT_STRATEGY else made


def make_strategy(
    name: str, samples: int = 1, scorer: str = DEFAULT_SCORER, rounds: int = 1
) -> Strategy:
    """A strategy by its name.

    Args:
        name: A key of `STRATEGIES`.
        samples: Answers to each question, from 1 to 32.
        scorer: Who picks among several: a key of `SCORERS`, "trained" for the scorer that was
            fitted with the fusion, or the file of a fusion for the trained scorer in it.
        rounds: Of a debate, at most; from 1 to 4.

    Raises:
        MissingExtraError: If the strategy needs a package that is not installed.
        ModelError: If name or scorer are unknown, or the strategy cannot draw several answers or
            knows no rounds.
    """
    if name not in STRATEGIES:
        raise UnknownModelError(unknown_name("strategy", name, STRATEGIES))
    sampling = Sampling(samples, scorer)
    if samples > 1 and name not in _DRAWING:
        raise ModelError(
            f"strategy {name} has one answer: several samples are for {', '.join(_DRAWING)}"
        )
    if scorer == "grounding" and samples > 1 and name != "reflect":
        raise ModelError(
            f"strategy {name} asks for no evidence that scorer grounding could judge: that is for "
            "reflect"
        )
    if name == "debate":
        return DebateStrategy(rounds)
    if rounds != 1:
        raise ModelError(f"strategy {name} has no rounds of its own: they are for debate")
    return _DRAWING[name](sampling) if name in _DRAWING else STRATEGIES[name]()
