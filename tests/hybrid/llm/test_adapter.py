"""Adapters as models: merged into their base on CPUs, served beside it on GPUs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from hybrid.errors import ModelError
from hybrid.llm.adapter import CONFIG, WEIGHTS, is_merged, merge_adapter
from hybrid.llm.fetch import sha256_of
from hybrid.llm.models import MANIFEST, list_models, model_path, pull
from hybrid.llm.profile import AdapterSource, Serving
from hybrid.llm.profiles import add_profile, load_profile, profile_of_served
from hybrid.llm.thinking import END, FILE, START, check_thinking
from hybrid.llm.vllm_command import vllm_command, vllm_flags
from tests.hybrid.tuning.tiny_llama import tiny_llama

TOKENS = torch.arange(3, 60)[None]


@pytest.fixture(autouse=True)
def profiles(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("sys.platform", "linux")
    on_machine(monkeypatch, gpus=0)


def on_machine(monkeypatch: pytest.MonkeyPatch, gpus: int) -> None:
    monkeypatch.setattr("hybrid.llm.models.gpus_gb", lambda: (24.0,) * gpus)
    monkeypatch.setattr("hybrid.llm.vllm_command.gpus_gb", lambda: (24.0,) * gpus)
    monkeypatch.setattr("hybrid.llm.vllm_command.is_cpu_build", lambda: gpus == 0)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_llama(tmp_path_factory.mktemp("base"))


def write_adapter(folder: Path, seed: int = 1, **config: Any) -> Path:
    """Deltas of rank 2 on two kinds of layers, by peft's names."""
    folder.mkdir(exist_ok=True)
    random = torch.Generator().manual_seed(seed)
    tensors = {}
    for layer in range(2):
        for name, rows in (("self_attn.v_proj", 16), ("mlp.up_proj", 48)):
            head = f"base_model.model.model.layers.{layer}.{name}"
            tensors[f"{head}.lora_A.weight"] = torch.randn(2, 32, generator=random).bfloat16()
            tensors[f"{head}.lora_B.weight"] = torch.randn(rows, 2, generator=random).bfloat16()
    save_file(tensors, folder / WEIGHTS)
    values = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["v_proj", "up_proj"]}
    (folder / CONFIG).write_text(json.dumps(values | {"task_type": "CAUSAL_LM"} | config))
    return folder


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    return write_adapter(tmp_path / "adapter")


def write_profile(folder: Path, base: Path, adapter: Path, /, **source: Any) -> Path:
    file = folder / "tuned.toml"
    values = {
        "kind": "adapter",
        "base": str(base),
        "folder": str(adapter),
        "rank": 2,
        "sha256": sha256_of(adapter / WEIGHTS),
    } | source
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items() if value is not None]
    file.write_text("\n".join(['name = "tuned"', "[source]", *lines]))
    return file


@pytest.fixture
def profile(tmp_path: Path, base: Path, adapter: Path) -> Path:
    return write_profile(tmp_path, base, adapter)


