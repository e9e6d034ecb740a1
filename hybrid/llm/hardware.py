"""The machine that models are served on: its memory, its GPUs, and which models fit."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass

from hybrid.llm.profile import HardwareClass, Profile, Serving


@dataclass(frozen=True)
class Machine:
    """What a machine has.

    Attributes:
        memory_gb: Main memory in 10^9 bytes, or None where it cannot be found out.
        gpus_gb: Memory of each NVIDIA GPU that works, in 10^9 bytes.
    """

    memory_gb: float | None
    gpus_gb: tuple[float, ...] = ()

    @property
    def hardware_class(self) -> HardwareClass:
        """Where this machine belongs."""
        return ("cpu", "gpu")[len(self.gpus_gb)] if len(self.gpus_gb) < 2 else "gpus"

    @property
    def parallel(self) -> int:
        """GPUs that are used together: attention heads can seldom be shared out among 3 or 6."""
        return 1 << max(len(self.gpus_gb).bit_length() - 1, 0)

    def serving(self, profile: Profile) -> tuple[HardwareClass, Serving] | None:
        """How this machine serves a model, or None where its profile knows no way."""
        hardware = profile.hardware
        found = getattr(hardware, self.hardware_class)
        if found is None and self.hardware_class == "gpus" and hardware.gpu is not None:
            return "gpu", hardware.gpu
        return (self.hardware_class, found) if found is not None else None

    def memory_for(self, hardware_class: HardwareClass) -> float | None:
        """Memory in 10^9 bytes that a model served in that class can have here."""
        if hardware_class == "cpu":
            return self.memory_gb
        ranked = sorted(self.gpus_gb, reverse=True)
        return sum(ranked[: self.parallel if hardware_class == "gpus" else 1])

    def fits(self, profile: Profile) -> bool | None:
        """Whether the memory suffices; None where one of the two is not known."""
        served = self.serving(profile)
        if served is None:
            return False
        hardware_class, serving = served
        there = self.memory_for(hardware_class)
        if serving.memory_gb is None or there is None:
            return None
        return serving.memory_gb <= there


def this_machine() -> Machine:
    """The machine that this runs on."""
    return Machine(memory_gb(), gpus_gb())


def memory_gb() -> float | None:
    """Main memory in 10^9 bytes, or None where it cannot be found out."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return None


def gpus_gb() -> tuple[float, ...]:
    """Memory of each NVIDIA GPU that this process may use, in 10^9 bytes; empty where none works."""
    if shutil.which("nvidia-smi") is None:
        return ()
    command = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return ()
    # nvidia-smi counts in MiB.
    sizes = tuple(int(x) * 2**20 / 1e9 for x in done.stdout.split() if x.isdigit())
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return sizes
    # Ids that are no numbers (UUIDs) are taken for the first GPUs: all of a machine are mostly alike.
    wanted = [int(x) if x.strip().isdigit() else n for n, x in enumerate(visible.split(",")) if x]
    return tuple(sizes[n] for n in wanted if n < len(sizes))


def gpu_memory_gb() -> float | None:
    """Memory of the largest NVIDIA GPU in 10^9 bytes, or None where there is none that works."""
    return max(gpus_gb(), default=None)
