"""What is measured at a live server for `hybrid models probe`: cache, context, speed.

All pages are new to the server, each begins with a random number, so that no earlier run of ours
is found in its cache.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatRequest, Message, RequestRefusedError
from hybrid.llm.completion import read_completion
from hybrid.llm.habits import BUDGET
from hybrid.llm.http import HttpBackend
from hybrid.llm.profile import DEFAULT_LENGTH
from hybrid.llm.server_report import Seen

_TOKENS_A_LINE = 25
"""Of a page of ours, at most."""
_FEW_WORDS, _SOME_WORDS = 20, 120
_SPARE, _BEYOND = 8, 16
"""Tokens by which a page is shorter than the context, and by which another one is too long."""
_PAGES = 3
_CACHED_SHARE = 0.6
"""Of the time for a first question, at most, that a second one takes where the page is cached."""


@dataclass(frozen=True)
class Load:
    """How much is sent to measure speed and cache.

    Attributes:
        lines: Of a page, about 15 tokens each; fewer where the context is short.
        tokens: Of an answer.
        parallel: Requests in flight, where several are.
    """

    lines: int = 30
    tokens: int = 64
    parallel: int = 16


@dataclass(frozen=True)
class _Run:
    usage: LlmUsage
    seconds: float


def prefix_caching(backend: HttpBackend, load: Load) -> Seen:
    """Whether a second question about the same page is cheaper than the first.

    In tokens where the server tells how many it found in its cache; else in seconds, of which those
    of each second question must be less than those of each first one, by far.
    """
    then = "each question pays for the whole page (vLLM needs --enable-prefix-caching)"
    runs = []
    for _ in range(_PAGES):
        page = _page(_lines(backend, load))
        first, second = (_run(backend, f"{page}\n{q}", 1) for q in ("The total?", "The date?"))
        usage = second.usage
        if usage.cached_tokens:
            text = f"{usage.cached_tokens} of the second question's {usage.prompt_tokens} tokens"
            figures = {
                "prompt_tokens": float(usage.prompt_tokens),
                "cached_tokens": float(usage.cached_tokens),
            }
            return Seen("yes", text, "", figures)
        runs.append((first.seconds, second.seconds))
    first_seconds = min(first for first, _ in runs)
    second_seconds = max(second for _, second in runs)
    figures = {"first_seconds": first_seconds, "second_seconds": second_seconds}
    text = f"{first_seconds:.3f} s or more, then up to {second_seconds:.3f} s; no cached tokens are told"
    if second_seconds <= _CACHED_SHARE * first_seconds:
        return Seen("yes", text, "", figures)
    return Seen("no", text, then, figures)


def longest_page(backend: HttpBackend) -> Seen:
    """Sends a page that just fits into the context that the server tells, and one that does not."""
    told = backend.served_models().get(backend.model) or backend.context_tokens
    limit = told or DEFAULT_LENGTH
    source = "told by the server" if told else "not told; pages are cut to that"
    begin = uuid.uuid4().hex
    few, some = (
        _run(backend, begin + n * " word", 1).usage.prompt_tokens for n in (_FEW_WORDS, _SOME_WORDS)
    )
    a_word = (some - few) / (_SOME_WORDS - _FEW_WORDS)
    if few == 0 or a_word <= 0:
        return Seen(
            "unknown", f"context of {limit} tokens ({source}); its counts of tokens do not grow"
        )
    overhead = few - _FEW_WORDS * a_word

    def page(tokens: int) -> str:
        return begin + round((tokens - overhead) / a_word) * " word"

    head = f"context of {limit} tokens ({source})"
    figures = {"context_tokens": float(limit)}
    try:
        read = _run(backend, page(limit - _SPARE), 1).usage.prompt_tokens
    except RequestRefusedError as error:
        then = "longer pages are refused: give its profile, or the server, another max_model_len"
        return Seen("no", f"{head}, and a page of that is refused: {error}", then, figures)
    if read < 0.95 * limit:
        then = "long pages lose a part unseen: serve it with a longer context"
        return Seen("no", f"{head}; only {read} tokens of such a page are read", then, figures)
    figures["longest_tokens"] = float(read)
    try:
        beyond = _run(backend, page(limit + _BEYOND), 1).usage.prompt_tokens
    except RequestRefusedError:
        return Seen("yes", f"{head}; {read} are read, more are refused", "", figures)
    more = f"{beyond} too" if beyond > limit else "a longer page is cut without a word"
    return Seen("yes", f"{head}; {read} are read, {more}", "", figures)


def speed(backend: HttpBackend, load: Load, requests: int) -> Seen:
    """Tokens per second of prompts that are new to the server, and of answers.

    Args:
        backend: The server.
        load: Sizes of prompts and answers.
        requests: In flight at the same time.
    """
    lines = _lines(backend, load)
    read, read_seconds = _timed(backend, [_page(lines) for _ in range(requests)], 1)
    stories = [f"{uuid.uuid4().hex}: write a long story about sailors." for _ in range(requests)]
    told, told_seconds = _timed(backend, stories, load.tokens)
    prompt = sum(usage.prompt_tokens - usage.cached_tokens for usage in read)
    answer = sum(usage.completion_tokens for usage in told)
    if prompt <= 0 or answer == 0:
        return Seen("unknown", "it counts no tokens")
    figures = {
        "requests": float(requests),
        "prompt_tokens_per_second": prompt / read_seconds,
        "output_tokens_per_second": answer / told_seconds,
    }
    text = f"prompt {prompt / read_seconds:,.0f} tokens/s, output {answer / told_seconds:,.0f} tokens/s"
    return Seen("measured", text, "", figures)


def _timed(
    backend: HttpBackend, prompts: Sequence[str], max_tokens: int
) -> tuple[list[LlmUsage], float]:
    """Sends all prompts at once."""
    started = time.perf_counter()
    with ThreadPoolExecutor(len(prompts)) as pool:
        runs = list(pool.map(lambda prompt: _run(backend, prompt, max_tokens), prompts))
    return [run.usage for run in runs], time.perf_counter() - started


def _run(backend: HttpBackend, prompt: str, max_tokens: int) -> _Run:
    """One request with exactly that room for its answer, whatever that is."""
    asked = ChatRequest(messages=(Message(role="user", content=prompt),), max_tokens=max_tokens)
    body = backend.body(asked) | {"max_tokens": max_tokens}
    body.pop(BUDGET, None)
    started = time.perf_counter()
    data = backend.post("/chat/completions", body)
    return _Run(read_completion(data).usage, time.perf_counter() - started)


def _lines(backend: HttpBackend, load: Load) -> int:
    context = backend.context_tokens or DEFAULT_LENGTH
    return max(1, min(load.lines, (context // 2) // _TOKENS_A_LINE))


def _page(lines: int) -> str:
    rows = (f"[{n}] item {37 * n % 100} {n % 7}.{n % 10}0 {3 * n}.50" for n in range(lines))
    return "\n".join([uuid.uuid4().hex, *rows])
