"""In which numbers vLLM computes on a CPU."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from hybrid.llm import precision
from hybrid.llm.hardware import Machine
from hybrid.llm.precision import computes_bfloat16, served_dtype
from hybrid.llm.profile import Profile
from hybrid.llm.profiles import load_profile
from hybrid.llm.vllm_command import precision_told, vllm_flags

LAPTOP = "processor : 0\nflags\t\t: fpu sse2 avx avx2 fma\n\nprocessor : 1\nflags : fpu avx512f\n"


@pytest.fixture
def profile() -> Profile:
    return load_profile("smollm2-135m")


@pytest.fixture
def cpuinfo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "cpuinfo"
    monkeypatch.setattr(precision, "_CPUINFO", path)
    computes_bfloat16.cache_clear()
    yield path
    computes_bfloat16.cache_clear()


@pytest.mark.parametrize(
    ("told", "fast"),
    [
        (LAPTOP, False),
        ("flags : avx2 avx512f avx512dq avx512cd avx512bw avx512vl\n", True),
        ("flags : avx2 avx512f\n", False),
        ("flags : avx2 avx_vnni avx_ne_convert\n", True),
        ("Features : fp asimd bf16 i8mm\n", True),
        ("Features : fp asimd atomics\n", False),
        ("nothing is told\n", True),
        (None, True),
    ],
)
def test_by_the_instructions_of_the_cores(cpuinfo: Path, told: str | None, fast: bool) -> None:
    if told is not None:
        cpuinfo.write_text(told)
    assert computes_bfloat16() is fast


def test_pytorch_says_the_same_of_this_machine() -> None:
    computes_bfloat16.cache_clear()
    assert computes_bfloat16() == torch.ops.mkldnn._is_mkldnn_bf16_supported()


def test_slow_cores_compute_in_float32(cpuinfo: Path, profile: Profile) -> None:
    cpuinfo.write_text(LAPTOP)
    machine = Machine(16.0)
    assert served_dtype(profile, machine) == "float32"
    assert served_dtype(profile.model_copy(update={"dtype": "auto"}), machine) == "float32"
    assert served_dtype(profile, Machine(16.0, (24.0,))) == "bfloat16", "the GPU computes"
    cpuinfo.write_text("flags : avx512f avx512bw avx512vl avx512dq\n")
    computes_bfloat16.cache_clear()
    assert served_dtype(profile, machine) == "bfloat16"


def test_not_where_the_memory_does_not_suffice(
    cpuinfo: Path, profile: Profile, tmp_path: Path
) -> None:
    cpuinfo.write_text(LAPTOP)
    cpu = profile.hardware.cpu
    assert cpu is not None
    needed = cpu.memory_gb
    assert needed is not None
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"")
    with weights.open("r+b") as file:
        file.truncate(10**9)
    assert served_dtype(profile, Machine(needed + 1), tmp_path) == "float32"
    assert served_dtype(profile, Machine(needed + 0.9), tmp_path) == "bfloat16"
    assert served_dtype(profile, Machine(None), tmp_path) == "float32"


def test_it_is_told_and_a_profile_can_insist(profile: Profile) -> None:
    cpu = profile.hardware.cpu
    assert cpu is not None
    flags = vllm_flags(profile, "cpu", cpu, dtype="float32")
    assert flags[flags.index("--dtype") + 1] == "float32"
    assert precision_told(profile, flags).startswith(" in float32, since")
    insists = profile.model_copy(update={"server_args": ("--dtype", "bfloat16")})
    assert precision_told(insists, vllm_flags(insists, "cpu", cpu, dtype="float32")) == ""
    assert precision_told(profile, vllm_flags(profile, "cpu", cpu)) == ""
