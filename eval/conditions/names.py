"""Names of conditions: "gold", "ocr+remove-field", "gold+ocr-noise=0.05"."""

from __future__ import annotations

from dataclasses import dataclass

from hybrid.errors import HybridError

from ..hallucination.counterfactual import CounterfactualKind

READINGS = ("gold", "ocr", "split-pages")
"""How a document is read, before anything is changed in it."""

_NOISE = CounterfactualKind.OCR_NOISE


class ConditionError(HybridError):
    """There is no condition of that name."""


@dataclass(frozen=True)
class Condition:
    """A parsed name.

    Attributes:
        reading: One of `READINGS`.
        counterfactual: What is changed, or None.
        noise_rate: Share of the characters that are misread; 0 without OCR noise.
    """

    reading: str
    counterfactual: CounterfactualKind | None = None
    noise_rate: float = 0.0

    @property
    def name(self) -> str:
        """The name in its one form, so that equal conditions have equal names."""
        if self.counterfactual is None:
            return self.reading
        rate = f"={self.noise_rate:g}" if self.counterfactual is _NOISE else ""
        return f"{self.reading}+{self.counterfactual}{rate}"


def known_names() -> str:
    """All names, for messages and help."""
    changes = ", ".join(f"+{k}=RATE" if k is _NOISE else f"+{k}" for k in CounterfactualKind)
    return f"{', '.join(READINGS)}, each with at most one of {changes}"


def parse_condition(name: str) -> Condition:
    """Reads the name of a condition.

    Raises:
        ConditionError: If it is unknown; the message lists the known ones.
    """
    reading, plus, change = name.strip().partition("+")
    if reading not in READINGS:
        raise _unknown(name, f"it begins with none of {', '.join(READINGS)}")
    if not plus:
        return Condition(reading)
    kind_name, equals, rate = change.partition("=")
    if kind_name not in list(CounterfactualKind):
        raise _unknown(name, f"there is no counterfactual {change!r}")
    kind = CounterfactualKind(kind_name)
    if kind is not _NOISE:
        if equals:
            raise _unknown(name, f"{kind} takes no rate")
        return Condition(reading, kind)
    try:
        value = float(rate)
    except ValueError:
        raise _unknown(name, f"{kind} needs a rate, as in +{kind}=0.05") from None
    if not 0 <= value <= 1:
        raise _unknown(name, "the rate is a share from 0 to 1")
    return Condition(reading, kind, value)


def _unknown(name: str, why: str) -> ConditionError:
    return ConditionError(f"unknown condition {name!r}: {why}; known are {known_names()}")
