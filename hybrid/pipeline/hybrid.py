"""Both: the GCN proposes, the LLM is asked where the GCN is not sure, and code decides."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from hybrid.document import Document
from hybrid.errors import ServerError
from hybrid.extraction import FieldResult, LlmUsage, RunInfo
from hybrid.pipeline.base import Extractor, Labelling, Mode, label_run, run_info
from hybrid.pipeline.connection import LlmConnection
from hybrid.pipeline.fusing import choose_fusion, pair_of
from hybrid.pipeline.gcn import likeliest, load_predictor
from hybrid.pipeline.llm import claims_as_candidates
from hybrid.schema import FieldSchema, Leaf, ObjectNode
from hybrid.verify.ask import Question, Vote, ask
from hybrid.verify.candidates import NodeProbabilities
from hybrid.verify.decide import Choice, decide_all
from hybrid.verify.extract import read_page
from hybrid.verify.fitted import FittedFusion
from hybrid.verify.fuse import Fusion, default_weights
from hybrid.verify.label import ask_lines, label_shares, most_doubtful, pooled
from hybrid.verify.prompts import EXTRACT, LABEL_CHOICE, STRUCTURE, VERIFY, prompt_hash
from hybrid.verify.propose import label_columns
from hybrid.verify.resolve import Proposal, choices_of, lists_are_doubtful, questions_on
from hybrid.verify.structure import Structured, structure

if TYPE_CHECKING:
    from hybrid.gcn.predict import GcnPredictor
    from hybrid.llm.backend import ChatBackend

_YES = 0.9
"""What a claim counts as that came without log-probabilities."""


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

    Raises:
        ModelError: If the fusion is for another pair, or cannot show the wished risk.
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
    ) -> None:
        self.predictor = predictor
        self.checkpoint = checkpoint
        self.connection = connection
        self.mode = mode
        self.max_risk = max_risk
        pair = pair_of(checkpoint, predictor.checkpoint_sha256, connection)
        self._chosen = choose_fusion(pair, fusion, max_risk)

    @classmethod
    def from_pretrained(
        cls,
        checkpoint: str = "receipts",
        llm: str = "smollm2-135m",
        mode: Mode = "strict",
        on_status: Callable[[str], None] | None = None,
        reasoning: bool = False,
        fusion: FittedFusion | Path | str | None = None,
        max_risk: float | None = None,
    ) -> Self:
        """A checkpoint by name or folder and an LLM by profile name, folder, or address.

        Args:
            checkpoint: Name or folder.
            llm: Profile name, folder of a model, or address.
            mode: "strict" or "lenient".
            on_status: Told what is being waited for.
            reasoning: A reasoning model thinks, and `run.reasoning` holds its thoughts.
            fusion: As for the class.
            max_risk: As for the class.

        Raises:
            CheckpointError: If the checkpoint is missing or damaged.
            ModelError: If encoder or LLM are unknown or were not pulled, or the fusion is for others.
        """
        from hybrid.llm.connect import check

        check(llm)
        connection = LlmConnection(llm, on_status=on_status, reasoning=reasoning)
        return cls(load_predictor(checkpoint), checkpoint, connection, mode, fusion, max_risk)

    @classmethod
    def from_parts(
        cls,
        predictor: GcnPredictor,
        backend: ChatBackend,
        mode: Mode = "strict",
        reasoning: bool = False,
        fusion: FittedFusion | Path | str | None = None,
        max_risk: float | None = None,
    ) -> Self:
        """From a loaded predictor and an open backend, which stays the caller's."""
        connection = LlmConnection(backend.model, backend, reasoning=reasoning)
        return cls(predictor, "custom", connection, mode, fusion, max_risk)

    @property
    def fusion(self) -> Fusion:
        """How the beliefs of GCN and LLM become decisions."""
        return self._chosen.for_trust(self.connection.trust)

    def identity(self) -> dict[str, Any]:
        """Checkpoint, LLM and prompts."""
        return {
            "checkpoint": self.predictor.checkpoint_sha256,
            "llm": self.connection.spec,
            "fusion": self._chosen.identity,
            "trust": self.fusion.trust,
            "prompts": _prompts() | {LABEL_CHOICE: prompt_hash(LABEL_CHOICE)},
            **({"reasoning": True} if self.connection.reasoning else {}),
            **({"max_risk": self.max_risk} if self.max_risk is not None else {}),
        }

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
        talk = _Conversation(self.connection, document, schema, self.fusion)
        choices = talk.choices(proposal, predictions)
        answered = time.perf_counter()
        fields = decide_all(schema, choices, talk.fusion)
        decided = time.perf_counter()
        return fields, run_info(
            self,
            schema,
            {
                "checkpoint": self.checkpoint,
                "checkpoint_sha256": self.predictor.checkpoint_sha256,
                "llm_profile": self.connection.spec,
                "llm_model": self.connection.model,
                "fusion": self._chosen.identity,
                "prompts": _prompts(),
                "usage": talk.usage,
                "seconds": {
                    **predictions.seconds,
                    "verify": proposed - start + decided - answered,
                    "llm": answered - proposed,
                },
                "warnings": [*self.connection.warnings, *talk.warnings],
                "reasoning": talk.reasoning if self.connection.reasoning else None,
            },
        )

    def label(
        self, document: Document, labels: Sequence[str], aliases: Mapping[str, str] | None = None
    ) -> Labelling:
        """See `Extractor.label`: the GCN's labels; the LLM is asked about the most doubtful ones.

        Args:
            document: Its segments are labelled.
            labels: The background first.
            aliases: Label of the checkpoint to label asked for, where their names differ.
        """
        predictions = self.predictor.predict(document)
        start = time.perf_counter()
        shares = label_shares(predictions, labels, aliases)
        accept, trust = default_weights().accept, self.fusion.trust
        doubtful = most_doubtful(shares, accept, trust) if len(labels) > 1 else []
        usage, problems = LlmUsage(), dict[str, None]()
        if doubtful:
            try:
                backend, room = self.connection.open_for(document)
                answers, usage = ask_lines(document, labels, shares, doubtful, backend, room)
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
            "llm_profile": self.connection.spec,
            "llm_model": self.connection.model,
            "fusion": self._chosen.identity,
            "prompts": {LABEL_CHOICE: prompt_hash(LABEL_CHOICE)},
            "usage": usage,
            "seconds": {**predictions.seconds, "llm": time.perf_counter() - start},
            "warnings": [*self.connection.warnings, *problems],
        }
        return likeliest(shares, labels, label_run(self, document, values))


