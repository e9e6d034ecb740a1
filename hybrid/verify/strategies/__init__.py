"""Verification strategies by name: ways to get votes on doubtful fields."""

from __future__ import annotations

from collections.abc import Callable

from hybrid.errors import ModelError
from hybrid.verify.strategies.base import Case, OpenLlm, Strategy, Voting
from hybrid.verify.strategies.choice import ChoiceStrategy
from hybrid.verify.strategies.critique import CritiqueStrategy
from hybrid.verify.strategies.rules import RulesStrategy

STRATEGIES: dict[str, Callable[[], Strategy]] = {
    "choice": ChoiceStrategy,
    "critique": CritiqueStrategy,
    "rules": RulesStrategy,
}

DEFAULT_STRATEGY = "choice"

__all__ = [
    "DEFAULT_STRATEGY",
    "STRATEGIES",
    "Case",
    "OpenLlm",
    "Strategy",
    "Voting",
    "make_strategy",
]


def make_strategy(name: str) -> Strategy:
    """A strategy by its name.

    Raises:
        ModelError: If it is unknown; the message lists what is known.
    """
    if name not in STRATEGIES:
        raise ModelError(f"unknown strategy {name!r}; known are {', '.join(STRATEGIES)}")
    return STRATEGIES[name]()
