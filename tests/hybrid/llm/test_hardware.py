"""Which class a machine belongs to, and which models fit it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from hybrid.llm.hardware import Machine, gpu_memory_gb, gpus_gb, this_machine
from hybrid.llm.profile import Hardware, HubSource, Profile, Serving
from hybrid.llm.profiles import load_profile

EVERYWHERE = Profile(
    name="x",
    source=HubSource(repo="me/x"),
    hardware=Hardware(
        cpu=Serving(memory_gb=16), gpu=Serving(memory_gb=20), gpus=Serving(memory_gb=30)
    ),
)
ONE_GPU = EVERYWHERE.model_copy(update={"hardware": Hardware(gpu=Serving(memory_gb=20))})


@pytest.mark.parametrize(
    ("machine", "hardware_class", "parallel", "fits"),
    [
        (Machine(8), "cpu", 1, False),
        (Machine(17), "cpu", 1, True),
        (Machine(None), "cpu", 1, None),
        (Machine(8, (24,)), "gpu", 1, True),
        (Machine(64, (16,)), "gpu", 1, False),
        (Machine(8, (16, 16)), "gpus", 2, True),
        (Machine(8, (12, 12)), "gpus", 2, False),
        (Machine(8, (12, 12, 12)), "gpus", 2, False),
        (Machine(8, (12,) * 7), "gpus", 4, True),
    ],
)
def test_a_machine(machine: Machine, hardware_class: str, parallel: int, fits: bool | None) -> None:
    assert machine.hardware_class == hardware_class
    assert machine.parallel == parallel
    assert machine.fits(EVERYWHERE) is fits
    served = machine.serving(EVERYWHERE)
    assert served is not None
    assert served[0] == hardware_class


def test_a_model_for_one_gpu() -> None:
    assert Machine(64).serving(ONE_GPU) is None
    assert Machine(64).fits(ONE_GPU) is False
    two = Machine(8, (12, 24))
    served = two.serving(ONE_GPU)
    assert served is not None
    assert served[0] == "gpu"
    assert two.fits(ONE_GPU)
    assert not Machine(8, (12, 12)).fits(ONE_GPU), "one GPU's memory counts, not their sum"


def test_memory_that_nobody_knows() -> None:
    unknown = EVERYWHERE.model_copy(update={"hardware": Hardware(cpu=Serving())})
    assert Machine(8).fits(unknown) is None


def test_large_models_do_not_fit_a_laptop() -> None:
    laptop, rack = Machine(16), Machine(512, (85,) * 8)
    for name in ("gpt-oss-120b", "mixtral-8x7b", "qwen3-30b-a3b", "reflection-llama-3.1-70b"):
        assert laptop.fits(load_profile(name)) is False
        assert rack.fits(load_profile(name)) is True
    assert laptop.fits(load_profile("smollm2-135m"))


@pytest.fixture
def nvidia(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretends an nvidia-smi that says this."""

    def make(said: str, code: int = 0) -> None:
        monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/nvidia-smi")
        done = subprocess.CompletedProcess([], code, said, "")
        monkeypatch.setattr("subprocess.run", lambda *_, **__: done)
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    return make


def test_gpus_are_counted(nvidia: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    nvidia("24564\n24564\n81559\n")
    assert [round(gb, 1) for gb in gpus_gb()] == [25.8, 25.8, 85.5]
    assert round(gpu_memory_gb() or 0, 1) == 85.5
    assert this_machine().hardware_class == "gpus"
    for visible, count in [("", 0), ("2", 1), ("0,1", 2), ("7", 0), ("GPU-aa,GPU-bb", 2)]:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        assert len(gpus_gb()) == count


def test_a_driver_that_does_not_work_is_no_gpu(nvidia: Callable[..., None]) -> None:
    nvidia("NVIDIA-SMI has failed\n", code=9)
    assert gpus_gb() == ()
    assert gpu_memory_gb() is None


def test_this_machine_has_memory() -> None:
    assert (this_machine().memory_gb or 0) > 0.5
