"""A backend that remembers replies in a file, so that a run can be repeated without a server."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from hybrid.errors import ServerError
from hybrid.llm.backend import ChatBackend, ChatReply, ChatRequest, InvalidReplyError

_SHOWN = 60


class RecordedReply(BaseModel):
    """One line of the file.

    Attributes:
        key: `request_key` of what was asked.
        reply: As it came, with the usage of that one call.
        problem: Why the reply is invalid, or None for a good one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    reply: ChatReply
    problem: str | None = None


class CachedBackend:
    """Answers from a file of recorded replies, and asks a backend for the others.

    The file has one JSON object a line and only grows: a line that was half written when the
    program was killed is ignored, and overwritten by the next reply. Recorded are good replies and
    invalid ones, but no failures of the server, which may be gone the next time. A recorded reply
    comes back with the usage that it cost when it was made, so that token counts repeat.

    Safe to use from several threads; one file belongs to one instance at a time.

    Args:
        backend: Asked for what is not recorded; None to answer from the file only.
        path: Of the file; made with the first reply, its folder too.
        model: Name of the model that the replies are of; that of the backend by default.

    Attributes:
        not_recorded: Requests that could not be answered, since there is no backend.

    Raises:
        ServerError: If the file cannot be read, or a line in the middle is no recorded reply.
        ValueError: If neither a backend nor a model is given.
    """

    def __init__(self, backend: ChatBackend | None, path: Path, model: str | None = None) -> None:
        if backend is None and model is None:
            raise ValueError("without a backend, name the model whose replies were recorded")
        self.path = path
        self._backend = backend
        self._model = model
        self.not_recorded = 0
        self._lock = threading.Lock()
        self._records, self._length = _read(path)

    @property
    def model(self) -> str:
        """See `ChatBackend`."""
        if self._model is None:
            assert self._backend is not None
            self._model = self._backend.model
        return self._model

    @property
    def profile(self) -> str:
        """See `ChatBackend`; the model's name where there is no backend."""
        return self._backend.profile if self._backend is not None else self.model

    @property
    def available(self) -> bool:
        """See `ChatBackend`; a file is never down."""
        return self._backend.available if self._backend is not None else True

    @property
    def draws_several(self) -> bool:
        """See `ChatBackend`; a reply costs what it did when it was recorded."""
        return self._backend.draws_several if self._backend is not None else True

    def complete(self, request: ChatRequest) -> ChatReply:
        """See `ChatBackend`.

        Raises:
            ServerError: Also if the reply is not recorded and there is no backend.
        """
        result = self.complete_many([request])[0]
        if isinstance(result, ServerError):
            raise result
        return result

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        """See `ChatBackend`."""
        return await asyncio.to_thread(self.complete, request)

    def complete_many(self, requests: Sequence[ChatRequest]) -> list[ChatReply | ServerError]:
        """See `ChatBackend`; equal requests are asked once."""
        keys = [request_key(self.model, request) for request in requests]
        missing = {
            key: request
            for key, request in zip(keys, requests, strict=True)
            if key not in self._records
        }
        fresh = dict(zip(missing, self._ask(list(missing.values())), strict=True))
        for key, result in fresh.items():
            self._record(key, result)
        return [
            _replayed(self._records[key]) if key in self._records else fresh[key] for key in keys
        ]

    def close(self) -> None:
        """See `ChatBackend`."""
        if self._backend is not None:
            self._backend.close()

    def _ask(self, requests: list[ChatRequest]) -> list[ChatReply | ServerError]:
        if self._backend is not None:
            return self._backend.complete_many(requests) if requests else []
        return [self._not_recorded(request) for request in requests]

    def _not_recorded(self, request: ChatRequest) -> ServerError:
        self.not_recorded += 1
        text = " ".join(request.messages[-1].content.split())
        shown = text if len(text) <= _SHOWN else f"…{text[-_SHOWN:]}"
        return ServerError(
            f"no recorded reply of {self.model} in {self.path} for the request "
            f"{request_key(self.model, request)[:12]} ({shown!r}); run once with a server"
        )

    def _record(self, key: str, result: ChatReply | ServerError) -> None:
        if isinstance(result, ChatReply):
            record = RecordedReply(key=key, reply=result)
        elif isinstance(result, InvalidReplyError):
            reply = result.reply or ChatReply(text="", usage=result.usage)
            record = RecordedReply(key=key, reply=reply, problem=str(result))
        else:
            return
        with self._lock:
            # Another thread may have asked the same meanwhile: the first answer counts.
            if key in self._records:
                return
            self._append(record.model_dump_json().encode() + b"\n")
            self._records[key] = record

    def _append(self, line: bytes) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("r+b" if self.path.exists() else "x+b") as file:
                file.seek(self._length)
                file.truncate()
                file.write(line)
        except OSError as error:
            raise ServerError(
                f"the reply cannot be recorded in {self.path}: {error.strerror}"
            ) from error
        self._length += len(line)


def request_key(model: str, request: ChatRequest) -> str:
    """SHA-256 over the model's name and all of a request.

    The names inside a JSON Schema keep their order, since the server decodes in that order.
    """
    # Without pictures the key is what it was before there were any: recorded runs stay good.
    left_out = None if request.pictures else {"pictures"}
    asked = request.model_dump(mode="json", exclude=left_out)
    text = json.dumps([model, asked], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _replayed(record: RecordedReply) -> ChatReply | ServerError:
    if record.problem is None:
        return record.reply
    return InvalidReplyError(record.problem, record.reply.usage, record.reply)


def _read(path: Path) -> tuple[dict[str, RecordedReply], int]:
    """The records by key, and the length in bytes of all whole lines."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}, 0
    except OSError as error:
        raise ServerError(f"recorded replies: {path} cannot be read: {error.strerror}") from error
    whole = data[: data.rfind(b"\n") + 1]
    records: dict[str, RecordedReply] = {}
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            record = RecordedReply.model_validate_json(line)
        except ValidationError as error:
            raise ServerError(
                f"recorded replies: {path}, line {number} is broken: {error.errors()[0]['msg']}; "
                "delete this line or the file"
            ) from None
        records.setdefault(record.key, record)
    return records, len(whole)
