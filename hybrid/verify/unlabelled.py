"""Unlabelled: what an LLM reads of the fields that no label of the checkpoint feeds.

Keys and headings lead to most of them, but what was not found, or is doubtful, is nowhere among the
options of a question. So an LLM that is trusted reads these fields off the page in one call, lists
too, and cites where they stand; what it reads is fused with what was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hybrid.document import Document
from hybrid.schema import FieldSchema, ObjectNode, part_of
from hybrid.verify.ask import Question
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


def unread(schema: FieldSchema, proposal: Proposal, fusion: Fusion) -> Unread:
    """What is worth reading: leaves that are not sure, and all lists.

    That a row is missing from a table cannot be told from the rows that were found.

    Args:
        schema: Of the document.
        proposal: What was found.
        fusion: Says what is sure.
    """
    found = {path: proposal.flat[path] for path in proposal.unlabelled}
    questions = [
        Question(path, schema.by_path[path], tuple(options))
        for path, options in found.items()
        if not is_sure(options, fusion=fusion)
    ]
    return Unread(questions, list(proposal.unlabelled_lists))


def read_choices(
    reading: Reading,
    document: Document,
    schema: FieldSchema,
    proposal: Proposal,
    asked: Unread,
    fusion: Fusion,
) -> list[Choice]:
    """The choices on what was read.

    Args:
        reading: Of the LLM; its problem where there was none.
        document: That was read.
        schema: Of the document.
        proposal: What was found without the LLM.
        asked: What the reading is on.
        fusion: How much it counts.
    """
    choices: list[Choice] = []
    votes = votes_of(reading, asked.questions, document, CLAIMED)
    for question, vote in zip(asked.questions, votes, strict=True):
        if vote.shares is None:
            path, options = question.path, question.options
            choices.append(Choice(path, question.leaf, options, vote, fusion.trust, by_keys=True))
        else:
            choices.append(answered_choice(question, vote, fusion))
    dates = WholeDates(document)
    cells = {
        claim.path: candidate
        for claim in reading.claims
        if "[" in claim.path and (candidate := candidate_of(claim, document, dates=dates))
    }
    for path in asked.lists:
        choices += merge_readings(schema, path, proposal.lists, cells, fusion, reading.problem)
    return choices
