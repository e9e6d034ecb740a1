"""How the command line speaks: results on stdout, everything else on stderr, errors in one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.text import Text

from hybrid.errors import HybridError, UsageError

FAILED = 1
"""Exit code: something could not be done."""
BAD_USAGE = 2
"""Exit code: nothing was tried, the command must be changed."""
INTERRUPTED = 130
"""Exit code: Ctrl-C."""

_PIPE_WIDTH = 160


def console(*, stderr: bool = False) -> Console:
    """A console on the present stdout or stderr; wide enough for tables where that is no terminal."""
    made = Console(stderr=stderr, highlight=False)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, width=_PIPE_WIDTH)


def one_line(text: str) -> str:
    """Text that may come from a document, on one line and without control characters."""
    return "".join(c if c.isprintable() else "�" for c in " ".join(text.split()))


def say(text: str, style: str = "", *, on: Console | None = None) -> None:
    """Writes one line to stderr, as it is: neither wrapped nor read as markup."""
    target = on or console(stderr=True)
    target.print(Text(one_line(text), style=style), soft_wrap=True)


def status_printer(on: Console) -> Callable[[str], None]:
    """Prints what is waited for, once: a line that differs only in its numbers is not repeated."""
    last = ""

    def show(text: str) -> None:
        nonlocal last
        kind = re.sub(r"\d+", "", text)
        if kind != last:
            say(text, "dim", on=on)
        last = kind

    return show


def reason_of(error: BaseException) -> str:
    """An error as one line for a person."""
    if isinstance(error, HybridError):
        return one_line(str(error))
    if isinstance(error, OSError) and error.strerror:
        return one_line(f"{error.strerror}: {error.filename}" if error.filename else error.strerror)
    return one_line(f"unexpected error: {type(error).__name__}: {error} (run with --debug)")


@contextmanager
def reported(*, debug: bool, exit_code: int = FAILED) -> Iterator[None]:
    """Turns what goes wrong inside into one red line and an exit code.

    Args:
        debug: Let errors through with their traceback.
        exit_code: For errors that the toolkit raises on purpose, but that a name is unknown: that is
            bad usage.
    """
    try:
        yield
    except KeyboardInterrupt:
        say("interrupted", "red")
        raise typer.Exit(INTERRUPTED) from None
    except typer.Exit:
        raise
    except Exception as error:
        if debug:
            raise
        say(f"error: {reason_of(error)}", "bold red")
        if isinstance(error, UsageError):
            exit_code = BAD_USAGE
        raise typer.Exit(exit_code if isinstance(error, HybridError) else FAILED) from None
