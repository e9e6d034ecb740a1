"""A packed sequence of trees gives what separate sequences give: hidden states and gradients."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, MistralConfig, MistralForCausalLM

from hybrid.errors import ModelError
from hybrid.tuning.attention import NAME, register
from hybrid.tuning.packing import pack
from hybrid.tuning.tokens import Branch, TokenTree

VOCABULARY = 400


def tree(trunk: int, *branches: tuple[int, int], seed: int = 0) -> TokenTree:
    """Random tokens: a trunk, and branches of (prompt, reply)."""
    random = torch.Generator().manual_seed(seed)

    def tokens(count: int) -> tuple[int, ...]:
        return tuple(torch.randint(3, VOCABULARY, (count,), generator=random).tolist())

    grown = tuple(Branch(tokens(prompt + reply), reply) for prompt, reply in branches)
    return TokenTree("verify" if len(branches) > 1 else "extract", tokens(trunk), grown)


TREES = [
    tree(300, (40, 1), (150, 1), (7, 3), seed=1),
    tree(5, (290, 60), seed=2),
    tree(0, (10, 4), (12, 2), seed=3),
    tree(129, (1, 1), (1, 1), seed=4),
]


def load(folder: Path, attention: str) -> torch.nn.Module:
    register()
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation=attention
    )
    made: torch.nn.Module = model.train()
    return made


def separate_logits(model: torch.nn.Module, tree: TokenTree) -> list[Tensor]:
    """For each branch the logits that predict its reply, from a sequence of its own."""
    found = []
    for branch in tree.branches:
        tokens = torch.tensor([[*tree.trunk, *branch.tokens]])
        found.append(model(input_ids=tokens).logits[0, -branch.reply - 1 : -1])
    return found


def packed_logits(model: torch.nn.Module, trees: list[TokenTree]) -> Tensor:
    sequence = pack(trees)
    logits: Tensor = model(
        input_ids=sequence.tokens,
        position_ids=sequence.positions,
        use_cache=False,
        spans=sequence.spans,
    ).logits
    return logits[0, sequence.predicting]


def test_packed_equals_separate(llama: Path) -> None:
    plain, packed = load(llama, "eager"), load(llama, NAME)
    expected = torch.cat([logits for t in TREES for logits in separate_logits(plain, t)])
    found = packed_logits(packed, TREES)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
    assert expected.std() > 0.1
    weights = torch.randn(expected.shape, generator=torch.Generator().manual_seed(5))
    (expected * weights).sum().backward()  # type: ignore[no-untyped-call]
    (found * weights).sum().backward()  # type: ignore[no-untyped-call]
    for (name, a), (_, b) in zip(plain.named_parameters(), packed.named_parameters(), strict=True):
        assert a.grad is not None, name
        torch.testing.assert_close(b.grad, a.grad, atol=2e-3, rtol=1e-3, msg=name)


def test_branches_do_not_see_each_other(llama: Path) -> None:
    packed = load(llama, NAME)
    first, *others = TREES[0].branches
    changed = TokenTree("verify", TREES[0].trunk, (first, TREES[2].branches[0], *others[1:]))
    before, after = packed_logits(packed, [TREES[0]]), packed_logits(packed, [changed])
    assert torch.equal(before[0], after[0])
    assert torch.equal(before[-3:], after[-3:])


def test_targets_are_the_replies_and_choices_weigh_more() -> None:
    sequence = pack(TREES[:2], choice_weight=4.0)
    replies = [t for tree in TREES[:2] for b in tree.branches for t in b.tokens[-b.reply :]]
    assert sequence.targets.tolist() == replies
    assert sequence.weights.tolist() == [4.0] * 5 + [1.0] * 60
    assert sequence.positions[0, sequence.predicting[0]] == 300 + 40 - 1


def test_a_short_window_is_refused(tmp_path: Path) -> None:
    config = MistralConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        sliding_window=64,
    )
    MistralForCausalLM(config).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="sees 64 tokens back, less than a page"):
        packed_logits(load(tmp_path, NAME), TREES)
