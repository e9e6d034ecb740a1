"""Label: every segment gets one of the labels that are asked for, from a GCN, an LLM, or both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hybrid.document import Document, Segment
from hybrid.extraction import LlmUsage
from hybrid.verify.ask import MAX_OPTIONS, Vote, choice_request
from hybrid.verify.candidates import NodeProbabilities
from hybrid.verify.extract import reply_data
from hybrid.verify.fuse import most_gain, pool
from hybrid.verify.prompts import LABEL, LABEL_CHOICE, block_text, page_blocks, render
from hybrid.verify.replies import label_schema, read_labels
from hybrid.verify.strategies.drawing import polled
from hybrid.verify.strategies.sampling import Sampling

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatBackend, ChatRequest

MAX_QUESTIONS = 40
"""Of a document: what a person would wait for."""
_LINES = 40
"""Of a block: small models lose count in longer ones."""
_TOKENS_PER_LABEL = 16
"""Name, quotes, colon and brackets."""
_TOKENS_PER_LINE = 5
"""Digits and a comma."""
_FLOOR = 1e-3
_BACKGROUND = "none of these"


@dataclass(frozen=True)
class LabelReading:
    """What an LLM made of the lines.

    Attributes:
        labels: Segment id to label; what is not here is background.
        problem: Why a block was not read, or not to its end, or None.
        usage: Tokens spent.
    """

    labels: dict[int, str]
    problem: str | None
    usage: LlmUsage


def read_lines(
    document: Document, labels: Sequence[str], backend: ChatBackend, context_tokens: int
) -> LabelReading:
    """Sorts all lines by structured calls whose replies hold labels and line numbers only.

    Args:
        document: Cut into overlapping blocks of at most 40 lines.
        labels: The background first.
        backend: An LLM.
        context_tokens: Of that LLM.

    Returns:
        A line that several labels claim has the first. Numbers that are not in the block are
        dropped.
    """
    from hybrid.llm.backend import ChatRequest, usage_of

    wanted = labels[1:]
    if not wanted or not document.segments:
        return LabelReading({}, None, LlmUsage())
    most_tokens = _most_tokens(wanted, _LINES)
    blocks = page_blocks(document, context_tokens - most_tokens, most_lines=_LINES)
    schema = label_schema(wanted, document.segments[-1].id, _LINES)
    requests = [
        ChatRequest(
            messages=render(LABEL, page=block_text(block), labels=wanted),
            max_tokens=_most_tokens(wanted, len(block)),
            json_schema=schema,
        )
        for block in blocks
    ]
    usage = LlmUsage()
    problem: str | None = None
    found: dict[int, str] = {}
    for block, reply in zip(blocks, backend.complete_many(requests), strict=True):
        usage += usage_of(reply)
        data, wrong = reply_data(reply)
        problem = wrong or problem
        try:
            claimed = {} if data is None and wrong else read_labels(data, wanted)
        except ValueError as error:
            problem = wrong or str(error)
            usage += LlmUsage(invalid_replies=0 if wrong else 1)
            continue
        for segment in block:
            if segment.id in claimed:
                found.setdefault(segment.id, claimed[segment.id])
    return LabelReading(found, problem, usage)


def _most_tokens(wanted: Sequence[str], lines: int) -> int:
    """Of a reply; a label's list may hold every line, since a page can be all of one kind."""
    return _TOKENS_PER_LABEL * len(wanted) + 2 * _TOKENS_PER_LINE * lines


def label_shares(
    predictions: NodeProbabilities, labels: Sequence[str], aliases: Mapping[str, str] | None = None
) -> NDArray[np.float64]:
    """A checkpoint's probabilities as ones over the labels that are asked for.

    Args:
        predictions: Its first label is its background, whatever that is called.
        labels: Asked for, the background first.
        aliases: Label of the checkpoint to label asked for, where their names differ.

    Returns:
        `[segments, labels]`, rows sum to 1. What the checkpoint gives to labels that are not asked
        for counts to the background; labels that it does not know have 0.
    """
    columns = {name: column for column, name in enumerate(labels)}
    shares = np.zeros((len(predictions.probabilities), len(labels)))
    for source, name in enumerate(predictions.labels):
        asked = (aliases or {}).get(name, name)
        column = columns.get(asked, 0) if source else 0
        shares[:, column] += predictions.probabilities[:, source]
    return shares


def ask_lines(
    document: Document,
    labels: Sequence[str],
    shares: NDArray[np.float64],
    doubtful: Sequence[int],
    backend: ChatBackend,
    context_tokens: int,
    samples: int = 1,
) -> tuple[dict[int, tuple[tuple[int, ...], Vote]], LlmUsage]:
    """Asks of doubtful segments which label is right, as questions that one letter answers.

    Args:
        document: What all prompts share.
        labels: The background first.
        shares: `[segments, labels]`, from `label_shares`.
        doubtful: Rows of `shares` to ask about.
        backend: An LLM.
        context_tokens: Of that LLM.
        samples: Answers to each question, of which the majority counts; for an LLM that thinks.

    Returns:
        Row to the label columns that were offered, likeliest first, with the vote over them; and
        the tokens spent.
    """
    # Of a segment that two blocks share, the later block is taken, in which more follows it.
    blocks = {s.id: block for block in page_blocks(document, context_tokens) for s in block}
    pairs: list[tuple[ChatRequest, ChatRequest]] = []
    offered: list[tuple[int, ...]] = []
    for row in doubtful:
        columns = tuple(np.argsort(-shares[row], kind="stable")[:MAX_OPTIONS].tolist())
        segment = document.segments[row]
        block = blocks[segment.id]
        texts = [labels[c] if c else _BACKGROUND for c in columns]
        pairs.append((_question(segment, block, texts), _question(segment, block, texts[::-1])))
        offered.append(columns)
    voting = polled(backend, pairs, Sampling(samples))
    votes = [vote for vote in voting.votes if vote is not None]
    return dict(zip(doubtful, zip(offered, votes, strict=True), strict=True)), voting.usage


def pooled(
    row: NDArray[np.floating[Any]], columns: Sequence[int], vote: Vote, trust: float
) -> NDArray[np.floating[Any]]:
    """A segment's shares after the LLM's vote on some of its labels.

    Args:
        row: `[labels]`, sums to 1.
        columns: That were voted on; the others keep their share.
        vote: Over `columns`.
        trust: As in `hybrid.verify.fuse.pool`.
    """
    if vote.shares is None:
        return row
    chosen = list(columns)
    mass = float(row[chosen].sum())
    beliefs = np.maximum(row[chosen], _FLOOR)
    after = row.copy()
    after[chosen] = mass * np.array(pool((beliefs / beliefs.sum()).tolist(), vote.shares, trust))
    return after


def most_doubtful(shares: NDArray[np.float64], accept: float, trust: float) -> list[int]:
    """Rows to ask about, most doubtful first, at most 40.

    Args:
        shares: `[segments, labels]`, at least two labels.
        accept: Rows whose likeliest label has as much are not asked.
        trust: How far the LLM's vote would count; rows in which it could not make the second label
            the first are not asked either.
    """
    if not len(shares):
        return []
    second, top = np.sort(shares, axis=1)[:, -2:].T
    asked = (top < accept) & (np.maximum(second, _FLOOR) * most_gain(trust) > top)
    return [i for i in np.argsort(top, kind="stable").tolist() if asked[i]][:MAX_QUESTIONS]


def _question(segment: Segment, block: Sequence[Segment], texts: Sequence[str]) -> ChatRequest:
    return choice_request(LABEL_CHOICE, texts, page=block_text(block), line=f"[{segment.id}]")
