"""Which experts of a mixture read which boxes, found by transformers without a server.

Attention looks back only, so where the tokens of a page go depends on the instruction and on the
lines before them, not on the question that follows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybrid.document import Document, Segment
from hybrid.errors import ModelError
from hybrid.llm.models import model_path
from hybrid.llm.precision import computes_bfloat16
from hybrid.llm.profiles import load_profile
from hybrid.verify.prompts import VERIFY, block_text, line, page_blocks, render, shown

if TYPE_CHECKING:
    import torch

    from hybrid.llm.profile import Profile

Shares = tuple[tuple[float, ...], ...]
"""By layer and expert: of the weight that tokens give to experts; sums to 1 in each layer."""


@dataclass(frozen=True)
class SegmentRouting:
    """Where the tokens of one segment went.

    Attributes:
        segment: The segment, with its box.
        tokens: Of its text.
        shares: Mean over them.
        difference: From the whole document's shares, 0 to 1: the weight that would have to move
            from one expert to another, mean over the layers. Few tokens differ by chance alone.
    """

    segment: Segment
    tokens: int
    shares: Shares
    difference: float


@dataclass(frozen=True)
class Routing:
    """Where the tokens of a document went.

    Attributes:
        model: Name of its profile.
        experts: In each layer.
        active: That read each token.
        shares: Mean over all tokens of all segments.
        segments: In reading order; those without a token are left out.
    """

    model: str
    experts: int
    active: int
    shares: Shares
    segments: tuple[SegmentRouting, ...]

    def as_json(self) -> str:
        """One object; shares are lists of layers, each a list of experts."""
        found = [
            {
                "segment": s.segment.id,
                "page": s.segment.page,
                "box": [round(v, 2) for v in s.segment.box.as_tuple()],
                "text": s.segment.text,
                "tokens": s.tokens,
                "difference": round(s.difference, 4),
                "shares": _rounded(s.shares),
            }
            for s in self.segments
        ]
        head = {"format": 1, "model": self.model, "experts": self.experts, "active": self.active}
        shares = {"shares": _rounded(self.shares), "segments": found}
        return json.dumps({**head, **shares}, ensure_ascii=False)


def route(document: Document, model: str | Path) -> Routing:
    """Reads a document as verification shows it, and records each token's experts.

    Args:
        document: With at least one segment of text.
        model: Name of a profile that was pulled, or the path of a profile or of a model folder. It
            is loaded as a whole, in the precision it is served with.

    Raises:
        ModelError: If it is unknown, not pulled, cannot be loaded, or no mixture of experts whose
            router transformers shows; or the document has no text.
    """
    import torch

    profile = load_profile(model)
    network, tokenizer = _load(profile, model_path(model))
    active = network.config.num_experts_per_tok
    sums: dict[int, torch.Tensor] = {}
    counts: dict[int, int] = {}
    for block in page_blocks(document, profile.max_model_len, overlap=0):
        text, places = _prompt(block, tokenizer)
        encoded = tokenizer(
            text, return_offsets_mapping=True, add_special_tokens=False, return_tensors="pt"
        )
        weights = _weights(network, encoded["input_ids"], active, profile.name)
        for number, (start, end) in enumerate(encoded["offset_mapping"][0].tolist()):
            for place, first, last in places:
                if start < last and end > first:
                    sums[place] = sums.get(place, 0) + weights[:, number]
                    counts[place] = counts.get(place, 0) + 1
    if not counts:
        raise ModelError(f"{document.id}: no text for experts to read")
    whole = torch.stack(list(sums.values())).sum(dim=0) / sum(counts.values())
    segments = []
    for segment in document.segments:
        if segment.id in counts:
            mean = sums[segment.id] / counts[segment.id]
            moved = float((mean - whole).abs().sum(dim=1).mean()) / 2
            found = SegmentRouting(segment, counts[segment.id], _as_shares(mean), moved)
            segments.append(found)
    return Routing(profile.name, whole.shape[1], active, _as_shares(whole), tuple(segments))


def _load(profile: Profile, folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        network = AutoModelForCausalLM.from_pretrained(
            folder, local_files_only=True, dtype=profile.dtype if computes_bfloat16() else "float32"
        )
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"{profile.name}: cannot be loaded by transformers: {reason}") from error
    if not hasattr(network.config, "num_experts_per_tok"):
        raise ModelError(f"{profile.name} is no mixture of experts: all of it reads every token")
    if not tokenizer.is_fast:
        raise ModelError(f"{profile.name}: its tokenizer does not tell where tokens stand")
    return network.eval(), tokenizer


def _prompt(block: Sequence[Segment], tokenizer: Any) -> tuple[str, list[tuple[int, int, int]]]:
    """The prompt up to the last line of the page, and where in it each segment's text stands."""
    page = block_text(block)
    messages = render(VERIFY, page=page, field="", description="", options=[])
    if tokenizer.chat_template:
        turns = [message.model_dump() for message in messages]
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    else:
        text = "\n".join(message.content for message in messages)
    begin = text.find(page)
    if begin < 0:
        raise ModelError("the model's chat template changes the page: its tokens cannot be placed")
    return text[: begin + len(page)], list(_places(block, begin))


def _places(block: Sequence[Segment], begin: int) -> Iterator[tuple[int, int, int]]:
    """Segment, first character of its text behind the line's number, and the one after its last."""
    for segment in block:
        end = begin + len(line(segment))
        yield segment.id, end - len(shown(segment)), end
        begin = end + 1


def _weights(network: Any, tokens: torch.Tensor, active: int, name: str) -> torch.Tensor:
    """What each token gives to each expert: `[layers, tokens, experts]`, sums to 1 over experts."""
    import torch

    with torch.inference_mode():
        logits = network(tokens, output_router_logits=True, use_cache=False).router_logits
    if not logits:
        raise ModelError(f"{name}: transformers does not show its router")
    found = torch.stack([layer.reshape(tokens.shape[1], -1).float() for layer in logits])
    best, places = found.softmax(dim=-1).topk(active, dim=-1)
    return torch.zeros_like(found).scatter(-1, places, best / best.sum(dim=-1, keepdim=True))


def _as_shares(values: Any) -> Shares:
    return tuple(tuple(row) for row in values.tolist())


def _rounded(shares: Shares) -> list[list[float]]:
    return [[round(value, 4) for value in row] for row in shares]
