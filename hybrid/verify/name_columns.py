"""Name columns: an LLM says what the columns of a table are, and code reads the rows below them.

Headings in words that nobody foresaw ("Kenteken | Merk en type | Berijder") say nothing to code, and rows
are what small LLMs read worst: `qwen2.5-coder-1.5b` gives up on long lists, but matched the fields of
nine of ten tables to the right columns. It sees the headings and a few rows, and can answer with
nothing but headings, so no value comes from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hybrid.document import Document
from hybrid.extraction import LlmUsage
from hybrid.llm.reply_json import parse_reply
from hybrid.schema import FieldSchema, Leaf
from hybrid.verify.ask import joined_thoughts
from hybrid.verify.certainty import certainties_by_name
from hybrid.verify.prompts import COLUMNS, neutralised, render
from hybrid.verify.skew import straight_pages
from hybrid.verify.tables.grids import Grid, Texts, find_grids
from hybrid.verify.tables.headings import SAME, Headings, heading_likeness

if TYPE_CHECKING:
    from hybrid.errors import ServerError
    from hybrid.llm.backend import ChatBackend, ChatReply, ChatRequest

_LIKENESS = 0.85
"""Of a heading that an LLM named: of 48 in tables of unseen documents 46 were right."""
_FEWEST = 3
"""Fields that have to have a column, or all where there are not so many; and more than half of them."""
_LEAST_SURE = 0.75
"""Mean certainty of the columns of a table: forms' captions got .5 to .7 where they were named at all."""
_ROWS_SHOWN = 4
_LONGEST_CELL = 40
"""Characters that are shown of a cell."""
_MOST_TABLES = 6
"""That are asked about for a list; those with the most cells."""
_TOKENS_PER_FIELD = 48
"""Of a reply: a field's name and a heading."""


@dataclass(frozen=True)
class NamedColumns:
    """What an LLM said of a document's tables.

    Attributes:
        headings: Path of a list to the headings of its tables, in reading order.
        problem: Why a table was not named, or None.
        usage: Tokens spent.
        reasoning: Path of a list to what the LLM thought.
    """

    headings: Mapping[str, Sequence[Headings]]
    problem: str | None
    usage: LlmUsage
    reasoning: Mapping[str, str]


