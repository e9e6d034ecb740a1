"""Unread: what an LLM that is trusted reads off the page by itself, in one call.

Fields that no label of the checkpoint feeds are found by keys and headings; what was not found, or is
doubtful, is nowhere among the options of a question. Fields with labels go the same way where the LLM
is asked to read and not to choose, and so do lists of either kind, since that a row is missing cannot be
told from the rows that were found. What it reads and cites is fused with what was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hybrid.document import Document
from hybrid.extraction import LlmUsage
from hybrid.schema import FieldSchema, ObjectNode, part_of
from hybrid.verify.ask import Question
from hybrid.verify.candidates import Candidate
from hybrid.verify.decide import Choice
from hybrid.verify.extract import Reading
from hybrid.verify.fuse import CLAIMED, Fusion
from hybrid.verify.matter import is_sure
from hybrid.verify.merge_readings import merge_readings
from hybrid.verify.read_cells import cells_of
from hybrid.verify.reading_votes import votes_of
from hybrid.verify.resolve import Proposal, answered_choice
from hybrid.verify.structure import Structured


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

    Not leaves whose label a network was trained on and sees nowhere: of these .02 (CORD-r) to .26
    (WildReceipt, on which it was not trained) are on the page, and an LLM's answers to the others
    would be invented.

    Args:
        schema: Of the document.
        proposal: What was found.
        readable: Paths of the leaves and outermost lists that the LLM may read, each to how much a
            reading counts there.
    """
    questions = [
        Question(path, schema.by_path[path], tuple(found))
        for path, found in proposal.flat.items()
        if path in readable
        and (found or path in proposal.unlabelled)
        and not is_sure(found, fusion=readable[path])
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
    votes = votes_of(reading, asked.questions, document, CLAIMED, whole=False)
    choices: list[Choice] = []
    for question, vote in zip(asked.questions, votes, strict=True):
        path, leaf, options = question.path, question.leaf, question.options
        fusion = readable[path]
        if vote.shares is None:
            unlabelled = path in proposal.unlabelled
            choices.append(Choice(path, leaf, options, vote, fusion.trust, by_keys=unlabelled))
        else:
            choices.append(answered_choice(question, vote, fusion))
    cells = cells_of(reading, document)
    return choices + list_choices(reading, cells, schema, proposal, asked.lists, readable)


def list_choices(
    reading: Reading,
    cells: Mapping[str, Candidate],
    schema: FieldSchema,
    proposal: Proposal,
    lists: Iterable[str],
    readable: Mapping[str, Fusion],
) -> list[Choice]:
    """The choices on the lists that a reply has.

    Args:
        reading: Of the LLM.
        cells: As of `cells_of`; the same whatever the fusion.
        schema: Of the document.
        proposal: What was found without the LLM.
        lists: Paths of those that were asked for.
        readable: As of `unread`.
    """
    choices: list[Choice] = []
    for path in lists:
        if path in reading.answered:
            unseen = None if path in proposal.unlabelled_lists else 0.0
            choices += merge_readings(
                schema,
                path,
                proposal.lists,
                cells,
                reading.certainties,
                readable[path],
                reading.problem,
                unseen,
            )
    return choices


def lacking(reading: Reading, asked: Unread) -> Structured | None:
    """What `choices_of` takes of lists that a reply lacks: nobody answered. None where it lacks none."""
    if reading.answered.issuperset(asked.lists):
        return None
    return Structured({}, reading.problem or "the LLM's reply lacks a list", LlmUsage())


def joined(
    choices: Iterable[Choice], reading: Reading, asked: Unread, read: Iterable[Choice]
) -> list[Choice]:
    """The choices on all leaves of a document.

    Args:
        choices: As they are without the reading.
        reading: Of the LLM.
        asked: What the reading is on.
        read: The choices on what was read, instead of those on the same fields and lists.
    """
    done = {question.path for question in asked.questions} | reading.answered
    return [*(c for c in choices if c.path.partition("[")[0] not in done), *read]
