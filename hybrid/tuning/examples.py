"""Labelled documents become examples: what the pipeline sends to an LLM, and the right reply.

The prompts are not written here: the pipeline's own code asks a backend that only takes notes, so a
tuned model sees in use what it saw in training.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

from hybrid.document import Document
from hybrid.errors import ServerError
from hybrid.llm.backend import ChatReply, ChatRequest, Message
from hybrid.schema import FieldSchema, Leaf, ObjectNode, leaves_of, part_of
from hybrid.tuning.rationales import thoughts_on_choice, thoughts_on_page
from hybrid.verify.ask import Question, ask
from hybrid.verify.candidates import Candidate, NodeProbabilities
from hybrid.verify.extract import candidate_of, read_page
from hybrid.verify.group import group_lists
from hybrid.verify.propose import label_columns, propose
from hybrid.verify.replies import Claim, read_claims
from hybrid.verify.resolve import question_on
from hybrid.verify.variants import Example, ExampleValue, LlmOptions, right_reply

Task = Literal["extract", "verify"]


@dataclass(frozen=True)
class LabelledPages:
    """A document with its right values.

    Attributes:
        document: Its segments are what the LLM sees as lines.
        schema: What is asked for.
        values: Path of a leaf outside lists to its gold; leaves that are left out are absent.
        node_labels: The gold label of each segment, from which lists are put together; empty for a
            schema without lists.
        original_id: Of the document that a field was removed from; else its own id.
        removed: Path of the removed leaf, or None.
    """

    document: Document
    schema: FieldSchema
    values: Mapping[str, ExampleValue]
    node_labels: NodeProbabilities | None
    original_id: str
    removed: str | None = None


@dataclass(frozen=True)
class Turn:
    """One question and its right reply.

    Attributes:
        messages: The prompt.
        reply: Of the assistant.
        max_tokens: After so many tokens the pipeline cuts the reply off.
        ends: The reply ends with the end of the turn. A single letter does not: decoding stops.
        path: Of the leaf that is asked about; None for all.
        thoughts: Before the reply; None for a model that does not think.
    """

    messages: tuple[Message, ...]
    reply: str
    max_tokens: int
    ends: bool
    path: str | None = None
    thoughts: str | None = None


@dataclass(frozen=True)
class TuningExample:
    """One page with the questions that are asked about it with the same instruction.

    Attributes:
        document_id: Of the original document.
        task: Whether fields are read or proposals verified.
        turns: Their prompts begin alike, with instruction and page.
        removed: Path of the leaf that was removed from the page, or None.
    """

    document_id: str
    task: Task
    turns: tuple[Turn, ...]
    removed: str | None


_EXAMPLES = TypeAdapter(list[TuningExample])


def examples_to_json(examples: Sequence[TuningExample]) -> str:
    """All that the examples hold, as JSON."""
    return _EXAMPLES.dump_json(list(examples)).decode()


def examples_from_json(text: str) -> list[TuningExample]:
    """What `examples_to_json` wrote."""
    return _EXAMPLES.validate_json(text)


class _NoteTaker:
    """A backend that answers nothing and keeps what it was asked."""

    model = "note-taker"
    profile = "note-taker"
    available = True
    draws_several = True

    def __init__(self) -> None:
        self.requests: list[ChatRequest] = []

    def complete(self, request: ChatRequest) -> ChatReply:
        self.requests.append(request)
        raise ServerError("it only takes notes")

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        return self.complete(request)

    def complete_many(self, requests: Sequence[ChatRequest]) -> list[ChatReply | ServerError]:
        self.requests += requests
        return [ServerError("it only takes notes") for _ in requests]

    def close(self) -> None:
        """Nothing is open."""


def extraction_example(
    pages: LabelledPages,
    context_tokens: int,
    parts: Sequence[Collection[str]] = (),
    *,
    think: bool = False,
) -> TuningExample | None:
    """What an LLM is asked that reads the page alone, and the right reply.

    Args:
        pages: The document.
        context_tokens: Of the LLM, without those that it thinks.
        parts: Paths of leaves outside lists that are asked for once more without the others, as
            the strategy `structure` asks for doubtful fields.
        think: Thoughts come before the reply.

    Returns:
        Leaves whose gold does not stand on the page as the pipeline checks it are not asked for, since
        a model would learn to invent. None where nothing is left, and where the document does not
        fit into one prompt.
    """
    if not pages.document.segments:
        return None
    values, unprinted = _as_printed(pages)
    turns: list[Turn] = []
    for node in _asked_for(pages.schema, parts, unprinted):
        notes = _NoteTaker()
        read_page(pages.document, node, notes, context_tokens)
        if len(notes.requests) != 1:
            return None
        reply = right_reply(Example(pages.document, values), node, LlmOptions())
        if not _is_grounded(reply, node, pages.document):
            return None
        request = notes.requests[0]
        thoughts = thoughts_on_page(pages.document, leaves_of(node), values) if think else None
        turns.append(
            Turn(request.messages, reply, request.max_tokens, ends=True, thoughts=thoughts)
        )
    return (
        TuningExample(pages.original_id, "extract", tuple(turns), pages.removed) if turns else None
    )


def verification_example(
    pages: LabelledPages,
    predictions: NodeProbabilities,
    context_tokens: int,
    rng: random.Random,
    *,
    think: bool = False,
) -> TuningExample | None:
    """The questions about what the GCN proposes, with the letters of the right options.

    Options are in random order, since a model must not learn that the GCN's first proposal is right
    mostly; "none of these lines" comes last or first, as it is asked.

    Args:
        pages: The document.
        predictions: Of a GCN that has not seen it.
        context_tokens: Of the LLM, without those that it thinks.
        rng: For the order of the options.
        think: Thoughts come before the letters.

    Returns:
        None where the GCN proposes nothing, or the document does not fit into one prompt.
    """
    turns: list[Turn] = []
    for path, found in propose(pages.document, pages.schema, predictions).items():
        leaf = pages.schema.by_path[path]
        if not found or not label_columns(leaf, predictions):
            continue
        options = list(question_on(pages.document, pages.schema, path, found).options)
        rng.shuffle(options)
        gold = _gold_on_page(path, leaf, pages)
        if gold is None and path in pages.values:
            continue
        right = _right_option(options, gold)
        notes = _NoteTaker()
        ask(pages.document, [Question(path, leaf, tuple(options))], notes, context_tokens)
        request = notes.requests[backwards := rng.randrange(2)]
        letters = request.choices or ()
        letter = letters[len(letters) - 1 - right if backwards else right]
        chosen = options[right] if right < len(options) else None
        thoughts = (
            thoughts_on_choice(pages.document, leaf, options, chosen, gold) if think else None
        )
        turns.append(Turn(request.messages, letter, 1, ends=False, path=path, thoughts=thoughts))
    if not turns or len({turn.messages[0] for turn in turns}) != 1:
        return None
    return TuningExample(pages.original_id, "verify", tuple(turns), pages.removed)


def _gold_on_page(path: str, leaf: Leaf, pages: LabelledPages) -> Candidate | None:
    """Where the right value stands, or None where there is none or nobody can say."""
    gold = pages.values.get(path)
    if gold is None:
        return None
    return candidate_of(Claim(path, leaf, gold.segment_ids, gold.text), pages.document, search=True)


def _right_option(options: Sequence[Candidate], gold: Candidate | None) -> int:
    """Place of the right option, one behind the last for "none"."""
    for number, option in enumerate(options):
        if gold is not None and option.key == gold.key:
            return number
    return len(options)


def _asked_for(
    schema: FieldSchema, parts: Sequence[Collection[str]], unprinted: Collection[str]
) -> list[ObjectNode]:
    """The whole schema and its parts, without the leaves that are not printed; each once."""
    flat = [leaf.path for leaf in schema.leaves if leaf.list_path is None]
    every = schema.root if not unprinted else part_of(schema.root, {*flat} - {*unprinted})
    asked = {frozenset(part) - {*unprinted}: None for part in parts}
    nodes = [every, *(part_of(schema.root, part) for part in asked)]
    return [node for node in nodes if any(leaves_of(node))]


def _as_printed(pages: LabelledPages) -> tuple[dict[str, ExampleValue], set[str]]:
    """The gold as it stands on the page, with the lines that hold it; and what does not stand there."""
    printed: dict[str, ExampleValue] = {}
    unprinted: set[str] = set()
    for path, gold in pages.values.items():
        leaf = pages.schema.by_path[path]
        found = candidate_of(Claim(path, leaf, gold.segment_ids, gold.text), pages.document)
        if found is None:
            unprinted.add(path)
            continue
        # As annotated where that is printed: "12.20" of "RM 12.20".
        text = gold.text if gold.text in found.text else found.text
        printed[path] = ExampleValue(text, found.segments)
    if pages.node_labels is not None:
        for path, found in group_lists(pages.document, pages.schema, pages.node_labels).items():
            printed[path] = ExampleValue(found.text, found.segments)
    return printed, unprinted


def _is_grounded(reply: str, node: ObjectNode, document: Document) -> bool:
    """Whether the pipeline accepts every value of the reply."""
    claims = read_claims(reply, node)
    return all(candidate_of(claim, document) is not None for claim in claims)
