"""Every shipped profile is one that the installed vLLM takes; nothing is started."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hybrid.llm.profile import Adapter, Hardware, Profile, Serving
from hybrid.llm.profiles import shipped_profiles

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("vllm") is None, reason="vLLM is not installed"
)

SMALL = shipped_profiles()["qwen3-0.6b"]
TENSOR = Hardware(gpus=Serving(flags=("--tensor-parallel-size", "{gpus}")))
GOOD = {name: profile for name, profile in shipped_profiles().items() if profile.is_llm} | {
    "adapter": SMALL.model_copy(
        update={"adapters": (Adapter(name="tuned", path=Path("/a"), rank=24),)}
    ),
    "guidance": SMALL.model_copy(update={"structured_outputs": "guidance"}),
    "outlines": SMALL.model_copy(update={"structured_outputs": "outlines", "hardware": TENSOR}),
}
MANY = Hardware(gpus=Serving(flags=("--max-num-seqs", "many")))
BAD = {
    "hardware.cpu: .*--no-such-flag": SMALL.model_copy(update={"server_args": ("--no-such-flag",)}),
    "hardware.gpus: .*--max-num-seqs: invalid int value: 'many'": SMALL.model_copy(
        update={"hardware": MANY}
    ),
    "architecture: .*'NoSuchForCausalLM'": SMALL.model_copy(
        update={"architecture": "NoSuchForCausalLM"}
    ),
    "reasoning_parser: vLLM has no 'hmm'; it has .*qwen3": SMALL.model_copy(
        update={"reasoning_parser": "hmm"}
    ),
}

_CHECK = """
import json, sys
from hybrid.llm.profile import Profile
from hybrid.llm.vllm_check import check_profile
found = {n: check_profile(Profile.model_validate(p)) for n, p in json.load(sys.stdin).items()}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def problems() -> dict[str, list[str]]:
    """What vLLM says of all profiles; in a process of its own, which it leaves upside down."""
    profiles: dict[str, Profile] = {**GOOD, **BAD}
    sent = {name: profile.model_dump(mode="json") for name, profile in profiles.items()}
    done = subprocess.run(
        [sys.executable, "-c", _CHECK],
        input=json.dumps(sent),
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("name", GOOD)
def test_vllm_takes_a_profile(name: str, problems: dict[str, list[str]]) -> None:
    assert problems[name] == []


@pytest.mark.parametrize("pattern", BAD)
def test_what_vllm_refuses_is_named_by_its_key(
    pattern: str, problems: dict[str, list[str]]
) -> None:
    assert re.match(pattern, problems[pattern][0])
    assert "\n" not in "".join(problems[pattern])
