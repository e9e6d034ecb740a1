"""Refusals: what not every server knows is left out of requests that it refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

from hybrid.llm.backend import RequestRefusedError
from hybrid.llm.habits import BUDGET, LOOPS

_SHADES = frozenset({"logprobs", "top_logprobs"})
_GRAMMAR = frozenset({"response_format", "structured_outputs"})
_LOOPS = frozenset({LOOPS})
_PARTS = (_LOOPS, _SHADES, _GRAMMAR)
_OPTIONAL = [
    frozenset().union(*parts) for size in (1, 2, 3) for parts in combinations(_PARTS, size)
]
"""Tried in this order: one of them, two, all."""
_FOR_GOOD = 2
"""Requests that were only taken without something, until it is not sent any more."""


class Refusals:
    """What a server was seen to refuse.

    Without grammars a reply is checked all the same; without log-probabilities votes have no shades.
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def send(self, post: Callable[[dict[str, Any]], Any], body: Mapping[str, Any]) -> Any:
        """Sends a body; one that is refused once more without what is optional in it.

        Args:
            post: Sends a body, and raises what the server says of it.
            body: Of a request for chat completions.

        Raises:
            RequestRefusedError: If it is refused in every form; the first refusal.
        """
        known = {k: v for k, v in body.items() if self._seen[k] < _FOR_GOOD}
        try:
            return post(known)
        except RequestRefusedError as error:
            if BUDGET in known and BUDGET in str(error):  # left out by who asked for it
                raise
            for named in dict.fromkeys(
                frozenset(known.keys() & optional) for optional in _OPTIONAL
            ):
                if not named:
                    continue
                try:
                    answer = post({k: v for k, v in known.items() if k not in named})
                except RequestRefusedError:
                    continue
                self._seen.update(named)
                return answer
            raise
