"""Both: the GCN proposes, the LLM is asked where the GCN is not sure, and code decides."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from hybrid.document import Document
from hybrid.errors import ModelError, ServerError
from hybrid.extraction import FieldResult, LlmUsage, RunInfo
from hybrid.llm import DEFAULT_LLM
from hybrid.pipeline.base import Extractor, Labelling, Mode, label_run, run_info
from hybrid.pipeline.connection import LlmConnection
from hybrid.pipeline.conversation import Conversation
from hybrid.pipeline.defaults import named_llm
from hybrid.pipeline.fusing import (
    check_samples,
    choose_scorer,
    fusion_for,
    pair_of,
    usual_strategy,
)
from hybrid.pipeline.gcn import likeliest, load_predictor
from hybrid.pipeline.notices import unknown_labels, unread_lists
from hybrid.schema import FieldSchema
from hybrid.verify.ask import Vote
from hybrid.verify.budget import TokenMeter
from hybrid.verify.decide import decide_all
from hybrid.verify.fitted import FittedFusion
from hybrid.verify.fuse import Fusion, default_weights
from hybrid.verify.label import ask_lines, label_shares, most_doubtful, pooled
from hybrid.verify.prompts import COLUMNS, EXTRACT, LABEL_CHOICE, STRUCTURE, prompt_hash
from hybrid.verify.resolve import Proposal
from hybrid.verify.strategies import (
    AUTO,
    DEFAULT_STRATEGY,
    DrawingStrategy,
    Strategy,
    make_strategy,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hybrid.gcn.predict import GcnPredictor
    from hybrid.llm.backend import ChatBackend
    from hybrid.llm.connect import LlmEngine

_WITHOUT_LLM = 'GcnExtractor.from_pretrained(checkpoint), or strategy="rules"'


class HybridExtractor(Extractor):
    """The whole pipeline: propose, verify, structure, ground, fuse.

    Where the LLM is down, slow or answers nonsense, the GCN's result is returned with the status
    `unverified` and a warning.

    Args:
        predictor: A loaded GCN checkpoint.
        checkpoint: Its name or path, for the record.
        connection: To the LLM; opened at the first doubtful field.
        mode: "strict" or "lenient".
        fusion: Fitted for this pair, or its file; "default" for the defaults; None for the shipped
            one where there is one for this pair, else the defaults.
        max_risk: Wished rate of wrong values among the values given, above 0 and below 1; fields
            abstain accordingly. See `hybrid.verify.risk` for what is guaranteed.
        strategy: How doubtful fields are verified: "choice", "critique", "structure", "reflect",
            "debate", or "rules", which asks no LLM; or what
            `hybrid.verify.strategies.make_strategy` gives. "auto" for that of the fusion; where
            none was fitted "structure" with an LLM that is trusted to read, else "choice".
        llm_budget: Most LLM tokens a document, sent (cached ones too) and written, spent on the
            questions from which most is expected; see `hybrid.verify.budget`.

    Raises:
        MissingExtraError: If the strategy needs a package that is not installed.
        ModelError: If the fusion is for another pair, or cannot show the wished risk; if the
            strategy is unknown.
    """

    system = "hybrid"

    def __init__(
        self,
        predictor: GcnPredictor,
        checkpoint: str,
        connection: LlmConnection,
        mode: Mode = "strict",
        fusion: FittedFusion | Path | str | None = None,
        max_risk: float | None = None,
        strategy: str | Strategy = AUTO,
        llm_budget: int | None = None,
    ) -> None:
        self.predictor = predictor
        self.checkpoint = checkpoint
        self.connection = connection
        self.mode = mode
        self.max_risk = max_risk
        if llm_budget is not None and llm_budget < 1:
            raise ModelError(f"a budget of LLM tokens is at least 1, not {llm_budget}")
        self.llm_budget = llm_budget
        sha256 = predictor.checkpoint_sha256
        asked = (
            usual_strategy(checkpoint, sha256, connection, fusion)
            if strategy == AUTO
            else _strategy(strategy)
        )
        check_samples(asked, connection)
        pair = pair_of(checkpoint, sha256, connection, asked)
        self._chosen = fusion_for(asked, pair, fusion, max_risk)
        self.strategy, self._scorer = choose_scorer(asked, pair, self._chosen)

    @classmethod
    def from_pretrained(
        cls,
        checkpoint: str = "receipts",
        llm: str | None = DEFAULT_LLM,
        mode: Mode = "strict",
        on_status: Callable[[str], None] | None = None,
        reasoning: bool = False,
        fusion: FittedFusion | Path | str | None = None,
        max_risk: float | None = None,
        strategy: str | Strategy = AUTO,
        llm_budget: int | None = None,
        llm_engine: LlmEngine = "http",
    ) -> Self:
        """A checkpoint by name or folder and an LLM by profile name, folder, or address.

        Args:
            checkpoint: Name or folder.
            llm: Profile name, folder of a model, or address; None with a strategy that asks none.
            mode: "strict" or "lenient".
            on_status: Told what is being waited for.
            reasoning: A reasoning model thinks, and `run.reasoning` holds its thoughts.
            fusion: As for the class.
            max_risk: As for the class.
            strategy: As for the class.
            llm_budget: As for the class.
            llm_engine: "http" for a server, which is started where none runs; "local" for vLLM in
                this process.

        Raises:
            CheckpointError: If the checkpoint is missing or damaged.
            ModelError: If encoder or LLM are unknown or were not pulled, or the fusion is for others.
        """
        from hybrid.llm.connect import check

        if _strategy(strategy).prompts:
            check(named_llm(llm, _WITHOUT_LLM), llm_engine)
        connection = LlmConnection(
            llm or "none", on_status=on_status, reasoning=reasoning, engine=llm_engine
        )
        check_samples(_strategy(strategy), connection)  # before a checkpoint is loaded
        return cls(
            load_predictor(checkpoint),
            checkpoint,
            connection,
            mode,
            fusion,
            max_risk,
            strategy,
            llm_budget,
        )

    @classmethod
    def from_parts(
        cls,
        predictor: GcnPredictor,
        backend: ChatBackend,
        mode: Mode = "strict",
        reasoning: bool = False,
        fusion: FittedFusion | Path | str | None = None,
        max_risk: float | None = None,
        strategy: str | Strategy = AUTO,
        llm_budget: int | None = None,
    ) -> Self:
        """From a loaded predictor and an open backend, which stays the caller's."""
        connection = LlmConnection(backend.model, backend, reasoning=reasoning)
        return cls(predictor, "custom", connection, mode, fusion, max_risk, strategy, llm_budget)

    @property
    def fusion(self) -> Fusion:
        """How the beliefs of GCN and LLM become decisions."""
        return self.strategy.fusion or self._chosen.for_trust(
            self.connection.trust, reads=EXTRACT in self.strategy.prompts
        )

    @property
    def _unfitted(self) -> Fusion:
        """For leaves that the checkpoint has no label for."""
        return self.strategy.fusion or self._chosen.unfitted(self.connection.trust)

    def identity(self) -> dict[str, Any]:
        """Checkpoint, LLM and prompts."""
        return {
            "checkpoint": self.predictor.checkpoint_sha256,
            "llm": self._llm,
            "fusion": self._chosen.identity,
            "trust": self.fusion.trust,
            "prompts": self._prompts(
                *self.strategy.prompts, STRUCTURE, EXTRACT, COLUMNS, LABEL_CHOICE
            ),
            **({"reasoning": True} if self.connection.reasoning else {}),
            **({"max_risk": self.max_risk} if self.max_risk is not None else {}),
            **({"llm_budget": self.llm_budget} if self.llm_budget is not None else {}),
            **({"scorer": self._scorer} if self._scorer is not None else {}),
            # Not named where it is the default, so that earlier results count as done.
            **({"strategy": name} if (name := self.strategy.name) != DEFAULT_STRATEGY else {}),
        }

    @property
    def _llm(self) -> str | None:
        return self.connection.spec if self.strategy.prompts else None

    def _prompts(self, *names: str) -> dict[str, str]:
        """Hashes of what may be asked."""
        return {name: prompt_hash(name) for name in names} if self.strategy.prompts else {}

    def close(self) -> None:
        """Stops the server if this extractor started it."""
        self.connection.close()

    def extract_fields(
        self, document: Document, schema: FieldSchema
    ) -> tuple[dict[str, FieldResult], RunInfo]:
        """Sure fields are accepted; doubtful ones are asked; all are decided by code."""
        predictions = self.predictor.predict(document)
        start = time.perf_counter()
        proposal = Proposal.of(document, schema, predictions)
        proposed = time.perf_counter()
        talk = Conversation(
            self.connection,
            document,
            schema,
            self.fusion,
            self.strategy,
            self._unfitted,
            self.llm_budget,
            reads_labels=self._chosen.fitted is None,
        )
        choices = talk.choices(proposal)
        answered = time.perf_counter()
        fields = decide_all(schema, choices, talk.fusion, talk.others)
        decided = time.perf_counter()
        return fields, run_info(
            self,
            schema,
            {
                "checkpoint": self.checkpoint,
                "checkpoint_sha256": self.predictor.checkpoint_sha256,
                "llm_profile": self._llm,
                "llm_model": self.connection.model if self.strategy.prompts else None,
                "fusion": self._chosen.identity,
                "prompts": self._prompts(*self.strategy.prompts, STRUCTURE, EXTRACT, COLUMNS),
                "strategy": self.strategy.name,
                "scorer": self._scorer,
                "llm_budget": self.llm_budget,
                "usage": talk.usage,
                "seconds": {
                    **predictions.seconds,
                    "verify": proposed - start + decided - answered,
                    "llm": answered - proposed,
                },
                "warnings": [
                    *self.connection.warnings,
                    *unread_lists(
                        proposal.unknown,
                        fields,
                        "the LLM found no items either"
                        if talk.reads
                        else "name labels that it knows, or take an LLM that is trusted to read",
                    ),
                    *talk.warnings,
                    *unknown_labels(schema, predictions.labels),
                ],
                "reasoning": talk.reasoning if self.connection.reasoning else None,
            },
        )

    def label(
        self, document: Document, labels: Sequence[str], aliases: Mapping[str, str] | None = None
    ) -> Labelling:
        """See `Extractor.label`: the GCN's labels; the LLM is asked about the most doubtful ones.

        Several samples are the majority of so many answers, of an LLM that thinks before each.

        Args:
            document: Its segments are labelled.
            labels: The background first.
            aliases: Label of the checkpoint to label asked for, where their names differ.
        """
        predictions = self.predictor.predict(document)
        start = time.perf_counter()
        shares = label_shares(predictions, labels, aliases)
        accept, trust = default_weights().accept, self.fusion.trust
        asks = len(labels) > 1 and bool(self.strategy.prompts)
        doubtful = most_doubtful(shares, accept, trust) if asks else []
        usage, problems = LlmUsage(), dict[str, None]()
        if doubtful:
            try:
                answers, usage = self._label_votes(document, labels, shares, doubtful)
            except ServerError as error:
                answers = {}
                problems[str(error)] = None
            for row, (columns, vote) in answers.items():
                shares[row] = pooled(shares[row], columns, vote, trust)
                if vote.problem:
                    problems[vote.problem] = None
        values = {
            "checkpoint": self.checkpoint,
            "checkpoint_sha256": self.predictor.checkpoint_sha256,
            "llm_profile": self._llm,
            "llm_model": self.connection.model if self.strategy.prompts else None,
            "fusion": self._chosen.identity,
            "prompts": self._prompts(LABEL_CHOICE),
            "usage": usage,
            "seconds": {**predictions.seconds, "llm": time.perf_counter() - start},
            "warnings": [*self.connection.warnings, *problems],
        }
        return likeliest(shares, labels, label_run(self, document, values))

    def _label_votes(
        self,
        document: Document,
        labels: Sequence[str],
        shares: NDArray[np.float64],
        doubtful: Sequence[int],
    ) -> tuple[dict[int, tuple[tuple[int, ...], Vote]], LlmUsage]:
        """Votes on the doubtful lines, the most doubtful ones first, as far as the budget goes."""
        backend, room = self.connection.open_for(document)
        asked, samples = self.strategy, 1
        if isinstance(asked, DrawingStrategy) and asked.needs_thoughts:
            samples = asked.sampling.samples
        if self.llm_budget is None:
            return ask_lines(document, labels, shares, doubtful, backend, room, samples)
        meter = TokenMeter(self.llm_budget, self.connection.beside(document))
        answers: dict[int, tuple[tuple[int, ...], Vote]] = {}
        usage = LlmUsage()
        for row in doubtful:
            with meter.watched():
                answer, used = ask_lines(
                    document, labels, shares, [row], meter.around(backend), room, samples
                )
            usage += used
            answers |= {} if meter.refused else answer
        return answers, usage


def _strategy(given: str | Strategy) -> Strategy:
    """Where the usual one is not known yet, the default one: it asks an LLM as well."""
    if isinstance(given, str):
        return make_strategy(DEFAULT_STRATEGY if given == AUTO else given)
    return given
