"""Resolve: from the GCN's proposal, over the questions that it leaves, to choices.

GCN-only is the case in which nothing was asked. The hybrid pipeline and the fitting of fusion go the
same way, so that what was fitted is what runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hybrid.document import Document
from hybrid.schema import FieldSchema
from hybrid.verify.ask import MAX_OPTIONS, Question, Vote, shares_for
from hybrid.verify.candidates import Candidate, NodeProbabilities
from hybrid.verify.decide import Choice
from hybrid.verify.fuse import Fusion, softened
from hybrid.verify.group import group_lists
from hybrid.verify.keys.terms import terms_on, with_terms
from hybrid.verify.matter import can_matter, is_sure
from hybrid.verify.merge import merge
from hybrid.verify.propose import (
    half_known_lists,
    label_columns,
    propose,
    type_candidates,
    unknown_lists,
)
from hybrid.verify.rules import possible_verdicts, takes_part_in_sums
from hybrid.verify.structure import Structured
from hybrid.verify.tables.headings import Headings
from hybrid.verify.tables.items import read_tables


@dataclass(frozen=True)
class Proposal:
    """What the GCN offers for a document.

    Attributes:
        flat: Path of each leaf outside lists to its candidates, best first.
        lists: Concrete path to candidate of the leaves inside lists.
        unlabelled: Paths of the leaves outside lists that no label of the checkpoint feeds.
        unknown: Paths of the lists of which neither the checkpoint nor a table's headings say anything.
        unlabelled_lists: Paths of the outermost lists that no label of the checkpoint feeds.
    """

    flat: Mapping[str, Sequence[Candidate]]
    lists: Mapping[str, Candidate]
    unknown: Collection[str] = ()
    unlabelled: Collection[str] = ()
    unlabelled_lists: Collection[str] = ()

    @classmethod
    def of(
        cls, document: Document, schema: FieldSchema, predictions: NodeProbabilities
    ) -> Proposal:
        """The proposal that a document's label probabilities make.

        Lists of which the checkpoint knows nothing are read from tables whose headings name them, and
        so are those of which it knows a part, where a table has more of their fields than the labels.
        """
        unknown = unknown_lists(schema, predictions)
        half_known = half_known_lists(schema, predictions)
        unlabelled = [
            x.path for x in schema.leaves if not (x.list_path or label_columns(x, predictions))
        ]
        terms = terms_on(document) if unlabelled or unknown or half_known else ()
        flat = [term for term in terms if not term.in_list]
        tables = read_tables(document, with_terms(schema, terms), [*unknown, *half_known])
        grouped = group_lists(document, schema, predictions)
        lists = _with_more_fields(grouped, tables.items, [*unknown, *half_known])
        return cls(
            propose(document, with_terms(schema, flat), predictions, tables.headings, flat),
            lists,
            [path for path in unknown if not _of_list(lists, path)],
            unlabelled,
            unknown,
        )

    def hardly_read(self, schema: FieldSchema) -> list[str]:
        """Paths of the lists that no label feeds and of whose fields no more than half were found."""
        return [
            path
            for path in self.unlabelled_lists
            if 2 * _fields_in(_of_list(self.lists, path))
            <= sum(leaf.list_path == path for leaf in schema.leaves)
        ]

    def with_tables(
        self,
        document: Document,
        schema: FieldSchema,
        headings: Mapping[str, Sequence[Headings]],
    ) -> Proposal:
        """The proposal with the items of lists from tables, where these have more of their fields.

        Args:
            document: That it is on.
            schema: Of the document.
            headings: Path of a list to the headings of its tables.
        """
        tables = read_tables(document, schema, list(headings), headings).items
        lists = _with_more_fields(self.lists, tables, headings)
        unknown = [path for path in self.unknown if not _of_list(lists, path)]
        return replace(self, lists=lists, unknown=unknown)


def _of_list(found: Mapping[str, Candidate], path: str) -> dict[str, Candidate]:
    return {p: c for p, c in found.items() if p.startswith(f"{path}[")}


def _with_more_fields(
    lists: Mapping[str, Candidate], tables: Mapping[str, Candidate], paths: Iterable[str]
) -> dict[str, Candidate]:
    """Lists with the items of a table in place of their own, where these have more fields."""
    found = dict(lists)
    for path in paths:
        table, own = _of_list(tables, path), _of_list(found, path)
        if _fields_in(table) > _fields_in(own):
            found = {p: c for p, c in found.items() if p not in own} | table
    return found


def _fields_in(items: Mapping[str, Candidate]) -> int:
    """How many different fields the items of a list have."""
    return len({path.partition("]")[2] for path in items})


def question_on(
    document: Document, schema: FieldSchema, path: str, found: Sequence[Candidate]
) -> Question:
    """Which of the candidates, or of other places of the leaf's type, is the value?"""
    leaf = schema.by_path[path]
    extra = type_candidates(document, leaf, found)
    return Question(path, leaf, (*found, *extra)[:MAX_OPTIONS])


