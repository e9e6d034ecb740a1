"""From what a user writes after `--llm` to a backend that answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Literal
from urllib.parse import urldefrag, urlsplit

import httpx

from hybrid.errors import ModelError
from hybrid.llm.habits import Habits
from hybrid.llm.http import HttpBackend
from hybrid.llm.models import model_path
from hybrid.llm.profile import Profile, ServerSource
from hybrid.llm.profiles import is_address, load_profile, profile_of_served
from hybrid.llm.registry import find_running_server
from hybrid.llm.serve import VllmServer
from hybrid.llm.vllm_command import is_cpu_build, requests_in_flight

LlmEngine = Literal["http", "local"]
"""A server, or vLLM in this process (`hybrid.llm.local`)."""


@contextmanager
def connect(
    spec: str, *, on_status: Callable[[str], None] | None = None, retries: int = 3
) -> Iterator[HttpBackend]:
    """A backend for a model; a server that had to be started for it is ended with the context.

    Args:
        spec: Name of a profile, path of a profile or of a model folder (a server of `hybrid serve`
            is used where one runs, else one is started), or "http://host:port/v1#model" for any
            server (without "#model": the first that it lists).
        on_status: Told in a line what goes on.
        retries: Of the backend.

    Yields:
        The backend; its model's name is known.

    Raises:
        ModelError: If the model is unknown, not pulled, or not served there.
        ServerError: If the server does not start or is down.
        MissingExtraError: If a server must be started and vLLM is not installed.
    """
    with ExitStack() as stack:
        if is_address(spec):
            backend = _at_address(spec, stack, retries)
        elif isinstance((profile := load_profile(spec)).source, ServerSource):
            address = f"{profile.source.url}#{profile.asked_model}"
            backend = _at_address(address, stack, retries, profile)
        else:
            url = find_running_server(spec) if profile.is_llm else None
            if url is None:
                url = stack.enter_context(VllmServer(spec, on_status=on_status)).base_url
            backend = backend_of(profile, url, retries)
            stack.callback(backend.close)
        yield backend


def backend_of(
    profile: Profile, url: str, retries: int = 3, transport: httpx.BaseTransport | None = None
) -> HttpBackend:
    """A backend for a model that this machine serves.

    Args:
        profile: Of the model.
        url: Ends in "/v1".
        retries: Of the backend.
        transport: See `HttpBackend`.
    """
    return HttpBackend(
        url,
        profile.asked_model,
        profile=profile.name,
        max_concurrency=requests_in_flight(profile),
        retries=retries,
        habits=habits_of(profile),
        transport=transport,
    )


def check(spec: str, engine: LlmEngine = "http") -> None:
    """Finds out what can be known of a spec without starting or asking a server.

    Args:
        spec: As for `connect`.
        engine: "local" if the model is to run in this process.

    Raises:
        ModelError: If the model is unknown, is no LLM, or was not pulled, or the address is none; if
            an address is to run in this process.
        MissingExtraError: If it is to run in this process, and vLLM is not installed.
    """
    if engine == "local":
        if is_address(spec):
            raise ModelError(f"the LLM engine `local` takes a model that was pulled, not {spec!r}")
        is_cpu_build()
    if is_address(spec):
        if not urlsplit(spec).hostname:
            raise ModelError(f"{spec!r} is not an address: write http://host:port/v1#model")
        return
    profile = load_profile(spec)
    if not profile.is_llm:
        raise ModelError(
            f"{spec!r} is a text encoder; an LLM is asked for: see `hybrid models list`"
        )
    if not isinstance(profile.source, ServerSource):
        model_path(spec)


def _at_address(
    spec: str, stack: ExitStack, retries: int, known: Profile | None = None
) -> HttpBackend:
    url, model = urldefrag(spec)
    parts = urlsplit(url)
    if not parts.hostname:
        raise ModelError(f"{spec!r} is not an address: write http://host:port/v1#model")
    url = url.rstrip("/") + ("/v1" if parts.path in ("", "/") else "")
    with HttpBackend(url, retries=1) as asking:
        served = asking.served_models()
    if not served or (model and model not in served):
        wanted = f"no model {model!r}" if model else "no model"
        raise ModelError(f"{url} serves {wanted}: it has {', '.join(served) or 'none'}")
    name = model or next(iter(served))
    backend = HttpBackend(
        url,
        name,
        profile=known.name if known is not None else url,
        retries=retries,
        habits=habits_of(known or profile_of_served(name)),
        context_tokens=served[name],
    )
    stack.callback(backend.close)
    return backend


def habits_of(profile: Profile | None) -> Habits:
    """What requests have to say to a model; nothing special to one that no profile describes."""
    if profile is None:
        return Habits()
    return Habits(
        thinking_switch=profile.thinking_switch,
        always_thinks=profile.always_thinks,
        thinking_budget=profile.thought_tokens,
        template_arguments=profile.chat_template_arguments,
        sampling=profile.sampling.model_dump(exclude_none=True),
    )
