"""Which fusion a checkpoint and an LLM get: one that was fitted for the pair, else the defaults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hybrid.errors import ModelError
from hybrid.llm.profiles import is_address, load_profile, profile_of_served
from hybrid.pipeline.connection import LlmConnection
from hybrid.verify.fitted import (
    FittedFusion,
    Pair,
    read_fusion,
    refuse_another_pair,
    shipped_fusion,
)
from hybrid.verify.fuse import Fusion, default_fusion
from hybrid.verify.prompts import STRUCTURE, VERIFY, prompt_hash
from hybrid.verify.risk import risk_threshold

DEFAULT = "default"
"""Name of the fusion with the shipped weights and the trust of the LLM's profile."""


@dataclass(frozen=True)
class ChosenFusion:
    """The fusion of an extractor.

    Attributes:
        fitted: With the threshold for the wished risk; None for the defaults.
        identity: For the record: "default", or name and hash.
    """

    fitted: Fusion | None
    identity: str

    def for_trust(self, trust: float) -> Fusion:
        """The fusion, where the defaults apply with the trust of the LLM's profile."""
        return self.fitted or default_fusion(trust)


def choose_fusion(
    pair: Pair | None,
    given: FittedFusion | Path | str | None = None,
    max_risk: float | None = None,
) -> ChosenFusion:
    """Finds and checks the fusion for a pair.

    Args:
        pair: Of checkpoint and LLM; None where it is not known which LLM that is.
        given: A fusion or its file; "default" for the defaults; None for the shipped one of this
            pair, and the defaults where there is none.
        max_risk: Wished rate of wrong values among the values given; see `hybrid.verify.risk`.

    Raises:
        ModelError: If what is given is for another pair, or cannot show the wished risk.
    """
    fitted = None
    if given is None:
        fitted = shipped_fusion(pair) if pair is not None else None
    elif given != DEFAULT:
        path = None if isinstance(given, FittedFusion) else Path(given)
        fitted = given if isinstance(given, FittedFusion) else read_fusion(Path(given))
        if pair is None:
            raise ModelError(
                f"fusion {path or fitted.pair.name} is for the LLM {fitted.pair.profile!r}, and it is "
                "not known which one answers: name it, http://host:port/v1#model"
            )
        refuse_another_pair(fitted, pair, path)
    if fitted is None:
        if max_risk is not None:
            raise ModelError(
                "a wished risk needs a fusion that was fitted for checkpoint and LLM, and there is "
                f"none for {pair.name if pair else 'this server'}: make one with hybrid calibrate "
                "and give it with --fusion FILE"
            )
        return ChosenFusion(None, DEFAULT)
    fusion = fitted.fusion
    if max_risk is not None:
        least = risk_threshold(fitted.held_out, max_risk).score
        fusion = fusion.model_copy(update={"least": least})
    return ChosenFusion(fusion, fitted.identity)


def pair_of(
    checkpoint: str,
    checkpoint_sha256: str,
    connection: LlmConnection,
    prompts: Sequence[str] = (VERIFY, STRUCTURE),
) -> Pair | None:
    """The pair of a checkpoint and the LLM behind a connection; None while its name is not known.

    Args:
        checkpoint: Name or path.
        checkpoint_sha256: Of its weights and configuration.
        connection: Need not be open.
        prompts: Names of those that the LLM is asked with.
    """
    model = connection.model
    if is_address(connection.spec):
        known = profile_of_served(model) if model else None
        profile = known.name if known else model
        model = known.asked_model if known else model
    else:
        try:
            profile = load_profile(connection.spec).name
        except ModelError:  # a backend of one's own, or one that `open` complains of
            profile = model
    if profile is None or model is None:
        return None
    hashes = {name: prompt_hash(name) for name in prompts}
    return Pair(
        checkpoint=checkpoint,
        checkpoint_sha256=checkpoint_sha256,
        profile=profile,
        served_model=model,
        prompts=hashes,
    )
