"""When a call to a server is made again, when it fails alone, and when the server counts as down."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from hybrid.errors import ServerError
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import InvalidReplyError, RequestRefusedError
from hybrid.llm.bounds import AnswerTooLongError

if TYPE_CHECKING:
    import openai

ResultT = TypeVar("ResultT")

_LONGEST_WAIT = 8.0


class Retries:
    """Makes calls to one server, and is its circuit breaker; threads may share it.

    Made again are calls that end with 408, 429, 5xx, a connection error or a timeout. Once no attempt of
    a call reached the server it counts as down, and all others fail at once, so that a batch goes on
    without the LLM. A call that times out while others are answered, or after a long wait, fails
    alone: it is slow. After as many long waits as there are attempts, with no answer between, the server is
    down.
    """

    def __init__(self, base_url: str, *, retries: int, first_wait: float, seconds: float) -> None:
        """Nothing is called yet.

        Args:
            base_url: Of the server, for messages.
            retries: Further attempts after the first.
            first_wait: Seconds before the first retry; doubles with each, up to 8.
            seconds: That a short answer may take; more than twice of it is a long wait.
        """
        self._base_url = base_url
        self._retries = retries
        self._first_wait = first_wait
        self._seconds = seconds
        self._answered = 0.0
        self._long_waits = 0
        self._down = threading.Event()

    @property
    def available(self) -> bool:
        """False once the server was found to be down, or after `stop`."""
        return not self._down.is_set()

    def stop(self) -> None:
        """Lets all calls fail, also those that wait for their next attempt."""
        self._down.set()

    def try_again(self) -> None:
        """Lets a server that was found to be down be called again."""
        self._down.clear()

    def call(self, attempt: Callable[[], ResultT]) -> ResultT:
        """Makes a call until it is answered.

        Args:
            attempt: Makes the call once, through the `openai` package.

        Raises:
            InvalidReplyError: If the answer cannot be read.
            RequestRefusedError: If the server refuses the request.
            ServerError: If it is down, too slow, or goes on failing.
        """
        import openai

        for count in range(self._retries + 1):
            if self._down.is_set():
                raise ServerError(f"the LLM server at {self._base_url} is down")
            wait = self._first_wait * 2**count * random.uniform(0.5, 1.0)  # noqa: S311
            last = count == self._retries
            started = time.monotonic()
            try:
                answer = attempt()
                self._answered, self._long_waits = time.monotonic(), 0
                return answer
            except (ValueError, RecursionError) as error:
                problem = " ".join(str(error).split())[:100]
                raise _unreadable(f"is not JSON ({problem})") from error
            except openai.APIConnectionError as error:  # timeouts are a subclass
                if isinstance(error.__cause__, AnswerTooLongError):
                    raise _unreadable(f"is {error.__cause__}") from error
                waited = time.monotonic() - started
                if isinstance(error, openai.APITimeoutError) and self._is_slow(started, waited):
                    raise self._too_slow(waited) from error
                if last or self._long_waits > self._retries:
                    self._down.set()
                    raise self._no_connection(error) from error
            except openai.APIStatusError as error:
                if error.status_code not in (408, 429) and error.status_code < 500:
                    raise RequestRefusedError(self._status(error)) from error
                if last:
                    raise ServerError(self._status(error)) from error
                wait = max(wait, _retry_after(error))
            # Not a sleep: ends at once when another thread finds that the server is down.
            self._down.wait(min(wait, _LONGEST_WAIT))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _is_slow(self, started: float, waited: float) -> bool:
        """Whether a server that let a request time out may still be at work."""
        long = waited > 2 * self._seconds
        self._long_waits += long
        return self._answered > started or (long and self._long_waits <= self._retries)

    def _no_connection(self, error: Exception) -> ServerError:
        cause = error.__cause__ or error
        reason = " ".join(str(cause).split()) or type(cause).__name__
        return ServerError(f"the LLM server at {self._base_url} is down: {reason}")

    def _too_slow(self, seconds: float) -> ServerError:
        return ServerError(
            f"the LLM server at {self._base_url} gave no answer within {seconds:.0f} s: "
            "it is too slow for so many requests at once, or for so long an answer"
        )

    def _status(self, error: openai.APIStatusError) -> str:
        message = " ".join(str(error.message).split())[:300]
        return f"the LLM server at {self._base_url} answered {error.status_code}: {message}"


def _unreadable(problem: str) -> InvalidReplyError:
    return InvalidReplyError(f"the LLM server's answer {problem}", LlmUsage(requests=1))


def _retry_after(error: openai.APIStatusError) -> float:
    try:
        return float(error.response.headers.get("retry-after", 0))
    except ValueError:  # a date; the usual waits will do
        return 0.0