def logits(folder: Path, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
    with torch.no_grad():
        found: torch.Tensor = model(TOKENS).logits
    return found


def test_merged_equals_peft(base: Path, adapter: Path, tmp_path: Path) -> None:
    from peft import PeftModel

    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
    merged = PeftModel.from_pretrained(model, adapter).merge_and_unload()
    merge_adapter(base, adapter, tmp_path / "merged")
    ours = AutoModelForCausalLM.from_pretrained(tmp_path / "merged", dtype=torch.bfloat16)
    for (name, theirs), (_, found) in zip(
        merged.named_parameters(), ours.named_parameters(), strict=True
    ):
        # Theirs adds in bf16: it may be off by its last digit.
        torch.testing.assert_close(found, theirs, atol=2**-7, rtol=2**-7, msg=name)
    assert (logits(base) - logits(tmp_path / "merged")).abs().max() > 0.1


def test_pull_merges_on_a_cpu(profile: Path, base: Path) -> None:
    folder = pull(profile)
    assert folder == model_path(profile) != base
    assert load_file(folder / "model.safetensors").keys() == (
        load_file(base / "model.safetensors").keys()
    )
    assert (folder / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()
    manifest = json.loads((folder / MANIFEST).read_text())
    assert manifest["name"] == "tuned"
    assert manifest["source"]["kind"] == "adapter"
    assert "model.safetensors" in manifest["files"]
    made = (folder / "model.safetensors").stat()
    assert made.st_mode & 0o044
    assert pull(profile) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == made.st_mtime_ns


def test_an_adapter_that_was_tuned_again_is_merged_again(
    profile: Path, base: Path, adapter: Path, tmp_path: Path
) -> None:
    before = logits(pull(profile))
    write_adapter(adapter, seed=2)
    with pytest.raises(ModelError, match="not the weights that the profile of tuned names"):
        pull(profile)
    after = logits(pull(write_profile(tmp_path, base, adapter)))
    assert not torch.allclose(before, after)


def test_the_base_is_pulled_first(profile: Path, tmp_path: Path, adapter: Path) -> None:
    file = write_profile(tmp_path, Path("no-such-base"), adapter)
    with pytest.raises(ModelError, match="unknown model 'no-such-base'"):
        pull(file)


def test_not_pulled(profile: Path) -> None:
    with pytest.raises(ModelError, match="tuned is not downloaded: run `hybrid models pull"):
        model_path(profile)


def test_served_merged_on_a_cpu(profile: Path) -> None:
    command = " ".join(vllm_command(load_profile(profile), pull(profile), "127.0.0.1", 1))
    assert "--served-model-name tuned --" in command
    assert "lora" not in command


def test_served_beside_its_base_on_a_gpu(
    profile: Path, base: Path, adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_machine(monkeypatch, gpus=1)
    folder = pull(profile)
    assert folder == model_path(profile) == base
    loaded = load_profile(profile)
    command = " ".join(vllm_command(loaded, folder, "127.0.0.1", 1))
    assert f"--enable-lora --max-lora-rank 8 --lora-modules tuned={adapter}" in command
    assert "--served-model-name tuned-base --" in command
    assert loaded.asked_model == "tuned"


@pytest.mark.parametrize("gpus", [0, 1])
def test_an_adapter_of_a_tuned_model_is_merged_into_both(
    profile: Path,
    base: Path,
    adapter: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    gpus: int,
) -> None:
    on_machine(monkeypatch, gpus=gpus)
    second = write_adapter(tmp_path / "second", seed=3)
    file = write_profile(tmp_path / "second", profile, second)
    file.write_text(file.read_text().replace('name = "tuned"', 'name = "again"'))
    folder = pull(file)
    assert folder == model_path(file)
    merge_adapter(base, adapter, tmp_path / "once")
    merge_adapter(tmp_path / "once", second, tmp_path / "twice")
    torch.testing.assert_close(logits(folder), logits(tmp_path / "twice"))
    assert not torch.allclose(logits(folder), logits(tmp_path / "once"))
    assert "lora" not in " ".join(vllm_command(load_profile(file), folder, "127.0.0.1", 1))


def test_one_that_thinks_is_merged_on_a_gpu_too(
    adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_machine(monkeypatch, gpus=1)
    base = tiny_llama(tmp_path / "spare", ["<spare_1>", "<spare_2>"])
    spare = {START: "<spare_1>", END: "<spare_2>"}
    (adapter / FILE).write_text(json.dumps(spare))
    profile = write_profile(tmp_path, base, adapter)
    folder = pull(profile)
    assert folder == model_path(profile) != base
    check_thinking(AutoTokenizer.from_pretrained(folder))
    loaded = load_profile(profile)
    for command in (
        vllm_command(loaded, folder, "127.0.0.1", 1),
        vllm_flags(loaded, "gpu", loaded.hardware.gpu or Serving()),
    ):
        assert "--served-model-name tuned --" in " ".join(command)
        assert "lora" not in " ".join(command)
    (adapter / FILE).write_text("[]")
    with pytest.raises(ModelError, match=r"thinking\.json: does not name the tokens of <think>"):
        merge_adapter(base, adapter, tmp_path / "broken")


def test_what_is_merged_is_not_added_again(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pull(profile)
    on_machine(monkeypatch, gpus=1)
    assert is_merged(load_profile(profile), folder)
    assert "lora" not in " ".join(vllm_command(load_profile(profile), folder, "127.0.0.1", 1))


@pytest.mark.parametrize("hardware_class", ["gpu", "gpus"])
def test_flags_by_class(profile: Path, adapter: Path, hardware_class: Any) -> None:
    loaded = load_profile(profile)
    serving = getattr(loaded.hardware, hardware_class)
    assert f"tuned={adapter}" in vllm_flags(loaded, hardware_class, serving)


def test_an_added_profile_is_found_and_listed(profile: Path) -> None:
    add_profile(profile)
    assert load_profile("tuned").source == load_profile(profile).source
    folder = pull("tuned")
    (entry,) = [e for e in list_models() if e.profile.name == "tuned"]
    assert (entry.path, entry.problem) == (folder, None)
    assert profile_of_served("tuned") == load_profile("tuned")


def test_on_a_gpu_the_base_is_what_is_here(
    profile: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_profile(profile)
    on_machine(monkeypatch, gpus=1)
    (entry,) = [e for e in list_models() if e.profile.name == "tuned"]
    assert (entry.path, entry.problem) == (base, None)


def test_a_shipped_adapter_stands_in_the_package(base: Path, adapter: Path, tmp_path: Path) -> None:
    file = write_profile(tmp_path, base, adapter, folder=None)
    with pytest.raises(ModelError, match=r"llm/adapters/tuned/adapter_model\.safetensors"):
        pull(file)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"use_dora": True}, "not a plain LoRA adapter: use_dora"),
        ({"peft_type": "LOHA"}, "not a plain LoRA adapter"),
        ({"lora_alpha": None}, "cannot be read as a LoRA adapter"),
    ],
)
def test_other_adapters_are_refused(
    base: Path, tmp_path: Path, config: dict[str, Any], message: str
) -> None:
    strange = write_adapter(tmp_path / "strange", **config)
    with pytest.raises(ModelError, match=message):
        merge_adapter(base, strange, tmp_path / "merged")


def test_an_adapter_of_another_model_is_refused(adapter: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="for another model"):
        merge_adapter(tiny_llama(tmp_path / "wide", hidden_size=64), adapter, tmp_path / "a")
    with pytest.raises(ModelError, match=r"no model\.layers\.1\.mlp\.up_proj\.weight there"):
        merge_adapter(tiny_llama(tmp_path / "flat", num_hidden_layers=1), adapter, tmp_path / "b")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"folder": "relative/adapter"}, "source.folder: give an absolute path"),
        ({"sha256": "abc"}, "source.sha256"),
        ({"rank": 0}, "source.rank"),
        ({"base": None}, "source.base"),
    ],
)
def test_bad_sources(
    base: Path, adapter: Path, tmp_path: Path, changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        load_profile(write_profile(tmp_path, base, adapter, **changed))


def test_no_adapters_beside_an_adapter(profile: Path) -> None:
    source = load_profile(profile).source
    assert isinstance(source, AdapterSource)
    text = profile.read_text() + '\n[[adapters]]\nname = "b"\npath = "/b"\nrank = 4\n'
    profile.write_text(text)
    with pytest.raises(ModelError, match="the source is an adapter already"):
        load_profile(profile)
