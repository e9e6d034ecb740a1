"""Systems as they are written on the command line: `hybrid:mode=lenient,profile=smollm2-135m`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hybrid.errors import HybridError, ModelError, UsageError, unknown_name
from hybrid.verify.strategies import (
    DEFAULT_SCORER,
    DEFAULT_STRATEGY,
    STRATEGIES,
    Strategy,
    make_strategy,
)

SYSTEMS: Final[dict[str, dict[str, str]]] = {
    "gcn": {"checkpoint": "a shipped checkpoint or a folder"},
    "llm": {
        "mode": "strict or lenient",
        "profile": "another LLM than that of --llm",
        "prompt": "v1 or v2",
        "coordinates": "none, given or written",
        "search": "true, or false where its own citations are to be measured",
        "shots": "examples from the training split",
    },
    "hybrid": {
        "mode": "strict or lenient",
        "checkpoint": "a shipped checkpoint or a folder",
        "profile": "another LLM than that of --llm",
        "fusion": "default, or the file of one that was fitted for checkpoint and LLM",
        "max_risk": "wished rate of wrong values among the values given",
        "strategy": "how doubtful fields are verified, such as choice, debate or rules",
        "samples": "answers to each question, for strategies that draw them",
        "scorer": "who picks among several answers: majority, likelihood, grounding, trained (that of "
        "the fusion), or the file of a fusion for the trained one in it",
        "rounds": "rounds of a debate, at most",
        "budget": "most LLM tokens a document, sent and written",
    },
    "regex": {},
    "majority": {},
    "empty": {},
}
"""System to its options, each with what it takes."""

_VALUES: Final = {
    "mode": ("strict", "lenient"),
    "prompt": ("v1", "v2"),
    "coordinates": ("none", "given", "written"),
    "search": ("true", "false"),
    "strategy": tuple(STRATEGIES),
}
_SHOTS: Final = tuple(str(count) for count in range(9))


@dataclass(frozen=True)
class SystemSpec:
    """One system of a run.

    Attributes:
        text: As it was written; the name of the system in all results.
        kind: A key of `SYSTEMS`.
        options: By name.
    """

    text: str
    kind: str
    options: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def uses_llm(self) -> bool:
        """It sends requests to an LLM."""
        if self.kind == "hybrid" and "strategy" in self.options:
            return bool(self.strategy.prompts)
        return self.kind in ("llm", "hybrid")

    @property
    def names_strategy(self) -> bool:
        """Its strategy is not the usual one of its fusion."""
        return bool({"strategy", "samples", "scorer", "rounds"} & self.options.keys())

    @property
    def strategy(self) -> Strategy:
        """How a hybrid verifies; the default where none is named."""
        return make_strategy(
            self.options.get("strategy", DEFAULT_STRATEGY),
            int(self.options.get("samples", "1")),
            self.options.get("scorer", DEFAULT_SCORER),
            int(self.options.get("rounds", "1")),
        )

    @property
    def needs_training_split(self) -> bool:
        """It looks at documents of the training split before it starts."""
        return self.kind == "majority" or self.options.get("shots", "0") != "0"

    @classmethod
    def parse(cls, text: str) -> SystemSpec:
        """Reads `NAME` or `NAME:option=value,...`.

        Raises:
            HybridError: If the name, an option or its value is unknown; the message lists what is
                known.
        """
        kind, _, rest = text.strip().partition(":")
        if kind not in SYSTEMS:
            raise UsageError(unknown_name("system", kind, SYSTEMS))
        options: dict[str, str] = {}
        for part in filter(None, (p.strip() for p in rest.split(","))):
            name, equals, value = part.partition("=")
            if name not in SYSTEMS[kind] or not equals:
                known = ", ".join(SYSTEMS[kind]) or "none"
                raise HybridError(f"system {text!r}: no option {part!r}; {kind} has: {known}")
            if name in _VALUES and value not in _VALUES[name]:
                allowed = ", ".join(_VALUES[name])
                raise HybridError(f"system {text!r}: {name} is one of {allowed}, not {value!r}")
            if name == "max_risk" and not _is_rate(value):
                raise HybridError(
                    f"system {text!r}: max_risk is a number above 0 and below 1, not {value!r}"
                )
            if name == "shots" and value not in _SHOTS:
                raise HybridError(
                    f"system {text!r}: shots is a number from 0 to {_SHOTS[-1]}, not {value!r}"
                )
            if name in ("samples", "rounds", "budget") and not _is_count(value):
                raise HybridError(f"system {text!r}: {name} is a number from 1, not {value!r}")
            options[name] = value
        spec = cls(text.strip(), kind, options)
        if kind == "hybrid":
            spec._check_strategy()
        return spec

    def _check_strategy(self) -> None:
        try:
            _ = self.strategy
        except ModelError as error:
            raise HybridError(f"system {self.text!r}: {error}") from None


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and int(text) > 0


def _is_rate(text: str) -> bool:
    try:
        return 0 < float(text) < 1
    except ValueError:
        return False


def parse_systems(texts: Sequence[str]) -> list[SystemSpec]:
    """Reads a list of systems; each entry may hold several, separated by blanks or commas.

    A comma separates systems only where what follows is a system's name, so that options can be
    separated by commas too: `gcn,llm:mode=lenient,shots=2,hybrid`.

    Raises:
        HybridError: If one is unknown or stands there twice.
    """
    parts: list[str] = []
    for text in texts:
        for piece in filter(None, (p.strip() for p in text.replace(" ", ",").split(","))):
            is_option = "=" in piece and piece.partition(":")[0] not in SYSTEMS
            if is_option and parts:
                parts[-1] += ("," if ":" in parts[-1] else ":") + piece
            else:
                parts.append(piece)
    specs = [SystemSpec.parse(part) for part in parts]
    names = [s.text for s in specs]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        raise HybridError(f"system {twice!r} is asked for twice")
    if not specs:
        raise HybridError("no system is asked for: give --systems gcn,llm,hybrid")
    return specs
