"""What the hybrid asks about one document: doubtful fields, lists, and fields unknown to the GCN."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from hybrid.document import Document
from hybrid.errors import ServerError
from hybrid.extraction import LlmUsage
from hybrid.pipeline.connection import LlmConnection
from hybrid.schema import FieldSchema
from hybrid.verify.ask import Question, Vote
from hybrid.verify.budget import TokenMeter
from hybrid.verify.decide import Choice
from hybrid.verify.extract import Reading, read_page
from hybrid.verify.fuse import Fusion, lists_fusion
from hybrid.verify.matter import expected_change
from hybrid.verify.name_columns import name_columns
from hybrid.verify.resolve import Proposal, choices_of, lists_are_doubtful, questions_on
from hybrid.verify.strategies import Case, Strategy, reads_once
from hybrid.verify.structure import Structured, structure
from hybrid.verify.unread import Unread, joined, lacking, read_choices, unread

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatBackend


class Conversation:
    """What is asked about one document, with its cost and its problems.

    Args:
        connection: To the LLM; opened at the first question.
        document: That is asked about.
        schema: Of its fields.
        fusion: How votes count.
        strategy: How doubtful fields are verified.
        budget: Most LLM tokens, sent and written; None for as many as it takes. They go to the
            questions from which most is expected, then to lists, then to fields that the GCN does
            not know. What is not asked is decided as the GCN alone decides it.
        unfitted: How votes count on leaves that no label of the checkpoint feeds.
        reads_labels: An LLM that is trusted to read also reads fields that labels feed, where the
            strategy reads the page once. Not where a fusion was fitted for its votes.
    """

    def __init__(
        self,
        connection: LlmConnection,
        document: Document,
        schema: FieldSchema,
        fusion: Fusion,
        strategy: Strategy,
        unfitted: Fusion,
        budget: int | None = None,
        reads_labels: bool = False,
    ) -> None:
        self.connection = connection
        self.document = document
        self.schema = schema
        self.fusion = fusion
        self.strategy = strategy
        self.unfitted = unfitted
        self._lists = lists_fusion(fusion, connection.trust) if strategy.prompts else None
        self.reads = bool(strategy.prompts and (unfitted.read or self._lists))
        self._reads_labels = reads_labels
        self.others: dict[str, Fusion] = {}
        self.usage = LlmUsage()
        self._meter = None if budget is None else TokenMeter(budget, connection.beside(document))
        self._left_out: list[str] = []
        self.warnings: list[str] = []
        self.reasoning: dict[str, str] = {}

    def choices(self, proposal: Proposal) -> list[Choice]:
        """Asks what is worth asking, and gives the choices on all leaves."""
        self.others = dict.fromkeys(proposal.unlabelled, self.unfitted)
        readable = self._readable(proposal)
        questions = questions_on(
            self.document, self.schema, proposal, self.fusion, self.others, besides=readable
        )
        votes = [
            (question, vote)
            for question, vote in zip(questions, self._ask(proposal, questions), strict=True)
            if vote is not None
        ]
        proposal = self._with_tables(proposal)
        doubtful = lists_are_doubtful(self.schema, proposal, self.fusion, besides=readable)
        structured = self._structure(proposal) if doubtful and self.document.segments else None
        asked = unread(self.schema, proposal, readable)
        asked, reading = self._reading(asked) if asked else (asked, None)
        if self._meter is not None and self._left_out:
            unasked = ", ".join(self._left_out)
            self._warn(f"the budget of {self._meter.budget} tokens left unasked: {unasked}")
        if reading is None:
            return choices_of(self.schema, proposal, self.fusion, votes, structured, self.others)
        read = read_choices(reading, self.document, self.schema, proposal, asked, readable)
        self.others |= {c.path: readable[c.path.partition("[")[0]] for c in read}
        structured = structured or lacking(reading, asked)
        if structured is not None:
            self._warn(structured.problem)
        choices = choices_of(self.schema, proposal, self.fusion, votes, structured, self.others)
        return joined(choices, reading, asked, read)

    def _with_tables(self, proposal: Proposal) -> Proposal:
        """The proposal with lists whose tables an LLM that is trusted to read finds the columns of."""
        lists = proposal.hardly_read(self.schema)
        if not (lists and self.unfitted.read and self.document.segments):
            return proposal
        try:
            backend, _ = self._open()
        except ServerError as error:
            self._warn(str(error))
            return proposal
        with self._watched():
            found = name_columns(self.document, self.schema, lists, backend)
        self.usage += found.usage
        if not self._was_refused():
            self._warn(found.problem)
        for path, thought in found.reasoning.items():
            self._think(thought, path)
        return proposal.with_tables(self.document, self.schema, found.headings)

    def _readable(self, proposal: Proposal) -> dict[str, Fusion]:
        """Paths of the fields and outermost lists that the LLM may read, each to how that counts."""
        if not self.document.segments:
            return {}
        counts: dict[str, Fusion] = {}
        if self.unfitted.read:
            every = self._reads_labels and reads_once(self.strategy)
            fields = proposal.flat if every else proposal.unlabelled
            counts |= {path: self.others.get(path, self.fusion) for path in fields}
            counts |= dict.fromkeys(proposal.unlabelled_lists, self.unfitted)
        if self._lists is not None:
            unlabelled = proposal.unlabelled_lists
            labelled = [p for p in self.schema.outermost_lists if p not in unlabelled]
            counts |= dict.fromkeys(labelled, self._lists)
        return counts

    def _open(self) -> tuple[ChatBackend, int]:
        backend, room = self.connection.open_for(self.document)
        return (backend if self._meter is None else self._meter.around(backend)), room

    def _ask(self, proposal: Proposal, questions: list[Question]) -> Sequence[Vote | None]:
        if self._meter is None:
            return self._vote(proposal, questions)
        expected = [
            expected_change(proposal.flat[q.path], q.options, self.others.get(q.path, self.fusion))
            for q in questions
        ]
        left = sorted(range(len(questions)), key=lambda number: -expected[number])
        votes: dict[int, Vote | None] = {}
        # As many at a time as fit: together they may share a page, and what they have cost tells
        # whether more fit. What several rounds will cost is only known of one question.
        count = most = len(left) if self.strategy.rounds == 1 else 1
        while left:
            asked = left[:count]
            with self._meter.watched(self.strategy.rounds):
                found = self._vote(proposal, [questions[number] for number in asked])
            if self._meter.refused and count > 1:
                count //= 2
                continue
            self._was_refused(*(questions[number].path for number in asked))
            votes |= zip(asked, found, strict=True)
            left = left[count:]
            count = min(len(left), most)
        return [votes[number] for number in range(len(questions))]

    def _vote(self, proposal: Proposal, questions: list[Question]) -> Sequence[Vote | None]:
        if not questions:
            return []
        case = Case(self.document, self.schema, proposal, questions)
        try:
            voting = self.strategy.votes(case, self._open)
        except ServerError as error:
            self._warn(str(error))
            return [Vote(None, str(error))] * len(questions)
        self.usage += voting.usage
        if self._meter is not None and self._meter.refused:
            return [None] * len(questions)
        for question, vote in zip(questions, voting.votes, strict=True):
            if vote is not None:
                self._warn(vote.problem)
                self._think(vote.reasoning, question.path)
        return voting.votes

    def _watched(self) -> AbstractContextManager[None]:
        return nullcontext() if self._meter is None else self._meter.watched()

    def _was_refused(self, *paths: str) -> bool:
        """Whether the budget left out what was just to be asked."""
        if self._meter is None or not self._meter.refused:
            return False
        self._left_out += paths
        return True

    def _structure(self, proposal: Proposal) -> Structured | None:
        try:
            backend, room = self._open()
        except ServerError as error:
            self._warn(str(error))
            return Structured({}, str(error), LlmUsage())
        with self._watched():
            found = structure(self.document, self.schema, proposal.lists, backend, room)
        self.usage += found.usage
        lists = dict.fromkeys(leaf.list_path for leaf in self.schema.leaves if leaf.list_path)
        if self._was_refused(*filter(None, lists)):
            return None
        self._warn(found.problem)
        for path in lists:
            self._think(found.reasoning, path)
        return found

    def _reading(self, asked: Unread) -> tuple[Unread, Reading | None]:
        """What the LLM was asked to read, and what it read; None where no budget is left to ask."""
        reading = self._read(asked)
        if reading is None and asked.lists and asked.questions:
            # Lists are long; without them the fields beside them may fit into the budget.
            self._left_out += asked.lists
            asked = Unread(asked.questions, ())
            reading = self._read(asked)
        if reading is None:
            self._left_out += asked.paths
            return asked, None
        for warning in (reading.problem, *reading.warnings):
            self._warn(warning)
        for path in asked.paths:
            self._think(reading.reasoning, path)
        return asked, reading

    def _read(self, asked: Unread) -> Reading | None:
        try:
            backend, room = self._open()
        except ServerError as error:
            return Reading((), str(error), LlmUsage())
        node = asked.node(self.schema)
        with self._watched():
            reading = read_page(self.document, node, backend, room, certainty=True)
        self.usage += reading.usage
        return None if self._was_refused() else reading

    def _think(self, reasoning: str | None, path: str | None) -> None:
        if reasoning and path:
            self.reasoning[path] = reasoning

    def _warn(self, problem: str | None) -> None:
        if problem and problem not in self.warnings:
            self.warnings.append(problem)
