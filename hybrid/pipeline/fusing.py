"""Which fusion a checkpoint and an LLM get: one that was fitted for the pair, else the defaults.

The same for the scorer of several answers, where it is a trained one.
"""

from __future__ import annotations

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
    shipped_fusions,
)
from hybrid.verify.fuse import READER_TRUST, Fusion, default_fusion, unlabelled_fusion
from hybrid.verify.prompts import EXTRACT, STRUCTURE, prompt_hash
from hybrid.verify.risk import risk_threshold
from hybrid.verify.strategies import (
    DEFAULT_STRATEGY,
    READER_STRATEGY,
    TRAINED,
    DrawingStrategy,
    Strategy,
    TrainedScorer,
    make_strategy,
    strategy_named,
)
from hybrid.verify.strategies.sampling import Sampling

DEFAULT = "default"
"""Name of the fusion with the shipped weights and the trust of the LLM's profile."""


@dataclass(frozen=True)
class ChosenFusion:
    """The fusion of an extractor.

    Attributes:
        fitted: With the threshold for the wished risk; None for the defaults.
        identity: For the record: "default", or name and hash.
        scorer: That was fitted with it, or None.
    """

    fitted: Fusion | None
    identity: str
    scorer: TrainedScorer | None = None

    def for_trust(self, trust: float, reads: bool) -> Fusion:
        """The fusion, where the defaults apply with the trust of the LLM's profile.

        Args:
            trust: In the LLM.
            reads: Its votes are what it reads, not what it chooses.
        """
        return self.fitted or default_fusion(trust, reads)

    def unfitted(self, trust: float) -> Fusion:
        """For leaves that the checkpoint has no label for, on which no fusion was fitted: the defaults.

        Votes count on them no more than on the others.

        Args:
            trust: In the LLM.
        """
        if self.fitted is None:
            return unlabelled_fusion(trust)
        if self.fitted.trust == 0:
            return self.fitted
        defaults = unlabelled_fusion(min(trust, self.fitted.trust))
        return defaults.model_copy(update={"least": self.fitted.least})


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
                f"none for {pair.name if pair else 'this server'}: make one with "
                f"{pair.command if pair else 'hybrid calibrate'} and give it with --fusion FILE"
            )
        return ChosenFusion(None, DEFAULT)
    fusion = fitted.fusion
    if max_risk is not None:
        least = risk_threshold(fitted.held_out, max_risk).score
        fusion = fusion.model_copy(update={"least": least})
    return ChosenFusion(fusion, fitted.identity, fitted.scorer)


def fusion_for(
    strategy: Strategy,
    pair: Pair | None,
    given: FittedFusion | Path | str | None,
    max_risk: float | None,
) -> ChosenFusion:
    """The fusion for a pair and the strategy that it is asked with.

    Args:
        strategy: As it was asked for.
        pair: As of `choose_fusion`.
        given: As of `choose_fusion`.
        max_risk: As of `choose_fusion`.

    Raises:
        ModelError: As of `choose_fusion`, and if the strategy has no use for what is given.
    """
    if strategy.fusion is not None:
        if given not in (None, DEFAULT) or max_risk is not None:
            raise ModelError(
                "a fusion is fitted for an LLM's votes, and a wished risk needs a fitted one: with "
                f"strategy {strategy.name} leave them out"
            )
        return ChosenFusion(None, DEFAULT)
    sampling = strategy.sampling if isinstance(strategy, DrawingStrategy) else Sampling()
    if sampling.is_trained and sampling.scorer != TRAINED:
        if given not in (None, DEFAULT):
            raise ModelError(
                f"scorer {sampling.scorer} goes with the default fusion; for the fusion that was "
                f"fitted with it give --fusion {sampling.scorer} --scorer {TRAINED}"
            )
        given = DEFAULT
    return choose_fusion(pair, given, max_risk)


