from __future__ import annotations

import pytest

from hybrid.errors import ServerError
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatReply, InvalidReplyError, usage_of

SPENT = LlmUsage(requests=1, prompt_tokens=100, completion_tokens=7)


@pytest.mark.parametrize(
    ("reply", "usage"),
    [
        (ChatReply(text="A", usage=SPENT), SPENT),
        (InvalidReplyError("cut off", SPENT), SPENT + LlmUsage(invalid_replies=1)),
        (ServerError("down"), LlmUsage(requests=1)),
    ],
)
def test_every_request_counts_with_what_it_cost(
    reply: ChatReply | ServerError, usage: LlmUsage
) -> None:
    assert usage_of(reply) == usage
