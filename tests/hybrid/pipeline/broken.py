"""Behaviours of a server out of which nothing can be used."""

from __future__ import annotations

import json
from typing import Any

from tests.hybrid.pipeline.adversary import Answer, Behaviour, saying

NOTHING = {"lines": [], "value": ""}
GOOD = {
    "company": {"value": "ACME SDN BHD", "lines": [0]},
    "date": {"value": "25/12/2018", "lines": [3]},
    "address": NOTHING,
    "total": {"value": "12.20", "lines": [5]},
}


def reply(**changed: Any) -> str:
    return json.dumps(GOOD | changed)


BROKEN: dict[str, Behaviour] = {
    "prose": saying("The total is 999.99, trust me."),
    "half an object": saying('{"company": {"value": "AC', finish="length"),
    "brackets without end": saying("[" * 50_000),
    "braces without end": saying('{"a":' * 50_000),
    "nested and closed": saying("[" * 50_000 + "]" * 50_000),
    "empty content": saying(""),
    "blanks": saying(" \n\t " * 1000, finish="length"),
    "content null": saying(None),
    "content null with reasoning": saying(None, reasoning="Hm. Line 5 says TOTAL."),
    "content null with reasoning_content": saying(None, reasoning_content="Hm."),
    "thinking without end": saying("<think>" + "Wait, let me look again. " * 4000, finish="length"),
    "reflecting without end": saying("<thinking>It is A.<reflection>Or B?", finish="length"),
    "content is a list": saying([{"type": "text", "text": "A"}]),
    "content is a number": saying(12.2),
    "content is an object": saying({"company": "ACME"}),
    "half a character": saying("\ud800"),
    "a JSON string": saying('"A sea"'),
    "JSON null": saying("null"),
    "a JSON number": saying("12.20"),
    "an array": saying("[1, 2, 3]"),
    "huge content": saying("A" * 300_000),
    "huge value": saying(reply(total={"value": "12.20 " * 10_000, "lines": [5]})),
    "NaN": saying('{"company": {"value": NaN, "lines": [NaN, Infinity]}, "total": Infinity}'),
    "huge number": saying('{"total": {"value": "12.20", "lines": [' + "9" * 5000 + "]}}"),
    "no fields": saying("{}"),
    "other fields": saying('{"password": "123", "menu": 3}'),
    "fields of other types": saying(
        '{"company": 3, "date": [], "address": true, "total": "12.20"}'
    ),
    "lines of other types": saying(reply(total={"value": "999.99", "lines": {"a": 1}})),
    "values of other types": saying(reply(total={"value": {"amount": 12.2}, "lines": [5]})),
    "finish_reason is a number": saying("", finish=7),
    "choices missing": lambda r: Answer({"id": "c", "object": "chat.completion"}),
    "choices empty": lambda r: Answer({"choices": []}),
    "choices an object": lambda r: Answer({"choices": {"message": {"content": "A"}}}),
    "choices of text": lambda r: Answer({"choices": ["A", "B"]}),
    "message missing": lambda r: Answer({"choices": [{"index": 0}]}),
    "message a text": lambda r: Answer({"choices": [{"message": "A"}]}),
    "usage nonsense": lambda r: Answer(
        {"choices": [{"message": {"content": "?"}}], "usage": {"prompt_tokens": "many"}}
    ),
    "usage a list": lambda r: Answer({"choices": [{"message": {"content": "?"}}], "usage": [1]}),
    "body null": lambda r: Answer(b"null"),
    "body a list": lambda r: Answer(b"[1, 2]"),
    "body a text": lambda r: Answer(b'"hello"'),
    "body empty": lambda r: Answer(b""),
    "body not JSON": lambda r: Answer(b"<html>busy</html>"),
    "body not text": lambda r: Answer(b"\xff\xfe\x00\x9f" * 100),
    "body nested": lambda r: Answer(b"[" * 200_000),
    "body huge": lambda r: Answer(b'{"choices": [{"message": {"content": "' + b"A" * 2_000_000),
    "refusal": lambda r: Answer({"error": {"message": "too long"}}, status=400),
    "forbidden": lambda r: Answer({"error": "no"}, status=403),
    "server error": lambda r: Answer(b"oops", status=500),
    "overloaded": lambda r: Answer({"error": None}, status=503),
    "slow down": lambda r: Answer(b"", status=429),
    "body cut off": lambda r: Answer(b'{"choices": [{"mess', claimed=5000),
    "stream half closed": lambda r: Answer(b'{"choices": [', chunked=True),
    "silence": lambda r: Answer(b"{}", silent=30.0),
    "blanks for ever": lambda r: Answer(b"", drip=True),
    "zipped nonsense": lambda r: Answer(b"oops", headers={"content-encoding": "gzip"}),
    "sent elsewhere": lambda r: Answer(status=307, headers={"location": "/v1/chat/completions"}),
    "sent nowhere": lambda r: Answer(status=302, headers={"location": "http://[broken"}),
    "no HTTP": lambda r: Answer(b"220 mail.example.org ESMTP\r\n", raw=True),
    "nothing": lambda r: Answer(b"", raw=True),
}
"""Nothing in these can be used."""

CONNECTION_LOST = {
    "body cut off",
    "stream half closed",
    "silence",
    "blanks for ever",
    "zipped nonsense",
    "no HTTP",
    "nothing",
}
REFUSED = {
    "refusal",
    "forbidden",
    "server error",
    "overloaded",
    "slow down",
    "sent elsewhere",
    "sent nowhere",
}
