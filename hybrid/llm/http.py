"""The chat backend for any OpenAI-compatible server, with bounded load."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx

from hybrid.errors import ServerError
from hybrid.llm.backend import (
    ChatReply,
    ChatRequest,
    InvalidReplyError,
    RequestRefusedError,
    chat_messages,
    check_reply,
    choice_schema,
    drawn_together,
)
from hybrid.llm.bounds import bounded, patience, silence
from hybrid.llm.completion import part, read_completion
from hybrid.llm.habits import BUDGET, Habits
from hybrid.llm.refusals import Refusals
from hybrid.llm.retries import Retries

if TYPE_CHECKING:
    import openai

_TOP_LOGPROBS = 20
_METRICS_SECONDS = 5.0
_QUOTES = 8
"""Tokens around a word that is asked for as JSON, at most."""


class HttpBackend:
    """Talks to an OpenAI-compatible server.

    Requests run in threads over one connection pool, also those of `acomplete`: so one limit holds
    for all of them together, and event loops may come and go.

    What is asked again, and when the server counts as down, is told at `Retries`.

    Attributes:
        base_url: Ends in "/v1".
        profile: Name of the profile, or the address.
        habits: How this model has to be asked.
        context_tokens: Of the model as it is served, or None.
        choices_as_schema: Choices are sent as a JSON schema of one word, which all servers with
            JSON schemas know; set it where `ServerFeatures` says so.
        draws_several: See `ChatBackend`.
    """

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        *,
        profile: str | None = None,
        timeout: float = 120.0,
        max_concurrency: int = 16,
        retries: int = 3,
        first_wait: float = 0.5,
        api_key: str | None = None,
        habits: Habits | None = None,
        context_tokens: int | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Makes the client; nothing is sent yet.

        Args:
            base_url: Ends in "/v1".
            model: Served name; None for the first that the server lists.
            profile: Name of the profile, for the record; the address where None.
            timeout: Seconds that a server may take to a short answer, and to send any once it has
                begun; before a long one it may be silent for longer (`patience`).
            max_concurrency: Requests in flight at most.
            retries: Further attempts after the first.
            first_wait: Seconds before the first retry; doubles with each, up to 8.
            api_key: None for `HYBRID_LLM_API_KEY`, else `OPENAI_API_KEY`, else "none".
            habits: How this model has to be asked; None for nothing special.
            context_tokens: Of the model as it is served; None where that is not known.
            transport: Takes the requests to a server without a socket; None for the network.
        """
        self.base_url = base_url.rstrip("/")
        self.profile = profile or self.base_url
        self._model = model
        self._retries = Retries(
            self.base_url, retries=retries, first_wait=first_wait, seconds=timeout
        )
        self.habits = habits or Habits()
        self._budgets = True
        self._refusals = Refusals()
        self.draws_several = True
        self.choices_as_schema = False
        self.context_tokens = context_tokens
        self._seconds = timeout
        limits = httpx.Limits(
            max_connections=max_concurrency, max_keepalive_connections=max_concurrency
        )
        hooks = {"response": [bounded(timeout)]}
        self._http = httpx.Client(
            timeout=silence(timeout), limits=limits, event_hooks=hooks, transport=transport
        )
        self._api_key = (
            api_key
            or os.environ.get("HYBRID_LLM_API_KEY")
            or os.environ.get("OPENAI_API_KEY")
            or "none"
        )
        self._client: openai.OpenAI | None = None
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_concurrency, thread_name_prefix="hybrid-llm")

    @property
    def model(self) -> str:
        """The served name; asks the server where none was given.

        Raises:
            ServerError: If the server is down or serves no model.
        """
        if self._model is None:
            served = self.served_models()
            if not served:
                raise ServerError(f"{self.base_url} serves no model")
            self._model = next(iter(served))
        return self._model

    @property
    def available(self) -> bool:
        """False once the server was found to be down."""
        return self._retries.available

    def served_models(self) -> dict[str, int | None]:
        """The names that the server lists, with their contexts in tokens where it tells them.

        Raises:
            ServerError: If it is down or is no OpenAI-compatible server.
        """
        # Not `client.models.list()`, which fails on odd answers with errors of its own making.
        page = self.get("/models")
        try:
            return {str(entry["id"]): _context(entry) for entry in page["data"]}
        except (TypeError, KeyError, AttributeError) as error:
            raise ServerError(f"{self.base_url} is not an OpenAI-compatible server") from error

    def get(self, path: str) -> Any:
        """What stands at a path below `base_url`, or at another address, as parsed JSON.

        Raises:
            ServerError: As `complete`.
        """
        client = self._openai()
        return self._retries.call(lambda: client.get(path, cast_to=object))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The answer to a body that is none of `ChatRequest`'s, as parsed JSON.

        Raises:
            ServerError: As `complete`.
        """
        client = self._openai()
        options: Any = {"timeout": silence(patience(body, self._seconds))}
        return self._retries.call(
            lambda: client.post(path, cast_to=object, body=body, options=options)
        )

    def metrics(self) -> str | None:
        """What the server counts, in the text form of Prometheus, or None where it does not tell.

        Asked once and not for long: nothing depends on it.
        """
        try:
            answer = self._http.get(
                f"{self.base_url.removesuffix('/v1')}/metrics", timeout=_METRICS_SECONDS
            )
        except httpx.HTTPError:
            return None
        return answer.text if answer.is_success else None

    def try_again(self) -> None:
        """Lets a server that was found to be down be asked again."""
        self._retries.try_again()

    def complete(self, request: ChatRequest) -> ChatReply:
        """See `ChatBackend`."""
        result = self._answers([request])[0]
        if isinstance(result, ServerError):
            raise result
        return result

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        """See `ChatBackend`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self.complete, request)

    def complete_many(self, requests: Sequence[ChatRequest]) -> list[ChatReply | ServerError]:
        """See `ChatBackend`; requests that differ in their seeds go together (`drawn_together`)."""
        groups = drawn_together(requests, self.draws_several)
        futures = [self._pool.submit(self._draw, group) for group in groups]
        results: list[ChatReply | ServerError] = []
        try:
            for future in futures:
                results += future.result()
        finally:
            for future in futures:
                future.cancel()
        return results

    def _draw(self, requests: Sequence[ChatRequest]) -> list[ChatReply | ServerError]:
        """Answers requests that are `drawn_together`: as one, else one after the other."""
        results: list[ChatReply | ServerError] = []
        try:
            results += self._answers(requests)
        except RequestRefusedError as error:
            if len(requests) == 1:
                return [error]
        except ServerError as error:
            return [error] * len(requests)
        if len(results) < len(requests):
            for request in requests[len(results) :]:
                results += self._draw([request])
            # Not every server knows `n`: some refuse it, some answer once. But what was refused
            # alone too, or was no answer at all, says nothing of that.
            if isinstance(results[0], ChatReply):
                self.draws_several = False
        return results

    def _answers(self, requests: Sequence[ChatRequest]) -> list[ChatReply | ServerError]:
        """Sends requests that are `drawn_together` as one.

        Returns:
            A reply, or what is wrong with it, for each answer that came: at least for the first.
        """
        body = self.body(requests[0])
        if len(requests) > 1:
            body["n"] = len(requests)
        started = time.perf_counter()
        try:
            answer = self._refusals.send(partial(self.post, "/chat/completions"), body)
        except RequestRefusedError as error:
            # vLLM refuses budgets where its parser does not know where thoughts end. Then only the
            # limit on all tokens holds them.
            if BUDGET in body and BUDGET in str(error):
                self._budgets = False
                return self._answers(requests)
            raise
        seconds = time.perf_counter() - started
        quoted = self.choices_as_schema and requests[0].choices is not None
        choices = part(answer, "choices")
        came = min(len(requests), max(len(choices), 1) if isinstance(choices, list) else 1)
        results: list[ChatReply | ServerError] = []
        for place, request in enumerate(requests[:came]):
            try:
                reply = read_completion(
                    answer, seconds=seconds, quoted=quoted, place=place, answers=came
                )
                results.append(check_reply(request, reply))
            except InvalidReplyError as error:
                results.append(error)
        return results

    def close(self) -> None:
        """See `ChatBackend`."""
        self._retries.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._http.close()

    def __enter__(self) -> HttpBackend:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def body(self, request: ChatRequest) -> dict[str, Any]:
        """What is sent for a request."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": chat_messages(request),
            **self.habits.fields(request),
        }
        if request.seed is not None:
            body["seed"] = request.seed
        if request.logprobs:
            # Of a JSON answer every token counts, and no other token that might have stood there.
            most = 0 if request.json_schema is not None else _TOP_LOGPROBS
            body |= {"logprobs": True, "top_logprobs": most}
        schema = request.json_schema
        if request.choices is not None and self.choices_as_schema:
            schema = choice_schema(request.choices)
            body["max_tokens"] += _QUOTES
        if schema is not None:
            named = {"name": "reply", "schema": schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        elif request.choices is not None:
            body["structured_outputs"] = {"choice": list(request.choices)}
        if not self._budgets:
            body.pop(BUDGET, None)
        return body

    def _openai(self) -> openai.OpenAI:
        with self._lock:
            if self._client is None:
                import openai

                client: Any = self._http  # newer openai packages type this as their own fork's
                self._client = openai.OpenAI(
                    base_url=self.base_url,
                    api_key=self._api_key,
                    http_client=client,
                    timeout=silence(self._seconds),  # type: ignore[arg-type]  # as above
                    max_retries=0,
                )
            return self._client


def _context(entry: dict[str, Any]) -> int | None:
    told = entry.get("max_model_len")
    return told if isinstance(told, int) and told > 0 else None
