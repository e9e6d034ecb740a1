"""What is peculiar to a model in how it has to be asked, as its profile says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hybrid.llm.backend import ChatRequest

BUDGET = "thinking_token_budget"
"""vLLM's name for the most tokens of a thought."""
_DRAWN = 0.7
"""Temperature of thoughts that are to differ each time, where the profile says none."""
_TAGS = 8
"""Tokens that begin and end a thought, at most: no part of the budget, nor of the answer."""

LOOPS = "repetition_detection"
"""vLLM's name for when an answer that repeats itself is ended."""
_LOOP = {"min_pattern_size": 16, "max_pattern_size": 300, "min_count": 3}
"""The same item of a list, line numbers and all, for the third time: small models go on so until their tokens
are spent, on two cores for half an hour."""


@dataclass(frozen=True)
class Habits:
    """How requests to one model differ from those to any other.

    Attributes:
        thinking_switch: The chat template's variable that turns thinking on and off, or None.
        always_thinks: It thinks in every answer, also where it is not told to.
        thinking_budget: Tokens for its thoughts, beside those of the answer; 0 for a model that
            does not think.
        template_arguments: Further variables of the chat template.
        sampling: How its makers draw answers: names as in the API, with temperature.
    """

    thinking_switch: str | None = None
    always_thinks: bool = False
    thinking_budget: int = 0
    template_arguments: Mapping[str, Any] = field(default_factory=dict)
    sampling: Mapping[str, float] = field(default_factory=dict)

    def fields(self, request: ChatRequest) -> dict[str, Any]:
        """What a request's body says of temperature, tokens, sampling, thinking and loops."""
        thinks = self.always_thinks or (request.reasoning and self.thinking_budget > 0)
        body: dict[str, Any] = {
            "max_tokens": request.max_tokens + (self.thinking_budget + _TAGS if thinks else 0),
            "temperature": request.temperature,
        }
        if thinks or request.temperature > 0:
            body |= self.sampling
            if request.temperature > 0:
                body["temperature"] = request.temperature
        if thinks:
            body[BUDGET] = self.thinking_budget
            if request.seed is not None and not body["temperature"]:
                body["temperature"] = _DRAWN
        elif request.json_schema is not None:
            body[LOOPS] = _LOOP
        template = dict(self.template_arguments)
        if self.thinking_switch is not None:
            template[self.thinking_switch] = request.reasoning
        if template:
            body["chat_template_kwargs"] = template
        return body
