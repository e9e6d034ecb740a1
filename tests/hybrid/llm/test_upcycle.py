"""Upcycling of tiny random models: equal to the dense one, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM
from typer.testing import CliRunner

from hybrid.cli import app
from hybrid.errors import ModelError
from hybrid.llm.models import model_path
from hybrid.llm.profiles import load_profile
from hybrid.llm.upcycle import TOLERANCE, logit_difference, upcycle

TINY = {
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
}


@pytest.fixture(autouse=True)
def profiles(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path / "config" / "hybrid" / "profiles"


def dense(folder: Path, shards: str = "1GB", **changed: Any) -> Path:
    torch.manual_seed(0)
    # Weights large enough for logits that differ from token to token.
    config = LlamaConfig(**(TINY | {"initializer_range": 0.3} | changed))
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder, max_shard_size=shards)
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    return folder


def change_config(folder: Path, **values: Any) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def weights(folder: Path) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = {}
    for file in folder.glob("*.safetensors"):
        found |= load_file(file)
    return found


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"tie_word_embeddings": True},
        {"num_key_value_heads": 4, "rms_norm_eps": 1e-3, "head_dim": 16},
        {
            "rope_parameters": {
                "rope_type": "llama3",
                "rope_theta": 500.0,
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 64,
            }
        },
        {"shards": "20KB"},
    ],
)
def test_it_answers_as_the_dense_model(changed: dict[str, Any], tmp_path: Path, home: Path) -> None:
    base = dense(tmp_path / "base", **changed)
    made = upcycle(base, "mix", experts=3)
    assert made == home / "models" / "mix" == model_path("mix")
    assert logit_difference(base, made) <= TOLERANCE
    assert logit_difference(base, base) == 0
    config = json.loads((made / "config.json").read_text())
    assert config["architectures"] == ["MixtralForCausalLM"]
    assert (config["num_local_experts"], config["num_experts_per_tok"]) == (3, 2)
    assert (made / "chat_template.jinja").read_text() == "{{ messages }}"


def test_every_expert_is_the_feed_forward_network(tmp_path: Path) -> None:
    base = dense(tmp_path / "base")
    made, before = weights(upcycle(base, "mix")), weights(base)
    assert {w.dtype for w in made.values()} == {torch.bfloat16}
    for layer in range(2):
        head = f"model.layers.{layer}"
        for ours, theirs in (("gate_proj", "w1"), ("down_proj", "w2"), ("up_proj", "w3")):
            for expert in range(4):
                copy = made.pop(f"{head}.block_sparse_moe.experts.{expert}.{theirs}.weight")
                assert torch.equal(copy, before[f"{head}.mlp.{ours}.weight"])
            del before[f"{head}.mlp.{ours}.weight"]
    routers = [made.pop(f"model.layers.{n}.block_sparse_moe.gate.weight") for n in range(2)]
    assert not torch.equal(*routers)
    assert all(router.shape == (4, 32) for router in routers)
    assert made.keys() == before.keys()
    assert all(torch.equal(made[key], before[key]) for key in made)


def test_the_seed_draws_the_router_and_nothing_else(tmp_path: Path) -> None:
    base = dense(tmp_path / "base")
    first, again, other = (
        weights(upcycle(base, name, seed=seed)) for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    differing = {key for key in first if not torch.equal(first[key], other[key])}
    assert differing == {f"model.layers.{n}.block_sparse_moe.gate.weight" for n in range(2)}
    assert all(torch.equal(first[key], again[key]) for key in first)


def test_a_mistral_model(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = MistralConfig(**TINY, initializer_range=0.3, sliding_window=None)
    MistralForCausalLM(config).save_pretrained(tmp_path / "base")
    made = upcycle(tmp_path / "base", "mix")
    assert logit_difference(tmp_path / "base", made) <= TOLERANCE


def test_a_profile_is_written_for_a_new_name(tmp_path: Path, profiles: Path) -> None:
    base = dense(tmp_path / "base")
    upcycle(base, "mix", experts=2, seed=7)
    profile = load_profile("mix")
    assert (profile.kind, profile.architecture) == (("moe",), "MixtralForCausalLM")
    assert (profile.max_model_len, profile.trust) == (256, load_profile(base).trust)
    command = f"hybrid models upcycle {base} --experts 2 --name mix --seed 7"
    assert profile.source.model_dump() == {"kind": "made", "command": command}
    manifest = json.loads((model_path("mix") / "manifest.json").read_text())
    assert manifest["source"] == profile.source.model_dump()
    (model_path("mix") / "config.json").unlink()
    with pytest.raises(ModelError, match=f"config.json is missing.*and run `{command}`"):
        model_path("mix")


def test_what_was_made_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = dense(tmp_path / "base")
    made = upcycle(base, "mix")
    monkeypatch.setattr("hybrid.llm.upcycle._write_weights", None)
    assert upcycle(base, "mix") == made
    with pytest.raises(ModelError, match="mix is the name of another model: choose another"):
        upcycle(base, "mix", experts=8)


@pytest.mark.parametrize("name", ["qwen3-0.6b", "smollm2-moe-4x135m"])
def test_names_of_other_models(name: str, tmp_path: Path) -> None:
    """The second one is made, but out of another model."""
    with pytest.raises(ModelError, match=f"{name} is the name of another model"):
        upcycle(dense(tmp_path / "base"), name)


def test_an_impossible_name(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"--name \.\./x: use lower-case"):
        upcycle(dense(tmp_path / "base"), "../x")


def test_a_difference_is_found_and_nothing_is_stored(
    tmp_path: Path, home: Path, profiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = dense(tmp_path / "base")
    monkeypatch.setattr(
        "hybrid.llm.upcycle._PROJECTIONS", {"gate_proj": "w3", "down_proj": "w2", "up_proj": "w1"}
    )
    with pytest.raises(ModelError, match="its logits differ from those of base by up to"):
        upcycle(base, "mix")
    assert not (home / "models").exists()
    assert not (home / "staging" / "mix").exists()
    assert not profiles.exists()


def test_an_interrupted_one_leaves_nothing(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = dense(tmp_path / "base")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("hybrid.llm.upcycle._write_rest", stop)
        with pytest.raises(KeyboardInterrupt):
            upcycle(base, "mix")
    assert not (home / "models").exists()
    assert upcycle(base, "mix").is_dir()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"architectures": ["Qwen3ForCausalLM"]},
            "base has the architecture Qwen3ForCausalLM: upcycling works for",
        ),
        ({"architectures": None}, "base has the architecture unknown: upcycling works for"),
        ({"attention_bias": True}, "base has attention_bias"),
        ({"mlp_bias": True}, "base has mlp_bias"),
        ({"sliding_window": 4096}, "base has sliding_window"),
        ({"quantization_config": {"bits": 4}}, "base has quantization_config"),
    ],
)
def test_models_that_it_does_not_work_for(
    changed: dict[str, Any], said: str, tmp_path: Path
) -> None:
    base = dense(tmp_path / "base")
    change_config(base, **changed)
    with pytest.raises(ModelError, match=said):
        upcycle(base, "mix")


def test_a_model_without_weights_or_too_few_experts(tmp_path: Path) -> None:
    base = dense(tmp_path / "base")
    with pytest.raises(ModelError, match="give at least 2"):
        upcycle(base, "mix", experts=1)
    (base / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"model\.safetensors is missing"):
        upcycle(base, "mix")


def test_the_command(tmp_path: Path, home: Path) -> None:
    base = dense(tmp_path / "base")
    words = ["models", "upcycle", str(base), "--experts", "2", "--name", "mix"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0
    assert done.stdout.strip() == str(home / "models" / "mix")
    assert "copy weights" in done.stderr
    refused = CliRunner().invoke(app, ["models", "upcycle", "qwen3-0.6b", "--name", "x"])
    assert refused.exit_code == 1
    assert "run `hybrid models pull qwen3-0.6b`" in refused.stderr
