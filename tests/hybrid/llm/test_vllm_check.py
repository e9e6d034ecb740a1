"""Every shipped profile is one that the installed vLLM takes; nothing is started."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hybrid.llm.backend import ChatRequest, Message
from hybrid.llm.connect import habits_of
from hybrid.llm.http import HttpBackend
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
    "template": SMALL.model_copy(
        update={
            "chat_template": "--{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
        }
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
from vllm.entrypoints.openai.chat_completion.protocol import ChatCompletionRequest
sent = json.load(sys.stdin)
bodies = {}
for name, body in sent["bodies"].items():
    ChatCompletionRequest.model_validate(body)
    bodies[name] = sorted(body.keys() - ChatCompletionRequest.model_fields.keys())
found = {n: check_profile(Profile.model_validate(p)) for n, p in sent["profiles"].items()}
print(json.dumps({"problems": found, "unknown": bodies}))
"""


MESSAGES = (Message(role="user", content="Total?"),)
REQUESTS = {
    "choice": ChatRequest(messages=MESSAGES, choices=("A", "B"), logprobs=True, seed=1),
    "schema": ChatRequest(messages=MESSAGES, json_schema={"type": "object"}, reasoning=True),
    "drawn": ChatRequest(messages=MESSAGES, temperature=0.8),
    "seeing": ChatRequest(messages=MESSAGES, pictures=("data:image/png;base64,AA==",)),
}


def body_of(profile: Profile, request: ChatRequest) -> dict[str, Any]:
    with HttpBackend("http://llm.test/v1", profile.asked_model, habits=habits_of(profile)) as made:
        return made.body(request)


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    """What vLLM says of all profiles; in a process of its own, which it leaves upside down."""
    profiles: dict[str, Profile] = {**GOOD, **BAD}
    sent = {
        "profiles": {name: profile.model_dump(mode="json") for name, profile in profiles.items()},
        "bodies": {
            f"{name} {kind}": body_of(profile, request)
            for name, profile in GOOD.items()
            for kind, request in REQUESTS.items()
        },
    }
    done = subprocess.run(
        [sys.executable, "-c", _CHECK],
        input=json.dumps(sent),
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture
def problems(said: dict[str, Any]) -> dict[str, list[str]]:
    return dict(said["problems"])


def test_vllm_knows_all_that_requests_say(said: dict[str, Any]) -> None:
    assert len(said["unknown"]) == len(REQUESTS) * len(GOOD)
    assert {name: keys for name, keys in said["unknown"].items() if keys} == {}


@pytest.mark.parametrize("name", GOOD)
def test_vllm_takes_a_profile(name: str, problems: dict[str, list[str]]) -> None:
    assert problems[name] == []


@pytest.mark.parametrize("pattern", BAD)
def test_what_vllm_refuses_is_named_by_its_key(
    pattern: str, problems: dict[str, list[str]]
) -> None:
    assert re.match(pattern, problems[pattern][0])
    assert "\n" not in "".join(problems[pattern])
