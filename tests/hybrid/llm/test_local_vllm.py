"""The real thing in this process: the same answers, votes, refusals and counts as over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hybrid.llm.backend import ChatReply, RequestRefusedError
from hybrid.llm.connect import connect
from hybrid.llm.local import connect_local
from hybrid.llm.probe import probe
from hybrid.llm.server_metrics import prefix_cache
from tests.hybrid.llm.test_vllm import CHOICE, PAGE, SCHEMA, _is_running

pytestmark = [pytest.mark.vllm, pytest.mark.slow]


def seen_over(backend: Any) -> dict[str, Any]:
    """What a backend does, as JSON."""
    features = probe(backend)
    before = prefix_cache(backend)
    message = CHOICE.messages[-1].model_copy(update={"content": f"{PAGE}\n" + "word " * 9000})
    too_long = CHOICE.model_copy(update={"messages": (message,)})
    chosen, filled, refused = backend.complete_many([CHOICE, SCHEMA, too_long])
    assert isinstance(chosen, ChatReply)
    assert isinstance(filled, ChatReply)
    again = backend.complete(CHOICE)
    after = prefix_cache(backend)
    assert before is not None
    assert after is not None
    return {
        "model": backend.model,
        "missing": features.missing,
        "chosen": chosen.text,
        "votes": chosen.logprobs,
        "filled": json.loads(filled.text),
        "refused": isinstance(refused, RequestRefusedError) and "4096" in str(refused),
        "prompt_tokens": again.usage.prompt_tokens,
        "cached": again.usage.cached_tokens >= 128,
        "counted": (after - before).hits >= again.usage.cached_tokens,
    }


_PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
from tests.hybrid.llm.test_local_vllm import in_this_process

if __name__ == "__main__":
    in_this_process()
"""


def in_this_process() -> None:
    """Prints what the local engine does and which processes it has, and is there until killed."""
    with connect_local("smollm2-135m") as backend:
        seen = seen_over(backend)
        print(json.dumps(seen | {"processes": _children(os.getpid())}), flush=True)
        time.sleep(600)


def test_it_does_what_the_server_does_and_is_not_outlived(vllm_server: str, tmp_path: Path) -> None:
    program, log = tmp_path / "program.py", tmp_path / "errors.txt"
    program.write_text(_PROGRAM)
    command = [sys.executable, str(program), str(Path(__file__).parents[3])]
    # As small as it gets, beside the server that all tests share.
    environment = os.environ | {"VLLM_CPU_KVCACHE_SPACE": "1"}
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        assert process.stdout is not None
        line = process.stdout.readline()  # nothing else is said there
        process.kill()
    assert line, log.read_text()[-3000:]
    local = json.loads(line)
    processes = local.pop("processes")
    assert len(processes) >= 2, "the guard and the engine's own"
    with connect(vllm_server) as backend:
        served = seen_over(backend)
    # One step of a bfloat16 logit of 16 to 32 is an eighth, and batches add up in other orders.
    assert local.pop("votes") == pytest.approx(served.pop("votes"), abs=0.15)
    assert local == served
    assert served["missing"] == []
    assert served["refused"]
    assert served["cached"]
    assert served["counted"]
    deadline = time.monotonic() + 15
    while (left := list(filter(_is_running, processes))) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def _children(pid: int) -> list[int]:
    """All that a process started, and what these started."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found = [pid]
    for known in found:
        found += [child for child, parent in parents.items() if parent == known]
    return found[1:]