def is_worth_asking(
    schema: FieldSchema, question: Question, found: Sequence[Candidate], fusion: Fusion
) -> bool:
    """Whether a vote could change what becomes of the document.

    Where the LLM's own readings count, any could: nobody knows what it will read.
    """
    return fusion.read > 0 or can_matter(
        found,
        question.options,
        fusion,
        lambda option: possible_verdicts(schema, question.leaf, option.value),
        takes_part_in_sums(schema, question.leaf),
    )


def questions_on(
    document: Document,
    schema: FieldSchema,
    proposal: Proposal,
    fusion: Fusion,
    others: Mapping[str, Fusion] | None = None,
    besides: Collection[str] = (),
) -> list[Question]:
    """The questions that are asked on the leaves outside lists: doubtful ones, worth asking.

    Args:
        document: That they are on.
        schema: Of the document.
        proposal: The GCN's.
        fusion: How votes will count.
        others: Paths of leaves that it was not fitted for, each to its own fusion.
        besides: Paths of leaves that are asked for in another way.
    """
    questions: list[Question] = []
    for path, found in proposal.flat.items():
        own = (others or {}).get(path, fusion)
        if path in besides:
            continue
        if found and own.trust > 0 and not is_sure(found, fusion=own):
            question = question_on(document, schema, path, found)
            if is_worth_asking(schema, question, found, own):
                questions.append(question)
    return questions


def answered_choice(question: Question, vote: Vote, fusion: Fusion) -> Choice:
    """The choice on a question with its answer.

    Args:
        question: That was asked.
        vote: With shares. What the LLM read by itself is one more option, where it is none yet and
            readings count; a leaf that it left empty is a vote for "absent" as far as that counts.
        fusion: How they count.
    """
    path, leaf, options = question.path, question.leaf, question.options
    if vote.empty:
        absent = shares_for(len(options), len(options), vote.certainty)
        vote = replace(vote, shares=softened(absent, fusion.empty))
    if vote.read is None or fusion.read == 0:
        return Choice(path, leaf, options, vote, fusion.trust, gcn=fusion.gcn)
    place = next((k for k, o in enumerate(options) if o.key == vote.read.key), len(options))
    if place == len(options):
        options = (*options, vote.read)
    vote = replace(vote, shares=shares_for(place, len(options), vote.certainty))
    least = fusion.belief_in_reading([o for k, o in enumerate(options) if k != place])
    return Choice(path, leaf, options, vote, fusion.trust, place, least, fusion.gcn)


def lists_are_doubtful(
    schema: FieldSchema, proposal: Proposal, fusion: Fusion, besides: Collection[str] = ()
) -> bool:
    """Whether the LLM is asked to put the lists together.

    Not to find items of a list of which the checkpoint knows nothing: this takes an LLM that is
    trusted to read them (`hybrid.verify.unread`).

    Args:
        schema: Of the document.
        proposal: What was found.
        fusion: How its word counts.
        besides: Paths of the outermost lists that are asked for in another way.
    """
    asked = set(schema.outermost_lists).difference(besides)
    if not asked or not fusion.asks_for_lists:
        return False
    found = [c for path, c in proposal.lists.items() if path.partition("[")[0] in asked]
    labelled = asked - set(proposal.unlabelled_lists)
    return bool(labelled and not found) or any(not is_sure([c], fusion=fusion) for c in found)


def choices_of(
    schema: FieldSchema,
    proposal: Proposal,
    fusion: Fusion,
    votes: Sequence[tuple[Question, Vote]] = (),
    structured: Structured | None = None,
    others: Mapping[str, Fusion] | None = None,
) -> list[Choice]:
    """The choices on all leaves of a document.

    Args:
        schema: Of the document.
        proposal: The GCN's.
        fusion: How votes count.
        votes: On the questions that were asked; where nobody answered, the choice is the GCN's.
        structured: The LLM's reading of the lists, None where it was not asked.
        others: Paths of leaves that it was not fitted for, each to its own fusion.
    """
    choices = {
        path: Choice(path, schema.by_path[path], tuple(found), by_keys=path in proposal.unlabelled)
        for path, found in proposal.flat.items()
    }
    for question, vote in votes:
        path = question.path
        own = (others or {}).get(path, fusion)
        if vote.shares is None:
            choices[path] = replace(choices[path], vote=vote, trust=own.trust)
        else:
            choices[path] = answered_choice(question, vote, own)
    return [*choices.values(), *merge(schema, proposal.lists, structured, fusion, proposal.unknown)]
