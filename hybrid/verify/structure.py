"""Structure: one call in which the LLM puts a list's segments into items, by number only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hybrid.document import Document
from hybrid.extraction import LlmUsage
from hybrid.schema import FieldSchema, ListNode, ObjectNode, leaves_of
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.prompts import STRUCTURE, block_text, page_blocks, render
from hybrid.verify.repeated_items import without_repeated
from hybrid.verify.replies import LEAST_TOKENS, Claim, item_limit, read_claims, reply_schema

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatBackend

_TOKENS_PER_LEAF = 16
"""Key, brackets and three numbers."""
_PROPOSAL_TOKENS = 640


@dataclass(frozen=True)
class Structured:
    """The LLM's reading of the lists.

    Attributes:
        candidates: Concrete path to candidate, numbered as the LLM numbered its items.
        problem: Why there is none, or None.
        usage: Tokens spent.
        reasoning: What the LLM thought, or None.
    """

    candidates: dict[str, Candidate]
    problem: str | None
    usage: LlmUsage
    reasoning: str | None = None


def structure(
    document: Document,
    schema: FieldSchema,
    proposal: Mapping[str, Candidate],
    backend: ChatBackend,
    context_tokens: int,
) -> Structured:
    """Asks for the items of all lists in one structured call.

    The reply holds segment numbers and nothing else, so it cannot contain an invented value; the
    values are read from the segments by type. Numbers that are not on the page are dropped.

    Args:
        document: Only its first block is shown where it does not fit into the context.
        schema: Its lists are asked for.
        proposal: The GCN's items, shown to the LLM.
        backend: An LLM.
        context_tokens: Of that LLM.
    """
    from hybrid.llm.backend import ChatRequest, usage_of
    from hybrid.llm.reasoning import thoughts_of

    node = ObjectNode(
        {n: c for n, c in schema.root.fields.items() if isinstance(c, ListNode)}, schema.model
    )
    leaves = list(leaves_of(node))
    items = item_limit(len({path.rpartition(".")[0] for path in proposal}))
    most = max(LEAST_TOKENS, context_tokens // 8)  # lists are as long as their pages
    tokens = min(items * len(leaves) * _TOKENS_PER_LEAF + 40, most)
    # The proposal and the reply share the context with the page.
    blocks = page_blocks(document, context_tokens - tokens - _PROPOSAL_TOKENS)
    messages = render(
        STRUCTURE,
        page=block_text(blocks[0]),
        proposal=_as_json(proposal),
        fields=leaves,
    )
    request = ChatRequest(
        messages=messages,
        max_tokens=tokens,
        json_schema=reply_schema(node, document.segments[-1].id, False, items),
    )
    reply = backend.complete_many([request])[0]
    if isinstance(reply, Exception):
        return Structured({}, str(reply), usage_of(reply))
    try:
        claims = without_repeated(read_claims(reply.text, node))
    except ValueError as error:
        return Structured({}, f"{error}", reply.usage + LlmUsage(invalid_replies=1))
    return Structured(_candidates(document, claims), None, reply.usage, thoughts_of(reply))


def _as_json(proposal: Mapping[str, Candidate]) -> str:
    """The GCN's items as compact JSON of the form that is asked for."""
    items: dict[str, dict[str, list[int]]] = {}
    for path, candidate in proposal.items():
        head, _, name = path.rpartition(".")
        items.setdefault(head or path, {})[name] = list(candidate.segments)
    return json.dumps(list(items.values()), separators=(",", ":"))[:1500]


def _candidates(document: Document, claims: list[Claim]) -> dict[str, Candidate]:
    by_id = {s.id: s for s in document.segments}
    found: dict[str, Candidate] = {}
    for claim in claims:
        segments = [by_id[n] for n in dict.fromkeys(claim.lines) if n in by_id]
        candidates = read_candidates(segments, claim.leaf, None) if segments else []
        if candidates:
            found[claim.path] = candidates[0]
    return found


def overlap(item: Mapping[Any, Candidate], other: Mapping[Any, Candidate]) -> int:
    """How many segments two items share."""
    ours = {n for c in item.values() for n in c.segments}
    return len(ours & {n for c in other.values() for n in c.segments})
