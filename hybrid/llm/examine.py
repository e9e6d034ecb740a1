"""Asks a live server what it really does, check by check: `hybrid models probe`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from urllib.parse import urlsplit, urlunsplit

from hybrid.errors import ServerError
from hybrid.llm import server_checks as checks
from hybrid.llm import server_measures as measures
from hybrid.llm.completion import part
from hybrid.llm.http import HttpBackend
from hybrid.llm.server_measures import Load
from hybrid.llm.server_report import Finding, Seen, ServerReport
from hybrid.version import __version__

_TITLES = {
    "answers": "answers",
    "json_schema": "JSON schema honoured",
    "choice": "choice honoured",
    "logprobs": "log-probabilities",
    "normalised_logprobs": "log-probabilities over the choices",
    "several_answers": "several answers in one request",
    "reasoning": "reasoning apart from the answer",
    "reasoning_with_schema": "reasoning and a JSON schema at once",
    "thinking_budget": "thinking budget respected",
    "prefix_caching": "second question on a page is cheaper",
    "adapters": "LoRA adapters",
    "systemone": "/v1/systemone",
    "speed_single": "speed, 1 request",
    "speed_parallel": "speed, {parallel} requests at once",
    "longest_page": "longest page",
}
"""In the order in which they are asked: what may take a server down comes last."""


def examine(
    backend: HttpBackend,
    *,
    load: Load | None = None,
    on_status: Callable[[str], None] | None = None,
) -> ServerReport:
    """Finds out what a server does; a check that fails is a row that says what was seen.

    Takes about half a minute for a small model on two cores.

    Args:
        backend: The server; best without retries, which hide what it does.
        load: How much is sent to measure speed and cache; None for the usual.
        on_status: Told what is being checked.
    """
    load = load or Load()
    asking = _Examination(backend, load)
    findings: list[Finding] = []
    for number, (check, form) in enumerate(_TITLES.items(), 1):
        title = form.format(parallel=load.parallel)
        if on_status is not None:
            on_status(f"{title} ({number} of {len(_TITLES)})")
        seen = asking.ask(check)
        shown = {**asdict(seen), "text": asking.public(seen.text)}
        findings.append(Finding(**shown, check=check, title=title))
    return ServerReport(
        model=backend.model,
        profile=asking.public(backend.profile),
        address=asking.public(backend.base_url),
        server=asking.server(),
        hybrid=__version__,
        date=date.today().isoformat(),
        findings=tuple(findings),
    )


class _Examination:
    """The checks by name, and what one has to know of another."""

    def __init__(self, backend: HttpBackend, load: Load) -> None:
        self._backend = backend
        self._thought: checks.Thought | None = None
        self._reached = True
        b = backend
        self._checks: dict[str, Callable[[], Seen]] = {
            "answers": lambda: checks.answers(b),
            "json_schema": lambda: checks.json_schema(b),
            "choice": lambda: checks.choice(b),
            "logprobs": lambda: checks.logprobs(b),
            "normalised_logprobs": lambda: checks.normalised_logprobs(b),
            "several_answers": lambda: checks.several_answers(b),
            "reasoning": self._reasoning,
            "reasoning_with_schema": lambda: checks.reasoning_with_schema(b, self._thought),
            "thinking_budget": lambda: checks.thinking_budget(b, self._thought),
            "prefix_caching": lambda: measures.prefix_caching(b, load),
            "adapters": lambda: checks.adapters(b),
            "systemone": lambda: checks.systemone(b),
            "speed_single": lambda: measures.speed(b, load, 1),
            "speed_parallel": lambda: measures.speed(b, load, load.parallel),
            "longest_page": lambda: measures.longest_page(b),
        }

    def ask(self, check: str) -> Seen:
        if not self._reached:
            return Seen("unknown", "not asked, since it does not answer")
        # One kind of request that a server never answers says nothing about the others.
        self._backend.try_again()
        try:
            return self._checks[check]()
        except ServerError as error:
            self._reached = check != "answers" or self._backend.available
            return Seen("unknown", str(error))

    def server(self) -> str:
        """What is known of the program: vLLM tells its version beside its API, others keep silent."""
        self._backend.try_again()
        root = self._backend.base_url.removesuffix("/v1")
        try:
            version = part(self._backend.get(f"{root}/version"), "version")
        except ServerError:
            version = None
        return f"vLLM {version}" if isinstance(version, str) else "a server of unknown kind"

    def public(self, text: str) -> str:
        """A text without the user and password that the address may hold, and of whom it speaks."""
        url = self._backend.base_url
        text = text.replace(f"the LLM server at {url} ", "it ")
        parts = urlsplit(url)
        return text.replace(url, urlunsplit(parts._replace(netloc=parts.netloc.split("@")[-1])))

    def _reasoning(self) -> Seen:
        seen, self._thought = checks.reasoning(self._backend)
        return seen
