"""Extract: an LLM reads leaves off the page by itself, citing line numbers that code then checks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hybrid.document import Document, Segment
from hybrid.extraction import Citation, Confidence, FieldResult, Grounding, LlmUsage, Status
from hybrid.schema import ObjectNode, leaves_of
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.ground import Passage, align, support
from hybrid.verify.prompts import EXTRACT, block_text, page_blocks, render
from hybrid.verify.replies import Claim, read_claims, reply_schema

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatBackend

_MAX_TOKENS = 900


@dataclass(frozen=True)
class Reading:
    """What an LLM read.

    Attributes:
        claims: With the block of segments that the LLM saw.
        problem: Why a block was not read, or None.
        usage: Tokens spent.
    """

    claims: tuple[Claim, ...]
    problem: str | None
    usage: LlmUsage


def read_page(
    document: Document,
    node: ObjectNode,
    backend: ChatBackend,
    context_tokens: int,
) -> Reading:
    """One structured call for each block of the document.

    Args:
        document: Cut into overlapping blocks where it is longer than the context.
        node: The leaves that are asked for; the whole schema's root or a part of it.
        backend: An LLM.
        context_tokens: Of that LLM.

    Returns:
        Claims of all blocks; of a leaf outside lists only the first block's, items of lists are
        numbered through.
    """
    from hybrid.llm.backend import ChatRequest, usage_of

    blocks = page_blocks(document, context_tokens - _MAX_TOKENS)
    schema_of_reply = reply_schema(node, document.segments[-1].id, with_values=True)
    requests = [
        ChatRequest(
            messages=render(EXTRACT, page=block_text(block), fields=list(leaves_of(node))),
            max_tokens=_MAX_TOKENS,
            json_schema=schema_of_reply,
        )
        for block in blocks
    ]
    usage = LlmUsage()
    problem: str | None = None
    claims: dict[str, Claim] = {}
    for reply in backend.complete_many(requests):
        usage += usage_of(reply)
        if isinstance(reply, Exception):
            problem = str(reply)
            continue
        try:
            found = read_claims(reply.text, node)
        except ValueError as error:
            problem = str(error)
            usage += LlmUsage(invalid_replies=1)
            continue
        for claim in _renumbered(found, claims):
            claims.setdefault(claim.path, claim)
    return Reading(tuple(claims.values()), problem, usage)


def candidate_of(claim: Claim, document: Document) -> Candidate | None:
    """The place on the page that supports a claim, or None."""
    segments = cited(claim, document)
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
        value = claim.leaf.typed(claim.value if found.grounding is Grounding.FUZZY else found.text)
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
    """The segments that a claim cites; numbers that are not in the document are dropped."""
    by_id = {s.id: s for s in document.segments}
    return [by_id[n] for n in sorted(dict.fromkeys(claim.lines)) if n in by_id]


def _renumbered(found: Sequence[Claim], known: dict[str, Claim]) -> list[Claim]:
    """Items of a later block continue the numbering of the earlier ones; repeated ones are dropped."""
    seen = {(c.leaf.path, c.lines, c.value) for c in known.values()}
    used: dict[str, int] = {}
    for path in known:
        for match in re.finditer(r"^(.*?)\[(\d+)\]", path):
            used[match[1]] = max(used.get(match[1], 0), int(match[2]) + 1)
    fresh: list[Claim] = []
    for claim in found:
        match_ = re.match(r"^(.*?)\[(\d+)\](.*)$", claim.path)
        if match_ is None or not used.get(match_[1]):
            fresh.append(claim)
        elif (claim.leaf.path, claim.lines, claim.value) not in seen:
            number = used[match_[1]] + int(match_[2])
            path = f"{match_[1]}[{number}]{match_[3]}"
            fresh.append(Claim(path, claim.leaf, claim.lines, claim.value))
    return fresh
