"""Thoughts for a model to learn: the evidence on the page, in the fewest words that show it.

Each is true of its page and says only what a reader of the numbered lines can see: a value, the
number of its line, and what stands before it. Tokens of thoughts are what reasoning costs in use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from hybrid.document import Document
from hybrid.schema import Leaf, LeafKind
from hybrid.verify.candidates import Candidate
from hybrid.verify.prompts import neutralised
from hybrid.verify.variants import ExampleValue

_RIVAL = 0.1
"""The GCN's probability from which on another option is weighed against the right one."""
_WORDS, _LETTERS = 4, 24
"""Of what is quoted, at most."""
_WORD = re.compile(r"[^\W\d_]{3}")
"""No currency, unit, or other sign beside a value."""


def thoughts_on_choice(
    document: Document,
    leaf: Leaf,
    options: Sequence[Candidate],
    right: Candidate | None,
    gold: Candidate | None,
) -> str:
    """Which of the options is the value, from what stands before it and before its rival.

    Args:
        document: The page.
        leaf: That is asked about.
        options: As proposed.
        right: One of them, or None where none of them is right.
        gold: The right value where it stands on the page; None where the page does not have it.

    Returns:
        Such as "TOTAL [39] RM 33.92, ROUNDED [41] RM 33.90: [41]".
    """
    true = right or gold
    rivals = [
        option
        for option in options
        if (option.gcn or 0) >= _RIVAL
        and (true is None or (option.value, option.segments) != (true.value, true.segments))
    ]
    rival = max(rivals, key=lambda option: option.gcn or 0, default=None)
    weighed = [c for c in (rival, true) if c is not None]
    weighed.sort(key=lambda c: c.segments)
    evidence = ", ".join(_evidence(document, leaf, c) for c in weighed)
    if true is None:
        missing = f"no line has the {_name(leaf)}"
        return f"{evidence}: {missing}" if evidence else missing
    if right is None:
        return f"{evidence}: {_lines(true.segments)} is not listed"
    return f"{evidence}: {_lines(true.segments)}" if rival else evidence


def thoughts_on_page(
    document: Document, leaves: Iterable[Leaf], values: Mapping[str, ExampleValue]
) -> str:
    """Where each field stands, by a clause for each.

    Args:
        document: The page.
        leaves: That are asked for.
        values: By concrete path, as they will be answered.

    Returns:
        Such as "company [0]; no date; total: TOTAL ROUNDED [43]; menu: 3".
    """
    clauses: list[str] = []
    lists: dict[str, None] = {}
    for leaf in leaves:
        if "[" in leaf.path:
            lists[leaf.path.partition("[")[0]] = None
            continue
        value = values.get(leaf.path)
        if value is None:
            clauses.append(f"no {_name(leaf)}")
            continue
        before = _before(document, leaf, value.segment_ids[0], value.text)
        place = _lines(value.segment_ids)
        clauses.append(f"{_name(leaf)}: {before} {place}" if before else f"{_name(leaf)} {place}")
    for name in lists:
        count = len({p[: p.index("]")] for p in values if p.startswith(f"{name}[")})
        if count:
            clauses.append(f"{name}: {count}")
    return "; ".join(clauses)


def _evidence(document: Document, leaf: Leaf, candidate: Candidate) -> str:
    """What stands before a value, the numbers of its lines, and how the value begins."""
    before = _before(document, leaf, candidate.segments[0], candidate.text)
    words = neutralised(candidate.text).split(" ")
    return f"{before} {_lines(candidate.segments)} {_some(words, first=True)}".strip()


def _lines(numbers: Sequence[int]) -> str:
    first, last = numbers[0], numbers[-1]
    return f"[{first}]" if first == last else f"[{first}] to [{last}]"


def _before(document: Document, leaf: Leaf, number: int, text: str) -> str:
    """The words that name a value: before it in its line, else in a line before; "" for none.

    Texts such as a shop's name and its address are mostly not named by what stands before them.
    """
    if leaf.kind is LeafKind.TEXT:
        return ""
    place = next(k for k, segment in enumerate(document.segments) if segment.id == number)
    line, value = neutralised(document.segments[place].text), neutralised(text)
    # A value of several lines: its first word is enough to find where it begins.
    head, found, _ = line.partition(value if value in line else value.split(" ")[0])
    if found and _WORD.search(head):
        return _some(head.split(), first=False)
    # A colon or a currency may be a line of its own, between the name and the value.
    for segment in reversed(document.segments[max(place - 2, 0) : place]):
        if _WORD.search(segment.text):
            return _some(neutralised(segment.text).split(), first=False)
        if any(character.isdigit() for character in segment.text):
            break
    return ""


def _some(words: list[str], *, first: bool) -> str:
    """The first or the last of some words."""
    while len(words) > 1 and (len(words) > _WORDS or len(" ".join(words)) > _LETTERS):
        words = words[:-1] if first else words[1:]
    text = " ".join(words)
    return text[: 2 * _LETTERS] if first else text[-2 * _LETTERS :]


def _name(leaf: Leaf) -> str:
    return leaf.name.replace("_", " ")
