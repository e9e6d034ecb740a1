"""Prompt and reply as tokens; what several prompts share stands there once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hybrid.errors import ModelError
from hybrid.llm.backend import Message
from hybrid.llm.thinking import BUDGET
from hybrid.tuning.examples import TuningExample, Turn
from hybrid.tuning.tokens import TokenTree, joined, tree_of
from tests.hybrid.tuning.tiny_llama import TEMPLATE, tiny_tokenizer

TOKENIZER = tiny_tokenizer()


def turn(page: str, question: str, reply: str, most: int = 900, ends: bool = True) -> Turn:
    messages = (
        Message(role="system", content="You check fields."),
        Message(role="user", content=f"<page>\n{page}\n</page>\n{question}"),
    )
    return Turn(messages, reply, most, ends)


def example(*turns: Turn) -> TuningExample:
    return TuningExample("d", "extract" if len(turns) == 1 else "verify", turns, None)


def branch_texts(tree: TokenTree) -> list[tuple[str, str]]:
    """Prompt and reply of each branch."""
    found = []
    for branch in tree.branches:
        cut = len(branch.tokens) - branch.reply
        prompt = TOKENIZER.decode([*tree.trunk, *branch.tokens[:cut]])
        found.append((prompt, TOKENIZER.decode(branch.tokens[cut:])))
    return found


def test_prompt_and_reply() -> None:
    asked = turn("[0] ACME", "Which?", '{"total": 1}')
    prompt = (
        "<|im_start|>system\nYou check fields.<|im_end|>\n"
        "<|im_start|>user\n<page>\n[0] ACME\n</page>\nWhich?<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    assert branch_texts(tree_of(example(asked), TOKENIZER)) == [(prompt, '{"total": 1}<|im_end|>')]


def test_a_letter_has_no_end_and_a_long_reply_is_cut() -> None:
    letter = turn("p", "q", "A", 1, ends=False)
    assert branch_texts(tree_of(example(letter), TOKENIZER))[0][1] == "A"
    long = tree_of(example(turn("p", "q", "x " * 50, most=7)), TOKENIZER)
    assert long.branches[0].reply == 7


def test_the_page_stands_in_the_trunk() -> None:
    first, second = turn("[0] ACME", "Which date?", "A"), turn("[0] ACME", "Which sum?", "B")
    both = tree_of(example(first, second), TOKENIZER)
    assert TOKENIZER.decode(both.trunk).endswith("</page>\nWhich")
    apart = [branch_texts(tree_of(example(t), TOKENIZER))[0] for t in (first, second)]
    assert branch_texts(both) == apart


def test_the_same_question_twice_leaves_the_prompts_end_to_the_branches() -> None:
    twice = tree_of(example(turn("p", "q", "A"), turn("p", "q", "B")), TOKENIZER)
    assert [len(b.tokens) > b.reply for b in twice.branches] == [True, True]


def test_pages_of_one_instruction_become_one_tree() -> None:
    trees = [tree_of(example(turn(f"[0] shop {k}", "q", "r")), TOKENIZER) for k in range(3)]
    questions = tree_of(example(turn("p", "q", "A"), turn("p", "r", "B")), TOKENIZER)
    one, rest = joined([trees[0], questions, *trees[1:]])
    assert rest == questions
    assert TOKENIZER.decode(one.trunk).endswith("<page>\n[0] shop ")
    assert branch_texts(one) == [branch_texts(t)[0] for t in trees]
    thought = replace(trees[1], branches=(replace(trees[1].branches[0], thoughts=1),))
    assert [b.thoughts for b in joined([trees[0], thought])[0].branches] == [0, 1]
    assert one.length < sum(t.length for t in trees)
    assert joined([one, trees[0]]) == [one, trees[0]]


def test_thoughts_come_before_the_reply() -> None:
    thinking = tiny_tokenizer(["<think>", "</think>"])
    thinking.chat_template = TEMPLATE.replace("assistant\n", "assistant\n<think>")
    letter = replace(turn("p", "q", "A", 1, ends=False), thoughts="TOTAL [5] 12.20")
    (branch,) = tree_of(example(letter), thinking).branches
    prompt, reply = branch.tokens[: -branch.reply], branch.tokens[-branch.reply :]
    assert thinking.decode(prompt[-1]) == "<think>"
    assert thinking.decode(reply) == "TOTAL [5] 12.20</think>A"
    assert thinking.decode(reply[branch.thoughts :]) == "A"
    whole = replace(turn("p", "q", '{"total": 1}'), thoughts="total [5]")
    (branch,) = tree_of(example(whole), thinking).branches
    assert thinking.decode(branch.tokens[-branch.reply :]) == (
        'total [5]</think>{"total": 1}<|im_end|>'
    )
    # A thought that is too long is ended, as the server ends it.
    (branch,) = tree_of(example(replace(letter, thoughts="x " * 500)), thinking).branches
    assert branch.thoughts == BUDGET + 1
    assert thinking.decode(branch.tokens[-2:]) == "</think>A"


def test_a_template_that_changes_replies_is_refused() -> None:
    changing = tiny_tokenizer()
    changing.chat_template = TEMPLATE.replace("m['content']", "m['content'] | upper")
    with pytest.raises(ModelError, match="the chat template changes"):
        tree_of(example(turn("p", "q", "reply")), changing)
