"""Ends a run whose LLM answers nothing, before its silence is taken for its result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hybrid.errors import ServerError

from .store import Done

_ENOUGH = 8
"""Documents without a single answer, after which none is waited for."""


def once_answered(units: Iterable[Done], system: str) -> Iterator[Done]:
    """Units of a system as they come, held back as long as the LLM has answered nothing.

    A server that refuses every request (a wrong key, a parameter that it does not know) is up, and
    every document has a result: an empty one, or that of the GCN alone.

    Args:
        units: In any order; those that asked nothing are passed on at once.
        system: For the message.

    Raises:
        ServerError: If none of the requests was answered; the units that were held back are lost,
            so that a second run asks again.
    """
    held: list[Done] = []
    answered = False
    for unit in units:
        # An answer takes time, be it a useless one; what was refused is not timed.
        answered = answered or unit.document["llm_seconds"] > 0
        if not answered and unit.document["requests"] > 0:
            held.append(unit)
            if len(held) == _ENOUGH:
                break
            continue
        if answered:
            yield from held
            held.clear()
        yield unit
    if held:
        reasons = [problem for unit in held for problem in unit.problems]
        reason = f": {reasons[-1]}" if reasons else ""
        raise ServerError(
            f"system {system!r}: the LLM answered no request of {len(held)} documents{reason}; nothing "
            "of them is kept, run the same command again once it answers"
        )
