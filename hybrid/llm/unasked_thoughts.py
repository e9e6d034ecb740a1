"""A model that no profile describes, and that thinks before it answers, whether it is asked to or not.

A vote is one token and a reading some dozens. A model that thinks first spends them on thoughts, and
servers with a reasoning parser let the grammar of an answer begin only after them: every answer would
be empty. So thinking is turned off where the model's chat template can, and given room where not.
"""

from __future__ import annotations

from dataclasses import replace

from hybrid.llm.http import HttpBackend
from hybrid.llm.probe import CHOICES, ask, reply_of, request
from hybrid.llm.profile import THINKING_BUDGET

SWITCHES = ("enable_thinking", "thinking")
"""Variables of chat templates: of Qwen3, GLM and their kin, and of DeepSeek, Granite and theirs."""
_ENOUGH = 32
"""Tokens in which a model that thinks has begun to."""


def make_room_for_thoughts(backend: HttpBackend) -> str | None:
    """Changes the backend's `habits` for a model that thinks unasked, so that it answers.

    Takes one short request where it does not think, and two to four where it does.

    Args:
        backend: Of a model that no profile describes.

    Returns:
        A sentence on what was changed, or None where nothing was.

    Raises:
        ServerError: If the server is down or fails.
    """
    if ask(backend, request(choices=CHOICES, max_tokens=8)) is not None or not _thinks(backend):
        return None
    unknown = backend.habits
    for switch in SWITCHES:
        backend.habits = replace(unknown, thinking_switch=switch, thinking_budget=THINKING_BUDGET)
        if _thinks(backend) is False:
            return (
                f"The model thinks before it answers; that is turned off (`{switch}`), and on again "
                "where it is told to think (--reasoning)."
            )
    backend.habits = replace(unknown, always_thinks=True, thinking_budget=THINKING_BUDGET)
    return (
        f"The model thinks before each answer, with up to {THINKING_BUDGET} tokens, which takes its time. A "
        "profile can set another budget (`thinking_budget`) or name its switch (`thinking_switch`)."
    )


def _thinks(backend: HttpBackend) -> bool | None:
    """Whether thoughts come back that nobody asked for; None where no answer does."""
    reply = reply_of(backend, request(max_tokens=_ENOUGH))
    return None if reply is None else reply.reasoning is not None
