"""Unread: what an LLM that is trusted reads off the page by itself, in one call.

Fields that no label of the checkpoint feeds are found by keys and headings; what was not found, or is
doubtful, is nowhere among the options of a question. Fields with labels go the same way where the LLM
is asked to read and not to choose, and so do lists of either kind, since that a row is missing cannot be
told from the rows that were found. What it reads and cites is fused with what was found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hybrid.document import Document
from hybrid.schema import FieldSchema, ObjectNode, part_of
from hybrid.verify.ask import Question, Vote
from hybrid.verify.decide import Choice
from hybrid.verify.extract import Reading, candidate_of
from hybrid.verify.fuse import CLAIMED, Fusion
from hybrid.verify.matter import is_sure
from hybrid.verify.merge_readings import merge_readings
from hybrid.verify.partial_dates import WholeDates
from hybrid.verify.reading_votes import votes_of
from hybrid.verify.resolve import Proposal, answered_choice


@dataclass(frozen=True)
class Unread:
    """What is to be read.

    Attributes:
        questions: On leaves outside lists, with what was found as options.
        lists: Paths of the outermost lists.
    """

    questions: Sequence[Question]
    lists: Sequence[str]

    def __bool__(self) -> bool:
        return bool(self.questions or self.lists)

    @property
    def paths(self) -> list[str]:
        """Of all fields."""
        return [*(question.path for question in self.questions), *self.lists]

    def node(self, schema: FieldSchema) -> ObjectNode:
        """The part of a schema that is asked for."""
        return part_of(schema.root, self.paths)


def unread(schema: FieldSchema, proposal: Proposal, readable: Mapping[str, Fusion]) -> Unread:
    """What is worth reading: leaves that are not sure, and all lists.

    Args:
        schema: Of the document.
        proposal: What was found.
        readable: Paths of the leaves and outermost lists that the LLM may read, each to how much a
            reading counts there.
    """
    questions = [
        Question(path, schema.by_path[path], tuple(found))
        for path, found in proposal.flat.items()
        if path in readable and not is_sure(found, fusion=readable[path])
    ]
    return Unread(questions, [path for path in readable if path not in proposal.flat])


def read_choices(
    reading: Reading,
    document: Document,
    schema: FieldSchema,
    proposal: Proposal,
    asked: Unread,
    readable: Mapping[str, Fusion],
) -> list[Choice]:
    """The choices on what was read: all fields, and the lists that the reply has.

    Args:
        reading: Of the LLM; its problem where there was none.
        document: That was read.
        schema: Of the document.
        proposal: What was found without the LLM.
        asked: What the reading is on.
        readable: As of `unread`.
    """
    votes = votes_of(reading, asked.questions, document, CLAIMED)
    choices = [
        _choice(question, vote, readable[question.path], question.path in proposal.unlabelled)
        for question, vote in zip(asked.questions, votes, strict=True)
    ]
    dates = WholeDates(document)
    cells = {
        claim.path: candidate
        for claim in reading.claims
        if "[" in claim.path and (candidate := candidate_of(claim, document, dates=dates))
    }
    for path in asked.lists:
        if path in reading.answered:
            fusion = readable[path]
            choices += merge_readings(schema, path, proposal.lists, cells, fusion, reading.problem)
    return choices


def _choice(question: Question, vote: Vote, fusion: Fusion, unlabelled: bool) -> Choice:
    if vote.shares is None:
        path, leaf, options = question.path, question.leaf, question.options
        return Choice(path, leaf, options, vote, fusion.trust, by_keys=unlabelled)
    if vote.read is not None and not unlabelled:
        # A network that was trained on the label and sees it nowhere has said something.
        vote = replace(vote, read=vote.read.with_gcn(0.0))
    return answered_choice(question, vote, fusion)
