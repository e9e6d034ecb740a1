"""Verification strategies by name: ways to get votes on doubtful fields."""

from __future__ import annotations

from collections.abc import Callable

from hybrid.errors import ModelError
from hybrid.verify.strategies.base import Case, OpenLlm, Strategy, Voting
from hybrid.verify.strategies.choice import ChoiceStrategy
from hybrid.verify.strategies.critique import CritiqueStrategy
from hybrid.verify.strategies.reflect import ReflectStrategy
from hybrid.verify.strategies.rules import RulesStrategy
from hybrid.verify.strategies.sampling import DEFAULT_SCORER, SCORERS, Sampling

STRATEGIES: dict[str, Callable[[], Strategy]] = {
    "choice": ChoiceStrategy,
    "critique": CritiqueStrategy,
    "rules": RulesStrategy,
    "reflect": ReflectStrategy,
}
_DRAWING: dict[str, Callable[[Sampling], Strategy]] = {"reflect": ReflectStrategy}
"""Those that can draw several answers."""
DEFAULT_STRATEGY = "choice"

__all__ = [
    "DEFAULT_SCORER",
    "DEFAULT_STRATEGY",
    "SCORERS",
    "STRATEGIES",
    "Case",
    "OpenLlm",
    "Strategy",
    "Voting",
    "make_strategy",
]


def make_strategy(name: str, samples: int = 1, scorer: str = DEFAULT_SCORER) -> Strategy:
    """A strategy by its name.

    Args:
        name: A key of `STRATEGIES`.
        samples: Answers to each question, from 1 to 32.
        scorer: Who picks among several: a key of `SCORERS`.

    Raises:
        ModelError: If name or scorer are unknown, or the strategy cannot draw several answers.
    """
    if name not in STRATEGIES:
        raise ModelError(f"unknown strategy {name!r}; known are {', '.join(STRATEGIES)}")
    sampling = Sampling(samples, scorer)
    if samples > 1 and name not in _DRAWING:
        raise ModelError(
            f"strategy {name} has one answer, from its log-probabilities: several samples are for "
            f"{', '.join(_DRAWING)}"
        )
    return _DRAWING[name](sampling) if name in _DRAWING else STRATEGIES[name]()