def usual_strategy(
    checkpoint: str,
    checkpoint_sha256: str,
    connection: LlmConnection,
    fusion: FittedFusion | Path | str | None,
) -> Strategy:
    """The strategy where none is named: that of the fusion, which is fitted for the votes of one.

    Args:
        checkpoint: Name or path.
        checkpoint_sha256: As of `pair_of`.
        connection: To the LLM; need not be open.
        fusion: As of `choose_fusion`. Of several that are shipped for a checkpoint and an LLM the
            first one counts with which the LLM is asked at all.

    Raises:
        ModelError: If a file holds no fusion.
    """
    if fusion not in (None, DEFAULT):
        fitted = fusion if isinstance(fusion, FittedFusion) else read_fusion(Path(fusion or ""))
        return strategy_named(fitted.pair.strategy)
    for fitted in shipped_fusions() if fusion is None else ():
        strategy = strategy_named(fitted.pair.strategy)
        pair = pair_of(checkpoint, checkpoint_sha256, connection, strategy)
        if pair is None or fitted.fusion.trust == 0 or fitted.pair.difference(pair) is not None:
            continue
        return strategy
    return unfitted_strategy(connection)


def unfitted_strategy(connection: LlmConnection) -> Strategy:
    """The strategy where none is named and none was fitted: an LLM that is trusted reads.

    Another one chooses: small ones that were not tuned bind letters to lines better than values to
    fields.

    Args:
        connection: To the LLM; need not be open.
    """
    return make_strategy(READER_STRATEGY if connection.trust >= READER_TRUST else DEFAULT_STRATEGY)


def choose_scorer(
    strategy: Strategy, pair: Pair | None, chosen: ChosenFusion
) -> tuple[Strategy, str | None]:
    """The strategy with the trained scorer that it asks for, where it asks for one.

    Args:
        strategy: As it was asked for.
        pair: Of checkpoint and LLM; None where it is not known which LLM that is.
        chosen: The pair's fusion.

    Returns:
        The strategy, and for the record name and hash of the fusion that holds its scorer; None
        where that is not a trained one.

    Raises:
        ModelError: If there is none, or it is for another pair.
    """
    if not isinstance(strategy, DrawingStrategy) or not strategy.sampling.is_trained:
        return strategy, None
    scorer = strategy.sampling.scorer
    if scorer == TRAINED:
        found, identity = chosen.scorer, chosen.identity
        if found is None:
            command = pair.command if pair is not None else "hybrid calibrate --samples N"
            raise ModelError(
                "scorer trained is fitted together with a fusion, and there is none with it for "
                f"{pair.name if pair else 'this server'}: make one with {command}, and give it with "
                "--fusion FILE"
            )
        return strategy.scored_by(found), identity
    fitted = read_fusion(Path(scorer))
    if fitted.scorer is None:
        raise ModelError(
            f"fusion {scorer} holds no trained scorer: it was fitted for votes of strategy "
            f"{fitted.pair.strategy}"
        )
    if pair is None:
        raise ModelError(
            f"scorer {scorer} is for the LLM {fitted.pair.profile!r}, and it is not known which one "
            "answers: name it, http://host:port/v1#model"
        )
    refuse_another_pair(fitted, pair, Path(scorer))
    return strategy.scored_by(fitted.scorer), fitted.identity


def check_samples(strategy: Strategy, connection: LlmConnection) -> None:
    """Checks that several answers would not all be the same.

    Raises:
        ModelError: If they would, as far as can be known.
    """
    if not isinstance(strategy, DrawingStrategy) or strategy.sampling.samples == 1:
        return
    if not strategy.needs_thoughts or connection.draws_thoughts:
        return
    problem = (
        "and this one does not think: take one that does, with --reasoning where it is switched"
    )
    if connection.thinks:
        problem = "and no profile says of this one that it thinks: write one of kind reasoning"
    raise ModelError(
        f"strategy {strategy.kind} has one answer, from its log-probabilities; several samples differ "
        f"only by the thoughts of an LLM, {problem}, or take --strategy reflect"
    )


def pair_of(
    checkpoint: str,
    checkpoint_sha256: str,
    connection: LlmConnection,
    strategy: Strategy | None = None,
) -> Pair | None:
    """The pair of a checkpoint and the LLM behind a connection; None while its name is not known.

    Args:
        checkpoint: Name or path.
        checkpoint_sha256: Of its weights and configuration.
        connection: Need not be open.
        strategy: That gives the votes; the default one where None.
    """
    strategy = strategy or make_strategy(DEFAULT_STRATEGY)
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
    lists = EXTRACT if connection.trust >= READER_TRUST else STRUCTURE
    hashes = {name: prompt_hash(name) for name in (*strategy.prompts, lists)}
    return Pair(
        checkpoint=checkpoint,
        checkpoint_sha256=checkpoint_sha256,
        profile=profile,
        served_model=model,
        prompts=hashes,
        strategy=strategy.name,
        thinks=connection.thinks,
    )
