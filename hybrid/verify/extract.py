"""Extract: an LLM reads leaves off the page by itself, citing lines or boxes that code checks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hybrid.document import BoundingBox, Document, Segment, segment_of
from hybrid.extraction import Citation, Confidence, FieldResult, Grounding, LlmUsage, Status
from hybrid.llm.reply_json import parse_reply
from hybrid.schema import ObjectNode
from hybrid.verify.ask import joined_thoughts
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.certainty import Certainty, certainties_of
from hybrid.verify.ground import Passage, align, support
from hybrid.verify.partial_dates import WholeDates, completed
from hybrid.verify.prompts import page_blocks, page_budget, tokens_of
from hybrid.verify.repeated_items import numbered_on, without_repeated
from hybrid.verify.replies import (
    BOX_SCALE,
    Claim,
    answered_leaves,
    answered_lists,
    least_reply,
    most_items,
    most_tokens,
    read_claims,
    reply_schema,
)
from hybrid.verify.salvage import salvage
from hybrid.verify.variants import (
    Example,
    LlmOptions,
    examples_that_fit,
    line_writer,
    messages_for,
)
from hybrid.verify.without_name import without_name

if TYPE_CHECKING:
    from hybrid.errors import ServerError
    from hybrid.llm.backend import ChatBackend, ChatReply

TEMPERATURE = 0.7
"""Of answers that are drawn."""


@dataclass(frozen=True)
class Reading:
    """What an LLM read.

    Attributes:
        claims: In the order of the document.
        problem: Why a block was not read, or not to its end, or None.
        usage: Tokens spent.
        warnings: What was done differently from what was asked for.
        reasoning: What the LLM thought, or None.
        answered: Paths of the leaves outside lists and of the outermost lists that a reply has, those
            too that it left empty.
        certainties: Of the values by concrete path, where they were asked for and are known; of leaves
            outside lists also where they were left empty.
    """

    claims: tuple[Claim, ...]
    problem: str | None
    usage: LlmUsage
    warnings: tuple[str, ...] = ()
    reasoning: str | None = None
    answered: frozenset[str] = frozenset()
    certainties: Mapping[str, Certainty] = field(default_factory=dict)


def read_page(
    document: Document,
    node: ObjectNode,
    backend: ChatBackend,
    context_tokens: int,
    options: LlmOptions | None = None,
    examples: Sequence[Example] = (),
    certainty: bool = False,
) -> Reading:
    """The likeliest reading of a document; see `read_often`."""
    return read_often(
        document, node, backend, context_tokens, [None], options, examples, certainty
    )[0]


def read_often(
    document: Document,
    node: ObjectNode,
    backend: ChatBackend,
    context_tokens: int,
    seeds: Sequence[int | None],
    options: LlmOptions | None = None,
    examples: Sequence[Example] = (),
    certainty: bool = False,
) -> list[Reading]:
    """One structured call for each block of the document, with an answer for each reading.

    Args:
        document: Cut into overlapping blocks where it is longer than the context.
        node: The leaves that are asked for; the whole schema's root or a part of it.
        backend: An LLM.
        context_tokens: Of that LLM.
        seeds: Of the readings: each is drawn with its seed; None for the likeliest one.
        options: How it is asked.
        examples: Shown before the page; those at the end are left out where they do not fit into
            the context beside it.
        certainty: Also ask how probable the values were while they were written.

    Returns:
        For each seed the claims of all blocks; of a leaf outside lists only the first block's, items of lists are
        numbered through. Of a reply that was cut off, what was complete is kept, and the reply
        counts as invalid.
    """
    from hybrid.llm.backend import ChatRequest

    options = options or LlmOptions()
    write = line_writer(document, options)
    written = options.coordinates == "written"
    least = least_reply(node, context_tokens)
    blocks = page_blocks(document, context_tokens - least, write=write, by_page=written)
    sizes = [sum(len(write(s)) + 1 for s in block) for block in blocks]
    room = page_budget(context_tokens - least) - max(sizes)
    fitting = examples_that_fit(examples, node, options, room)
    left_over = least + (0 if fitting else tokens_of(room))
    schema_of_reply = reply_schema(
        node,
        document.segments[-1].id,
        with_values=True,
        items=most_items(max(map(len, blocks))),
        with_boxes=written,
        value_first=options.value_first,
    )
    requests = [
        ChatRequest(
            messages=messages_for(document, block, node, options, fitting),
            max_tokens=most_tokens(node, tokens_of(size), len(block), left_over),
            json_schema=schema_of_reply,
            logprobs=certainty,
            seed=seed,
            temperature=0.0 if seed is None else TEMPERATURE,
        )
        for block, size in zip(blocks, sizes, strict=True)
        for seed in seeds
    ]
    replies = backend.complete_many(requests)
    left_out = len(examples) - len(fitting)
    warnings = (
        [f"{left_out} of {len(examples)} examples do not fit into the context"] if left_out else []
    )
    return [
        _reading(document, node, blocks, replies[place :: len(seeds)], warnings)
        for place in range(len(seeds))
    ]


def _reading(
    document: Document,
    node: ObjectNode,
    blocks: Sequence[Sequence[Segment]],
    replies: Sequence[ChatReply | ServerError],
    warnings: Sequence[str],
) -> Reading:
    """What the replies on the blocks of a document say together."""
    from hybrid.llm.backend import ChatReply, InvalidReplyError, usage_of
    from hybrid.llm.reasoning import thoughts_of

    usage = LlmUsage()
    problem: str | None = None
    claims: dict[str, Claim] = {}
    answered: set[str] = set()
    of_empty: dict[str, Certainty] = {}
    for block, reply in zip(blocks, replies, strict=True):
        usage += usage_of(reply)
        data, wrong = reply_data(reply)
        problem = wrong or problem
        try:
            found = [] if data is None and wrong else read_claims(data, node, block[0].page)
        except ValueError as error:
            problem = wrong or str(error)
            usage += LlmUsage(invalid_replies=0 if wrong else 1)
            continue
        written = reply.reply if isinstance(reply, InvalidReplyError) else reply
        sure = list(certainties_of(written)) if isinstance(written, ChatReply) else []
        leaves = {leaf.path for leaf in answered_leaves(data, node)}
        left_empty = leaves - {claim.path for claim in found}
        answered |= leaves.union(answered_lists(data, node))
        for claim in numbered_on(_with_certainty(found, sure), claims):
            claims.setdefault(claim.path, claim)
        for path, value, certainty in sure:
            if path in left_empty and not value:
                of_empty.setdefault(path, certainty)
    kept = without_repeated(claims.values())
    if unknown := _unknown_lines(kept, document):
        shown = ", ".join(map(str, unknown[:5])) + (", …" if len(unknown) > 5 else "")
        cites = f"the LLM cited lines that the document does not have: {shown}"
        warnings = [*warnings, cites]
    thoughts = [thoughts_of(reply) for reply in replies if isinstance(reply, ChatReply)]
    return Reading(
        tuple(kept),
        problem,
        usage,
        tuple(warnings),
        joined_thoughts(thoughts),
        frozenset(answered),
        of_empty | {c.path: c.certainty for c in kept if c.certainty is not None},
    )


def _with_certainty(
    claims: Sequence[Claim], written: Iterable[tuple[str, str, Certainty]]
) -> list[Claim]:
    """Claims of a reply with how sure the LLM was of them; of repeated items some are left out."""
    left: dict[str, deque[tuple[str, Certainty]]] = {}
    for path, value, certainty in written:
        left.setdefault(path, deque()).append((value, certainty))
    known: list[Claim] = []
    for claim in claims:
        values = left.get(claim.leaf.path, deque())
        while values and values[0][0] != claim.value:
            values.popleft()
        known.append(replace(claim, certainty=values.popleft()[1]) if values else claim)
    return known


def reply_data(reply: ChatReply | ServerError) -> tuple[Any, str | None]:
    """The JSON value of a reply, and what is wrong with the reply.

    Returns:
        Of a reply that was cut off the complete part; None where there is nothing to read.
    """
    from hybrid.llm.backend import InvalidReplyError

    if not isinstance(reply, Exception):
        return parse_reply(reply.text), None
    if isinstance(reply, InvalidReplyError) and reply.reply is not None:
        return salvage(reply.reply.text), str(reply)
    return None, str(reply)


def candidate_of(
    claim: Claim, document: Document, search: bool = False, dates: WholeDates | None = None
) -> Candidate | None:
    """The place on the page that supports a claim, or None.

    Args:
        claim: With what it cites.
        document: That was read.
        search: Look on the whole page where the cited part does not support the claim.
        dates: Of the document; given where many claims are looked at.
    """
    segments = cited(claim, document)
    claim = replace(claim, value=claim.value and without_name(claim.value, claim.leaf))
    found = supported(claim, segments)
    if found is None and claim.value:
        dates = dates or WholeDates(document)
        found = completed(claim.value, claim.leaf, segments, dates)
    return supported(claim, document.segments) if found is None and search else found


def supported(claim: Claim, segments: Sequence[Segment]) -> Candidate | None:
    """The place in some segments that supports a claim, or None."""
    if not claim.value:
        return None
    found = align(claim.value, claim.leaf, segments) if segments else None
    if found is None:
        return None
    for candidate in read_candidates(segments, claim.leaf, None):
        if candidate.text == found.text:
            return candidate
    citations = Passage(segments).citations(found.words)
    try:
        said = claim.value if found.grounding is Grounding.FUZZY else found.text
        value = claim.leaf.typed(said) if found.value is None else found.value
    except ValueError:
        return None
    grounding = support(value, found.text, claim.leaf, citations)
    if grounding is Grounding.NONE:
        return None
    ids = {w.id for w in found.words}
    numbers = tuple(s.id for s in segments if any(w.id in ids for w in s.words))
    return Candidate(numbers, found.text, value, found.words, citations, grounding, None)


def ungrounded(claim: Claim, document: Document) -> FieldResult:
    """A claim that the page does not support, as lenient mode keeps it: flagged, and cited as is."""
    try:
        value = claim.leaf.typed(claim.value)
    except ValueError:
        value = None
    return FieldResult(
        value=value,
        text=claim.value,
        citations=tuple(Citation.of_segment(s) for s in cited(claim, document)),
        grounding=Grounding.NONE,
        status=Status.ADDED if value is not None else Status.ABSTAINED,
        confidence=Confidence(fused=0.0),
        reason="the cited text does not support this value",
    )


def cited(claim: Claim, document: Document) -> list[Segment]:
    """The segments that a claim cites; numbers that are not in the document are dropped.

    Of a claim with a box these are the words whose centres are inside it, as parts of segments.
    """
    if claim.box is not None:
        return _inside(claim.box, claim.page, document)
    by_id = {s.id: s for s in document.segments}
    return [by_id[n] for n in sorted(dict.fromkeys(claim.lines)) if n in by_id]


def _unknown_lines(claims: Iterable[Claim], document: Document) -> list[int]:
    known = {s.id for s in document.segments}
    return sorted({n for claim in claims for n in claim.lines if n not in known})


def _inside(box: Sequence[int], number: int, document: Document) -> list[Segment]:
    page = document.page(number)
    left, right = (x * page.width / BOX_SCALE for x in (box[0], box[2]))
    top, bottom = (y * page.height / BOX_SCALE for y in (box[1], box[3]))

    def holds(place: BoundingBox) -> bool:
        x, y = place.center
        return left <= x <= right and top <= y <= bottom

    found: list[Segment] = []
    for segment in page.segments:
        words = [w for w in segment.words if holds(w.box)]
        if words:
            found.append(segment_of(segment.id, segment.page, words))
    return found
