"""Debates as teams of AutoGen's agentchat: a proposer and a sceptic who take turns.

The agents ask through the pipeline's own `ChatBackend`, not through a client of AutoGen's: retries,
recorded replies, budgets, and what was found out about the server are then the same as everywhere.
Needs the extra `debate`; imported only when a debate begins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from autogen_agentchat.agents import BaseChatAgent
from autogen_agentchat.base import Response
from autogen_agentchat.conditions import FunctionalTermination
from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage, StructuredMessage
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core import CancellationToken

from hybrid.errors import ServerError
from hybrid.verify.strategies.statements import Speaker, Statement, Topic

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatBackend, ChatReply


class Debater(BaseChatAgent):
    """One side of a debate; remembers what both have said.

    Args:
        speaker: Which side.
        topic: What is debated.
        backend: An LLM. Whatever it does, there is a statement.
    """

    def __init__(self, speaker: Speaker, topic: Topic, backend: ChatBackend) -> None:
        super().__init__(speaker, f"The {speaker} of a debate on what a page says.")
        self._speaker = speaker
        self._topic = topic
        self._backend = backend
        self._said: list[Statement] = []

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        """See `BaseChatAgent`."""
        return (StructuredMessage[Statement],)

    async def on_messages(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> Response:
        """See `BaseChatAgent`; the messages are what the other side has said since."""
        self._said += statements_in(messages)
        request = self._topic.statement_request(self._speaker, self._said)
        reply: ChatReply | ServerError
        try:
            reply = await self._backend.acomplete(request)
        except ServerError as error:
            reply = error
        statement = self._topic.read(self._speaker, self._said, reply)
        self._said.append(statement)
        message = StructuredMessage[Statement](content=statement, source=self.name)
        return Response(chat_message=message)

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        """See `BaseChatAgent`."""
        self._said.clear()


def debates_on(
    topics: Sequence[Topic], backend: ChatBackend, rounds: int
) -> list[Sequence[Statement]]:
    """Debates all topics at a time; the backend bounds the requests in flight.

    Args:
        topics: At least one.
        backend: An LLM.
        rounds: Statements of each side at most; a debate ends before with a `last` one.

    Returns:
        What was said on each topic, in order; at least one statement.
    """

    async def together() -> list[Sequence[Statement]]:
        return await asyncio.gather(*(_debate(topic, backend, rounds) for topic in topics))

    # A thread of its own: where a notebook calls, an event loop already runs in this one.
    with ThreadPoolExecutor(1, thread_name_prefix="hybrid-debate") as thread:
        return thread.submit(lambda: asyncio.run(together())).result()


async def _debate(topic: Topic, backend: ChatBackend, rounds: int) -> Sequence[Statement]:
    team = RoundRobinGroupChat(
        [Debater("proposer", topic, backend), Debater("sceptic", topic, backend)],
        termination_condition=FunctionalTermination(_is_over),
        max_turns=2 * rounds,
    )
    return statements_in((await team.run()).messages)


def statements_in(messages: Sequence[BaseAgentEvent | BaseChatMessage]) -> list[Statement]:
    """What was said in some messages of a team."""
    return [message.content for message in messages if isinstance(message, StructuredMessage)]


def _is_over(messages: Sequence[BaseAgentEvent | BaseChatMessage]) -> bool:
    return any(statement.last for statement in statements_in(messages))
