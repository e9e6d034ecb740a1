"""Other values that could stand there as well: of the same type, size and printed form."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from .dates import PrintedDate
from .months import name_in_style_of

_YEARS_BACK = 4
_LAST_DAY = 28


def other_number(value: Decimal, rng: random.Random) -> Decimal | None:
    """Another amount with as many digits before and after the point.

    Zeros at the end stay ("45,500" does not become "81,237"), and so does the sign.

    Returns:
        None for zero, which has no other form of its own.
    """
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits))
    core = text.rstrip("0")
    if not core or not isinstance(exponent, int):
        return None
    for _ in range(100):
        new = [rng.randint(0, 9) for _ in core]
        first = next((k for k, c in enumerate(core) if c != "0"), 0)
        new[:first] = [0] * first
        new[first] = rng.randint(1, 9)
        new[-1] = rng.randint(1, 9)
        candidate = [*new, *(int(c) for c in text[len(core) :])]
        if candidate != list(digits):
            return Decimal((sign, tuple(candidate), exponent))
    raise AssertionError("a hundred random numbers were all the same")


def print_number(printed: str, reading: Decimal, new: Decimal) -> str:
    """A number in the printed form of another one: separators and the count of digits are kept.

    Args:
        printed: The digits and separators of the old one.
        reading: What they mean, with its number of decimals.
        new: The number to print; it has no more digits than the old one.
    """
    exponent = reading.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    count = sum(c.isdigit() for c in printed)
    digits = f"{abs(new):f}".partition(".")
    whole = digits[0].lstrip("0").rjust(count - decimals, "0")
    fraction = digits[2].ljust(decimals, "0")[:decimals]
    fresh = iter(whole + fraction)
    return "".join(next(fresh) if c.isdigit() else c for c in printed)


def other_date(value: date, rng: random.Random) -> date:
    """Another date up to four years earlier, whose day and month have as many digits each.

    A day above 12 stays above 12, so that the new date is no more ambiguous than the old one.
    """
    if value.day > 12:
        days = range(13, _LAST_DAY + 1)
    else:
        days = range(10, 13) if value.day >= 10 else range(1, 10)
    months = range(10, 13) if value.month >= 10 else range(1, 10)
    return date(
        value.year - rng.randint(1, _YEARS_BACK),
        rng.choice([m for m in months if m != value.month]),
        rng.choice([d for d in days if d != value.day]),
    )


def print_date(text: str, printed: PrintedDate, new: date) -> str:
    """A date in the printed form of another one.

    Args:
        text: That the old date stands in.
        printed: Where, and which of its parts is which.
        new: Of as many digits.

    Returns:
        What to write in place of `text[printed.start:printed.end]`.
    """
    result = text[printed.start : printed.end]
    for name, (start, end) in sorted(printed.parts.items(), key=lambda part: -part[1][0]):
        width = end - start
        if name == "n":
            fresh = name_in_style_of(text[start:end], new.month)
        else:
            number = {"y": new.year, "m": new.month, "d": new.day}[name]
            fresh = str(number % 100 if width == 2 else number).rjust(width, "0")
        offset = start - printed.start
        result = result[:offset] + fresh + result[offset + width :]
    return result


def share_words(text: str, lengths: Sequence[int]) -> list[str] | None:
    """Lays a text over several lines, by the shares of the lines that it replaces.

    Args:
        text: Its words are kept whole and in their order.
        lengths: Characters of each line that was there.

    Returns:
        One text a line, none of them empty; None where there are fewer words than lines.
    """
    words = text.split()
    if len(words) < len(lengths):
        return None
    lines: list[list[str]] = []
    for k, length in enumerate(lengths):
        last = k == len(lengths) - 1
        room = sum(map(len, words)) * length / max(sum(lengths[k:]), 1)
        line = [words.pop(0)]
        while words and (
            last
            or (
                len(words) > len(lengths) - k - 1
                and sum(map(len, line)) + len(words[0]) / 2 <= room
            )
        ):
            line.append(words.pop(0))
        lines.append(line)
    return [" ".join(line) for line in lines]