def name_columns(
    document: Document, schema: FieldSchema, paths: Sequence[str], backend: ChatBackend
) -> NamedColumns:
    """Asks which columns hold a list's fields, one question for each list and table.

    A column whose heading code knows keeps its field; only the other fields are asked about. Of several
    tables that one is a list's of whose columns the LLM was surest altogether; a table with the same
    headings goes on elsewhere. A column that is named for several fields is nobody's: an LLM that does
    not know names one for all.

    Args:
        document: Its tables are looked at.
        schema: Of the document.
        paths: Of outermost lists.
        backend: An LLM.
    """
    pages = straight_pages(document)
    tables: dict[str, list[Grid]] = {}
    asked: list[_Table] = []
    for path in paths:
        head = f"{path}[]."
        leaves = {x.path.removeprefix(head): x for x in schema.leaves if x.list_path == path}
        tables[path] = find_grids(pages, len(leaves) // 2 + 1) if len(leaves) > 1 else []
        different: dict[Texts, Grid] = {}
        for grid in tables[path]:
            different.setdefault(grid.names, grid)
        largest = sorted(different.values(), key=_size, reverse=True)[:_MOST_TABLES]
        candidates = [_Table.of(path, leaves, grid) for grid in largest]
        asked += [table for table in candidates if table.unknown]
    replies = backend.complete_many([table.request() for table in asked]) if asked else []
    best: dict[str, tuple[float, Texts, Mapping[str, Leaf]]] = {}
    problem: str | None = None
    usage = LlmUsage()
    thoughts: dict[str, list[str | None]] = {}
    for table, reply in zip(asked, replies, strict=True):
        answer = table.answer(reply)
        problem = answer.problem or problem
        usage += answer.usage
        thoughts.setdefault(table.path, []).append(answer.reasoning)
        if answer.score > best.get(table.path, (0.0,))[0]:
            best[table.path] = (answer.score, table.grid.names, answer.columns)
    headings = {
        path: [g.named(columns, _LIKENESS) for g in tables[path] if g.names == names]
        for path, (_, names, columns) in best.items()
    }
    said = {path: joined for path, own in thoughts.items() if (joined := joined_thoughts(own))}
    return NamedColumns(headings, problem, usage, said)


def _size(grid: Grid) -> int:
    """How many cells a table has."""
    return sum(bool(text) for row in grid.rows for text in row)


@dataclass(frozen=True)
class _Answer:
    """What an LLM said of one table.

    Attributes:
        columns: Name of a column to its leaf.
        score: Sum of how sure it was of them; 0 where they are too few or too unsure.
        problem: What is wrong with the reply, or None.
        usage: Tokens spent.
        reasoning: What the LLM thought, or None.
    """

    columns: Mapping[str, Leaf]
    score: float
    problem: str | None
    usage: LlmUsage
    reasoning: str | None = None


@dataclass(frozen=True)
class _Table:
    """A table that may be a list's.

    Attributes:
        path: Of the list.
        leaves: Of the list's items, by their names.
        grid: The table.
        known: Columns whose headings are spelled like one field's key and like no other's, each with that
            field's name. One such is no headings for code (`headings_in`), but it is no question either.
    """

    path: str
    leaves: Mapping[str, Leaf]
    grid: Grid
    known: Mapping[str, str]

    @classmethod
    def of(cls, path: str, leaves: Mapping[str, Leaf], grid: Grid) -> _Table:
        """The table with the columns that code knows."""
        alike = [
            (column, name)
            for column in grid.names
            for name, leaf in leaves.items()
            if any(heading_likeness(column, key) >= SAME for key in leaf.keys)
        ]
        columns, names = [column for column, _ in alike], [name for _, name in alike]
        known = {c: n for c, n in alike if columns.count(c) == names.count(n) == 1}
        return cls(path, leaves, grid, known)

    @property
    def free(self) -> dict[str, str]:
        """Columns that are asked about, by what is shown of them."""
        return {_shown(name): name for name in self.grid.names if name not in self.known}

    @property
    def unknown(self) -> list[str]:
        """Names of the fields that are asked about."""
        return [name for name in self.leaves if name not in self.known.values()]

    def request(self) -> ChatRequest:
        """The question."""
        from hybrid.llm.backend import ChatRequest

        rows = (self.grid.names, *self.grid.rows[:_ROWS_SHOWN])
        shown = [[_shown(text) for text in row] for row in rows]
        # Not "" for a field without a column: with its quotes that is one token, and it is likelier
        # than any heading where several share what speaks for them.
        answers = [*self.free, None]
        fields = [
            {"name": n, "kind": self.leaves[n].kind, "description": self.leaves[n].description}
            for n in self.unknown
        ]
        return ChatRequest(
            messages=render(COLUMNS, rows=shown, list=self.path, fields=fields),
            logprobs=True,
            max_tokens=(len(fields) + 1) * _TOKENS_PER_FIELD,
            json_schema={
                "type": "object",
                "properties": {name: {"enum": answers} for name in self.unknown},
                "required": self.unknown,
                "additionalProperties": False,
            },
        )

    def answer(self, reply: ChatReply | ServerError) -> _Answer:
        """What the reply says of the table."""
        from hybrid.llm.backend import usage_of
        from hybrid.llm.reasoning import thoughts_of

        if isinstance(reply, Exception):
            return _Answer({}, 0.0, str(reply), usage_of(reply))
        try:
            said = parse_reply(reply.text)
        except ValueError as error:
            usage = reply.usage + LlmUsage(invalid_replies=1)
            return _Answer({}, 0.0, str(error), usage, thoughts_of(reply))
        pairs = list(self._pairs(said))
        given = [column for column, _ in pairs]
        names = {**self.known, **{c: name for c, name in pairs if given.count(c) == 1}}
        certainties = certainties_by_name(reply)
        sure = [certainties[n].whole if n in certainties else 1.0 for n in names.values()]
        enough = len(names) >= min(_FEWEST, len(self.leaves)) and 2 * len(names) > len(self.leaves)
        score = sum(sure) if enough and sum(sure) >= _LEAST_SURE * len(sure) else 0.0
        columns = {column: self.leaves[name] for column, name in names.items()}
        return _Answer(columns, score, None, reply.usage, thoughts_of(reply))

    def _pairs(self, said: Any) -> Iterator[tuple[str, str]]:
        """Columns that a reply names, each with the field that it names it for."""
        for name, answer in said.items() if isinstance(said, dict) else ():
            if name in self.unknown and isinstance(answer, str) and answer in self.free:
                yield self.free[answer], name


def _shown(text: str) -> str:
    """A cell's text as an LLM may see it: in one cell, and not too long."""
    return neutralised(text).replace("|", "/")[:_LONGEST_CELL]
