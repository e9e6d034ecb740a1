"""Splits what a model wrote into its thoughts and its answer.

Servers with a parser for the model do that themselves. Others leave the thoughts in the text, in
one of two forms: `<think>...</think>` before the answer, or Reflection's `<thinking>` with a
`<reflection>` or several inside, and the answer in `<output>`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatReply

_THOUGHTS = (("<think>", "</think>"), ("[THINK]", "[/THINK]"))
_REFLECTION = re.compile(r"<reflection>(.*?)(?:</reflection>|\Z)", re.DOTALL)
_LOOKED_AT = 10_000
"""Characters at the end of a text in which its JSON is looked for."""
_CHANGES = 40
"""Recorded at most, of one reply."""


@dataclass(frozen=True)
class Split:
    """A reply in its parts.

    Attributes:
        answer: What is left without the thoughts; "" where the model never stopped thinking.
        reasoning: The thoughts, or None where there are none.
        draft: What the model would have answered before it reflected, or None where it did not.
    """

    answer: str
    reasoning: str | None = None
    draft: str | None = None


def split_reply(text: str) -> Split:
    """Takes a reply apart.

    Text that begins as JSON is an answer as a whole: a value may quote tags from the page.

    Args:
        text: As the model wrote it.

    Returns:
        A thought without an end leaves no answer.
    """
    stripped = text.strip()
    if stripped.startswith(("{", "[")) and not stripped.startswith("[THINK]"):
        return Split(text)
    if stripped.startswith(("<thinking>", "<output>")):
        return _split_reflection(stripped)
    for opening, closing in _THOUGHTS:
        # Many chat templates write the opening tag into the prompt, so that only the end is seen.
        thought, found, answer = stripped.removeprefix(opening).partition(closing)
        if found or stripped.startswith(opening):
            return Split(answer.strip(), thought.strip() or None)
    return Split(text)


def _split_reflection(text: str) -> Split:
    head, found, tail = text.partition("<output>")
    answer = tail.partition("</output>")[0].strip()
    thinking = head.replace("<thinking>", "").replace("</thinking>", "").strip()
    draft = thinking.partition("<reflection>")[0].strip()
    reflected = _REFLECTION.search(thinking) is not None
    return Split(answer if found else "", thinking or None, draft if reflected and draft else None)


def thoughts_of(reply: ChatReply) -> str | None:
    """What a model thought, for the record: its words, and what it then corrected in its answer."""
    if reply.reasoning is None:
        return None
    changed = changes(reply.draft, reply.text) if reply.draft is not None else {}
    lines = [f"corrected{f' {p}' if p else ''}: {a!r} to {b!r}" for p, (a, b) in changed.items()]
    return "\n".join([reply.reasoning, *lines])


def changes(draft: str, answer: str) -> dict[str, tuple[str, str]]:
    """What a model changed when it corrected itself.

    Args:
        draft: Text with the first answer in it.
        answer: What it said in the end.

    Returns:
        Path of a JSON reply ("total.value") to the text before and after, "" for no such member;
        the path "" for an answer that is not JSON, where the draft's last line says something else.
    """
    after = _json_in(answer)
    if after is None:
        last = draft.strip().splitlines()[-1].strip() if draft.strip() else ""
        return {} if answer.strip() in last else {"": (last, answer.strip())}
    before = _json_in(draft)
    if before is None:
        return {}
    old, new = dict(_leaves(before)), dict(_leaves(after))
    differing = [p for p in dict.fromkeys([*old, *new]) if old.get(p, "") != new.get(p, "")]
    return {path: (old.get(path, ""), new.get(path, "")) for path in differing[:_CHANGES]}


def _json_in(text: str) -> Any:
    """The last JSON object in a text, or None."""
    text = text[-_LOOKED_AT:]
    decoder = json.JSONDecoder()
    found = None
    position = text.find("{")
    while position >= 0:
        try:
            found, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            end = position + 1
        position = text.find("{", end)
    return found


def _leaves(value: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        pairs = [(f"{path}.{name}" if path else name, part) for name, part in value.items()]
        return [leaf for name, part in pairs for leaf in _leaves(part, name)]
    return [(path, value if isinstance(value, str) else json.dumps(value))]
