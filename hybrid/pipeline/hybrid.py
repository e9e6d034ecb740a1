"""Both: the GCN proposes, the LLM is asked where the GCN is not sure, and code decides."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from hybrid.document import Document
from hybrid.errors import ServerError
from hybrid.extraction import FieldResult, LlmUsage, RunInfo
from hybrid.pipeline.base import Extractor, Labelling, Mode, label_run, run_info
from hybrid.pipeline.connection import LlmConnection
from hybrid.pipeline.gcn import decide_all, likeliest, load_predictor
from hybrid.pipeline.llm import claims_as_candidates
from hybrid.schema import FieldSchema, Leaf, ObjectNode
from hybrid.verify.ask import MAX_OPTIONS, Question, Vote, ask
from hybrid.verify.candidates import Candidate, NodeProbabilities
from hybrid.verify.decide import Choice, can_matter, is_sure
from hybrid.verify.extract import read_page
from hybrid.verify.fuse import default_weights
from hybrid.verify.group import group_lists
from hybrid.verify.label import ask_lines, label_shares, most_doubtful, pooled
from hybrid.verify.merge import merge
from hybrid.verify.prompts import EXTRACT, LABEL_CHOICE, STRUCTURE, VERIFY, prompt_hash
from hybrid.verify.propose import label_columns, propose, type_candidates
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
    """

    system = "hybrid"

    def __init__(
        self,
        predictor: GcnPredictor,
        checkpoint: str,
        connection: LlmConnection,
        mode: Mode = "strict",
    ) -> None:
        self.predictor = predictor
        self.checkpoint = checkpoint
        self.connection = connection
        self.mode = mode

    @classmethod
    def from_pretrained(
        cls,
        checkpoint: str = "receipts",
        llm: str = "smollm2-135m",
        mode: Mode = "strict",
        on_status: Callable[[str], None] | None = None,
        reasoning: bool = False,
    ) -> Self:
        """A checkpoint by name or folder and an LLM by profile name, folder, or address.

        Args:
            checkpoint: Name or folder.
            llm: Profile name, folder of a model, or address.
            mode: "strict" or "lenient".
            on_status: Told what is being waited for.
            reasoning: A reasoning model thinks, and `run.reasoning` holds its thoughts.

        Raises:
            CheckpointError: If the checkpoint is missing or damaged.
            ModelError: If encoder or LLM are unknown or were not pulled.
        """
        from hybrid.llm.connect import check

        check(llm)
        connection = LlmConnection(llm, on_status=on_status, reasoning=reasoning)
        return cls(load_predictor(checkpoint), checkpoint, connection, mode)

    @classmethod
    def from_parts(
        cls,
        predictor: GcnPredictor,
        backend: ChatBackend,
        mode: Mode = "strict",
        reasoning: bool = False,
    ) -> Self:
        """From a loaded predictor and an open backend, which stays the caller's."""
        connection = LlmConnection(backend.model, backend, reasoning=reasoning)
        return cls(predictor, "custom", connection, mode)

    def identity(self) -> dict[str, Any]:
        """Checkpoint, LLM and prompts."""
        return {
            "checkpoint": self.predictor.checkpoint_sha256,
            "llm": self.connection.spec,
            "trust": self.connection.trust,
            "prompts": _prompts() | {LABEL_CHOICE: prompt_hash(LABEL_CHOICE)},
            **({"reasoning": True} if self.connection.reasoning else {}),
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
        flat = propose(document, schema, predictions)
        lists = group_lists(document, schema, predictions)
        proposed = time.perf_counter()
        talk = _Conversation(self.connection, document, schema)
        choices = [*talk.flat(flat, predictions), *talk.lists(lists)]
        answered = time.perf_counter()
        fields = decide_all(schema, choices)
        decided = time.perf_counter()
        return fields, run_info(
            self,
            schema,
            {
                "checkpoint": self.checkpoint,
                "checkpoint_sha256": self.predictor.checkpoint_sha256,
                "llm_profile": self.connection.spec,
                "llm_model": self.connection.model,
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
        accept, trust = default_weights().accept, self.connection.trust
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
                shares[row] = pooled(shares[row], columns, vote, self.connection.trust)
                if vote.problem:
                    problems[vote.problem] = None
        values = {
            "checkpoint": self.checkpoint,
            "checkpoint_sha256": self.predictor.checkpoint_sha256,
            "llm_profile": self.connection.spec,
            "llm_model": self.connection.model,
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

    def __init__(self, connection: LlmConnection, document: Document, schema: FieldSchema) -> None:
        self.connection = connection
        self.document = document
        self.schema = schema
        self.trust = connection.trust
        self.usage = LlmUsage()
        self.warnings: list[str] = []
        self.reasoning: dict[str, str] = {}

    def flat(
        self, proposals: Mapping[str, list[Candidate]], predictions: NodeProbabilities
    ) -> list[Choice]:
        """Choices for the leaves outside lists."""
        unread = [
            leaf
            for path, found in proposals.items()
            if not found
            and not label_columns(leaf := self.schema.by_path[path], predictions)
            and self.document.segments
        ]
        read = self._read(unread)
        choices: dict[str, Choice] = {}
        questions: list[Question] = []
        for path, found in proposals.items():
            leaf = self.schema.by_path[path]
            if leaf in unread:
                choices[path] = read[leaf]
                continue
            choices[path] = Choice(path, leaf, tuple(found))
            if found and not is_sure(found):
                extra = type_candidates(self.document, leaf, found)
                options = (*found, *extra)[:MAX_OPTIONS]
                if not can_matter(options, self.trust):
                    continue
                questions.append(Question(path, leaf, tuple(options)))
        for question, vote in zip(questions, self._ask(questions), strict=True):
            choices[question.path] = Choice(
                question.path, question.leaf, question.options, vote, self.trust
            )
        return list(choices.values())

    def lists(self, proposal: Mapping[str, Candidate]) -> list[Choice]:
        """Choices for the leaves inside lists."""
        if self.schema.is_flat:
            return []
        doubtful = not proposal or any(not is_sure([c]) for c in proposal.values())
        structured = self._structure(proposal) if doubtful and self.document.segments else None
        return merge(self.schema, proposal, structured, self.trust)

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

    def _structure(self, proposal: Mapping[str, Candidate]) -> Structured:
        try:
            backend, room = self.connection.open_for(self.document)
        except ServerError as error:
            self._warn(str(error))
            return Structured({}, str(error), LlmUsage())
        found = structure(self.document, self.schema, proposal, backend, room)
        self.usage += found.usage
        self._warn(found.problem)
        for path in dict.fromkeys(leaf.list_path for leaf in self.schema.leaves):
            self._think(found.reasoning, path)
        return found

    def _read(self, leaves: list[Leaf]) -> dict[Leaf, Choice]:
        """Leaves that the GCN was not trained for and no key leads to: the LLM reads them."""
        if not leaves:
            return {}
        try:
            backend, room = self.connection.open_for(self.document)
        except ServerError as error:
            self._warn(str(error))
            vote = Vote(None, str(error))
            return {leaf: Choice(leaf.path, leaf, (), vote, self.trust) for leaf in leaves}
        node = ObjectNode({leaf.path: leaf for leaf in leaves}, self.schema.model)
        reading = read_page(self.document, node, backend, room)
        self.usage += reading.usage
        for warning in (reading.problem, *reading.warnings):
            self._warn(warning)
        for leaf in leaves:
            self._think(reading.reasoning, leaf.path)
        found = claims_as_candidates(reading, self.document)
        choices: dict[Leaf, Choice] = {}
        for leaf in leaves:
            if leaf in found:
                vote = Vote((_YES, 1 - _YES))
                choices[leaf] = Choice(leaf.path, leaf, (found[leaf],), vote, self.trust)
            else:
                unasked = Vote(None, reading.problem) if reading.problem else None
                choices[leaf] = Choice(leaf.path, leaf, (), unasked, self.trust)
        return choices

    def _think(self, reasoning: str | None, path: str | None) -> None:
        if reasoning and path:
            self.reasoning[path] = reasoning

    def _warn(self, problem: str | None) -> None:
        if problem and problem not in self.warnings:
            self.warnings.append(problem)