def _prompts() -> dict[str, str]:
    return {name: prompt_hash(name) for name in (VERIFY, STRUCTURE, EXTRACT)}


class _Conversation:
    """What is asked about one document, with its cost and its problems."""

    def __init__(
        self, connection: LlmConnection, document: Document, schema: FieldSchema, fusion: Fusion
    ) -> None:
        self.connection = connection
        self.document = document
        self.schema = schema
        self.fusion = fusion
        self.usage = LlmUsage()
        self.warnings: list[str] = []
        self.reasoning: dict[str, str] = {}

    def choices(self, proposal: Proposal, predictions: NodeProbabilities) -> list[Choice]:
        """Asks what is worth asking, and gives the choices on all leaves."""
        read = self._read(self._unread(proposal, predictions))
        questions = questions_on(self.document, self.schema, proposal, self.fusion)
        votes = zip(questions, self._ask(questions), strict=True)
        doubtful = lists_are_doubtful(self.schema, proposal, self.fusion)
        structured = self._structure(proposal) if doubtful and self.document.segments else None
        choices = choices_of(self.schema, proposal, self.fusion, list(votes), structured)
        return [read.get(choice.path, choice) for choice in choices]

    def _unread(self, proposal: Proposal, predictions: NodeProbabilities) -> list[Leaf]:
        """Leaves that the GCN was not trained for and no key leads to."""
        if self.fusion.trust == 0 or not self.document.segments:
            return []
        empty = [self.schema.by_path[path] for path, found in proposal.flat.items() if not found]
        return [leaf for leaf in empty if not label_columns(leaf, predictions)]

    def _ask(self, questions: list[Question]) -> list[Vote]:
        if not questions:
            return []
        try:
            backend, room = self.connection.open_for(self.document)
        except ServerError as error:
            self._warn(str(error))
            return [Vote(None, str(error))] * len(questions)
        votes, usage = ask(self.document, questions, backend, room)
        self.usage += usage
        for question, vote in zip(questions, votes, strict=True):
            self._warn(vote.problem)
            self._think(vote.reasoning, question.path)
        return votes

    def _structure(self, proposal: Proposal) -> Structured:
        try:
            backend, room = self.connection.open_for(self.document)
        except ServerError as error:
            self._warn(str(error))
            return Structured({}, str(error), LlmUsage())
        found = structure(self.document, self.schema, proposal.lists, backend, room)
        self.usage += found.usage
        self._warn(found.problem)
        for path in dict.fromkeys(leaf.list_path for leaf in self.schema.leaves):
            self._think(found.reasoning, path)
        return found

    def _read(self, leaves: list[Leaf]) -> dict[str, Choice]:
        """Choices by path on leaves that the LLM reads off the page by itself."""
        if not leaves:
            return {}
        trust = self.fusion.trust
        try:
            backend, room = self.connection.open_for(self.document)
        except ServerError as error:
            self._warn(str(error))
            vote = Vote(None, str(error))
            return {leaf.path: Choice(leaf.path, leaf, (), vote, trust) for leaf in leaves}
        node = ObjectNode({leaf.path: leaf for leaf in leaves}, self.schema.model)
        reading = read_page(self.document, node, backend, room)
        self.usage += reading.usage
        for warning in (reading.problem, *reading.warnings):
            self._warn(warning)
        for leaf in leaves:
            self._think(reading.reasoning, leaf.path)
        found = claims_as_candidates(reading, self.document)
        choices: dict[str, Choice] = {}
        for leaf in leaves:
            if leaf in found:
                vote = Vote((_YES, 1 - _YES))
                choices[leaf.path] = Choice(leaf.path, leaf, (found[leaf],), vote, trust)
            else:
                unasked = Vote(None, reading.problem) if reading.problem else None
                choices[leaf.path] = Choice(leaf.path, leaf, (), unasked, trust)
        return choices

    def _think(self, reasoning: str | None, path: str | None) -> None:
        if reasoning and path:
            self.reasoning[path] = reasoning

    def _warn(self, problem: str | None) -> None:
        if problem and problem not in self.warnings:
            self.warnings.append(problem)
