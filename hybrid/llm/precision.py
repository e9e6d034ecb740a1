"""Precision: in which numbers a CPU computes fast.

Models are published in bfloat16. Cores without instructions for it multiply such matrices number by number:
with AVX2 alone (AMD before Zen 4, Intel's desktop and laptop processors) vLLM 0.32 read a 135 million parameter
model's prompts 4.3 times as fast in float32, and wrote 3.4 times as fast.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hybrid.llm.hardware import Machine
from hybrid.llm.profile import Dtype, Profile

_CPUINFO = Path("/proc/cpuinfo")
_WITH_BFLOAT16 = (
    {"avx512f", "avx512bw", "avx512vl", "avx512dq"},  # oneDNN makes do with these
    {"avx_ne_convert"},
    {"bf16"},  # ARM
)
"""Instructions of which one set suffices, as Linux calls them; oneDNN's and PyTorch's own conditions."""


@cache
def computes_bfloat16() -> bool:
    """Whether this machine's cores are as fast in bfloat16 as in float32; True where nothing tells."""
    try:
        lines = _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        return True
    told = next((line for line in lines if line.startswith(("flags", "Features"))), None)
    if told is None:
        return True
    known = set(told.partition(":")[2].split())
    return any(needed <= known for needed in _WITH_BFLOAT16)


def served_dtype(profile: Profile, machine: Machine, folder: Path | None = None) -> Dtype:
    """The numbers in which vLLM computes here: those of the profile, where they are not slow here.

    float32 takes the memory of the weights once more; where that is not there the profile holds.

    Args:
        profile: Of the model.
        machine: That serves it.
        folder: With the model's weights; None where it is not here yet.
    """
    served = machine.serving(profile)
    if profile.dtype == "float32" or served is None or served[0] != "cpu" or computes_bfloat16():
        return profile.dtype
    weights = sum(f.stat().st_size for f in folder.glob("*.safetensors")) / 1e9 if folder else 0.0
    needed = (served[1].memory_gb or 0.0) + weights
    return "float32" if machine.memory_gb is None or needed <= machine.memory_gb else profile.dtype
