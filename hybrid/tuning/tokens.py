"""Examples become tokens: a page that is computed once, and the questions that branch off from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hybrid.errors import ModelError
from hybrid.llm.thinking import BUDGET, END, START
from hybrid.tuning.examples import Task, TuningExample, Turn

if TYPE_CHECKING:
    from hybrid.llm.backend import Message


@dataclass(frozen=True)
class Branch:
    """A question and its reply, behind the tokens that it shares with the others.

    Attributes:
        tokens: Rest of the prompt, then the reply.
        reply: How many of them, at the end, are the reply.
        thoughts: How many of these come first and are thought.
    """

    tokens: tuple[int, ...]
    reply: int
    thoughts: int = 0


@dataclass(frozen=True)
class TokenTree:
    """An example as the network sees it.

    Attributes:
        task: Of the example.
        trunk: Tokens that all its prompts begin with.
        branches: At least one.
    """

    task: Task
    trunk: tuple[int, ...]
    branches: tuple[Branch, ...]

    @property
    def length(self) -> int:
        """Tokens that are computed."""
        return len(self.trunk) + sum(len(b.tokens) for b in self.branches)


def tree_of(example: TuningExample, tokenizer: Any) -> TokenTree:
    """The tokens of an example, as a server makes them: prompt and reply apart.

    Args:
        example: With one or several turns.
        tokenizer: Of transformers, with a chat template.

    Raises:
        ModelError: If the chat template changes what an assistant said.
    """
    prompts = [_prompt_tokens(turn.messages, tokenizer) for turn in example.turns]
    replies = [_reply_tokens(turn, tokenizer) for turn in example.turns]
    thoughts = [_thought_tokens(turn, tokenizer) for turn in example.turns]
    # The last token of every prompt stays in its branch: it is the one that predicts the reply.
    shared = _shared(prompts, min(len(p) for p in prompts) - 1)
    return TokenTree(
        task=example.task,
        trunk=tuple(prompts[0][:shared]),
        branches=tuple(
            Branch((*prompt[shared:], *thought, *reply), len(thought) + len(reply), len(thought))
            for prompt, thought, reply in zip(prompts, thoughts, replies, strict=True)
        ),
    )


def joined(trees: Sequence[TokenTree]) -> list[TokenTree]:
    """Trees of one branch as a single tree, so that their common instruction is computed once.

    Args:
        trees: Any; those of several branches stay as they are.
    """
    single = [tree for tree in trees if len(tree.branches) == 1]
    if len(single) < 2:
        return list(trees)
    whole = [(*tree.trunk, *tree.branches[0].tokens) for tree in single]
    shared = _shared(whole, min(len(tree.trunk) for tree in single))
    branches = tuple(
        replace(tree.branches[0], tokens=tokens[shared:])
        for tree, tokens in zip(single, whole, strict=True)
    )
    by_task = [tree.task for tree in single]
    if not shared or len(set(by_task)) > 1:
        return list(trees)
    one = TokenTree(by_task[0], whole[0][:shared], branches)
    return [one, *(tree for tree in trees if len(tree.branches) > 1)]


def _shared(sequences: Sequence[Sequence[int]], most: int) -> int:
    for place in range(most):
        if len({sequence[place] for sequence in sequences}) > 1:
            return place
    return most


def _prompt_tokens(messages: Sequence[Message], tokenizer: Any) -> list[int]:
    text = _rendered(messages, tokenizer, add_generation_prompt=True)
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def _thought_tokens(turn: Turn, tokenizer: Any) -> list[int]:
    """A thought to its end; what opens it stands in the prompt. A long one is ended by the server."""
    if turn.thoughts is None:
        return []
    tokens = list(tokenizer(turn.thoughts, add_special_tokens=False)["input_ids"])
    return tokens[:BUDGET] + list(tokenizer(END, add_special_tokens=False)["input_ids"])


def _reply_tokens(turn: Turn, tokenizer: Any) -> list[int]:
    from hybrid.llm.backend import Message

    text = turn.reply
    if turn.ends:
        prompt = _rendered(turn.messages, tokenizer, add_generation_prompt=True)
        # In a conversation, the answer of a model that thinks is shown with its thought.
        thought = "" if turn.thoughts is None else f"{turn.thoughts}{END}"
        said = thought + turn.reply
        opened = f"{START}{said}" if thought else said
        answered = (*turn.messages, Message(role="assistant", content=opened))
        whole = _rendered(answered, tokenizer, add_generation_prompt=False)
        if not whole.startswith(prompt + said):
            raise ModelError(
                "the chat template changes what an assistant said; a model with such a template "
                "cannot be tuned"
            )
        text += whole[len(prompt + said) :].strip()
    tokens = list(tokenizer(text, add_special_tokens=False)["input_ids"])
    return tokens[: turn.max_tokens]


def _rendered(messages: Sequence[Message], tokenizer: Any, *, add_generation_prompt: bool) -> str:
    turns = [{"role": m.role, "content": m.content} for m in messages]
    return str(
        tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=add_generation_prompt
        )
    )
