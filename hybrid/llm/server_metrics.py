"""How much of the prompts a server found in its prefix cache, as the server itself counts it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatBackend

_COUNTER = re.compile(r"^vllm:prefix_cache_(queries|hits)_total\{(.*)\} (\S+)$", re.MULTILINE)
_MODEL = re.compile(r'model_name="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class PrefixCache:
    """What a server counted between two moments, whoever asked it.

    Attributes:
        queries: Tokens of prompts that were looked up.
        hits: Of these, found.
    """

    queries: int
    hits: int

    @property
    def hit_rate(self) -> float:
        """Share of the tokens that was found; 0 where none was looked up."""
        return self.hits / self.queries if self.queries else 0.0

    def __sub__(self, earlier: PrefixCache) -> PrefixCache:
        return PrefixCache(self.queries - earlier.queries, self.hits - earlier.hits)

    def __str__(self) -> str:
        return f"{self.hit_rate:.0%} of {self.queries:,} prompt tokens"


def prefix_cache(backend: ChatBackend) -> PrefixCache | None:
    """What the server behind a backend has counted for its model until now.

    Returns:
        None where it does not tell: it is no vLLM, or its metrics are turned off or of others.
    """
    from hybrid.llm.http import HttpBackend

    text = backend.metrics() if isinstance(backend, HttpBackend) else None
    if text is None:
        return None
    # Where an adapter is served beside its base, vLLM counts under the base's name.
    names = {backend.model, f"{backend.model}-base"}
    found: dict[str, float] = {}
    for name, labels, value in _COUNTER.findall(text):
        told = _MODEL.search(labels)
        if told is not None and told[1] in names:
            found[name] = found.get(name, 0.0) + float(value)
    return PrefixCache(int(found["queries"]), int(found["hits"])) if len(found) == 2 else None
