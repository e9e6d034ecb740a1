"""The engine in this process, with a vLLM that only pretends, in a program of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hybrid.errors import ModelError
from hybrid.llm.connect import check
from hybrid.llm.local import LocalEngine, connect_local

_ENTRY = """
import contextlib, json, logging, multiprocessing, os, time
logging.getLogger("vllm").info("imported")


def compute():
    time.sleep(600)


class Engine:
    model_config = None
    errored = False

    async def get_supported_tasks(self):
        return ("generate",)


@contextlib.asynccontextmanager
async def build_async_engine_client(arguments):
    mode = os.environ["FAKE_VLLM"]
    core = multiprocessing.get_context(os.environ["VLLM_WORKER_MULTIPROC_METHOD"]).Process(target=compute)
    core.start()
    with open(os.environ["FAKE_VLLM_PIDS"], "w") as file:
        json.dump(core.pid, file)
    os.environ["SET_BY_VLLM"] = "1"
    if mode == "die":
        logging.getLogger("vllm").error("ValueError: too little memory")
        raise RuntimeError("Engine core initialization failed. See root cause above.")
    if mode == "hang":
        core.join()
        raise RuntimeError("the core was killed")
    engine = Engine()
    yield engine
    if mode != "careless":
        core.terminate()


def build_app(arguments, tasks, model_config):
    async def app(scope, receive, send):
        import signal
        await receive()
        if scope["path"] == "/crash":
            app.state.engine.errored = True
        blocked = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        told = {"model": arguments.model, "name": arguments.served_model_name, "blocked": blocked}
        choice = {"message": {"role": "assistant", "content": json.dumps(told)}}
        body = json.dumps({"choices": [choice]}).encode()
        head = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})
    app.state = type("State", (), {})()
    return app


async def init_app_state(engine, state, arguments, tasks):
    state.engine = engine
"""
_PACKAGE = {
    "entrypoints/launchers/api_server/entry.py": _ENTRY,
    "entrypoints/launchers/cli_args.py": """
        def make_arg_parser(parser):
            parser.add_argument("--model")
            parser.add_argument("--served-model-name")
            return parser
    """,
    "utils/argparse_utils.py": """
        import argparse

        class FlexibleArgumentParser(argparse.ArgumentParser):
            def parse_args(self, arguments):
                return self.parse_known_args(arguments)[0]
    """,
    "logger.py": """
        import json, logging.config, os

        def configure_logging_from_args(arguments):
            with open(os.environ["VLLM_LOGGING_CONFIG_PATH"]) as file:
                logging.config.dictConfig(json.load(file))
    """,
}
_PROGRAM = """
import os, sys, time
from hybrid.errors import ServerError
from hybrid.llm import vllm_command
from hybrid.llm.backend import ChatRequest, Message
from hybrid.llm.connect import backend_of
from hybrid.llm.local import LocalEngine, URL, connect_local

REQUEST = ChatRequest(messages=(Message(role="user", content="?"),))


def main(folder, mode):
    vllm_command.is_cpu_build = lambda: True
    before = dict(os.environ)
    if mode == "start":
        try:
            LocalEngine(folder, startup_timeout=2.0).start()
        except ServerError as error:
            print(error, flush=True)
            return
    with connect_local(folder, on_status=lambda text: print(text, file=sys.stderr)) as backend:
        assert dict(os.environ) == before, set(os.environ) ^ set(before)
        print(backend.complete(REQUEST).text, flush=True)
        if mode == "sleep":
            time.sleep(600)
        if mode == "crash":
            backend._http.get("http://this-process/crash")
            try:
                backend.complete(REQUEST)
            except ServerError as error:
                print(error, backend.available, flush=True)
        if mode == "raise":
            raise SystemExit(3)


if __name__ == "__main__":
    main(*sys.argv[1:])
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The program's file; beside it a package that is named vllm and pretends."""
    for name, text in _PACKAGE.items():
        path = tmp_path / "fake" / "vllm" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        for parent in path.relative_to(tmp_path / "fake").parents:
            if parent.name:
                (tmp_path / "fake" / parent / "__init__.py").touch()
    path = tmp_path / "program.py"
    path.write_text(_PROGRAM)
    return path


@contextmanager
def running(program: Path, folder: Path, mode: str, vllm: str) -> Iterator[Any]:
    fake = program.with_name("fake")
    environment = os.environ | {
        "PYTHONPATH": f"{fake}{os.pathsep}{Path(__file__).parents[3]}",
        "HYBRID_HOME": str(program.with_name("home")),
        "FAKE_VLLM": vllm,
        "FAKE_VLLM_PIDS": str(program.with_name("core.json")),
    }
    command = [sys.executable, str(program), str(folder), mode]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def core_of(program: Path) -> int:
    return int(json.loads(program.with_name("core.json").read_text()))


def ends(pid: int, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(("mode", "vllm"), [("once", "serve"), ("raise", "careless")])
def test_it_answers_and_leaves_nothing(
    program: Path, model_folder: Path, mode: str, vllm: str
) -> None:
    with running(program, model_folder, mode, vllm) as process:
        output, errors = process.communicate(timeout=120)
    assert process.returncode == (3 if mode == "raise" else 0), errors
    told = json.loads(output)
    assert told == {"model": str(model_folder), "name": "tiny-model", "blocked": True}
    assert "starting vLLM in this process with tiny-model" in errors
    assert ends(core_of(program))
    (log,) = program.with_name("home").glob("logs/*")
    assert "imported" not in output + errors
    assert log.suffix == ".log"


def test_a_killed_program_leaves_nothing(program: Path, model_folder: Path) -> None:
    with running(program, model_folder, "sleep", "serve") as process:
        assert process.stdout.readline()
        core = core_of(program)
        assert not ends(core, 0.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert ends(core)


def test_an_engine_that_dies_at_once_says_why(program: Path, model_folder: Path) -> None:
    with running(program, model_folder, "start", "die") as process:
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "vLLM did not start in this process: ValueError: too little memory (log: " in output
    assert ends(core_of(program))


def test_an_engine_that_is_never_ready(program: Path, model_folder: Path) -> None:
    with running(program, model_folder, "start", "hang") as process:
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "vLLM was not ready after 2 s" in output
    assert ends(core_of(program))


def test_an_engine_that_dies_later_is_down(program: Path, model_folder: Path) -> None:
    with running(program, model_folder, "crash", "serve") as process:
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "is down: it has ended: " in output
    assert output.strip().endswith("False")


def test_what_cannot_run_in_this_process(home: Path) -> None:
    with pytest.raises(ModelError, match="takes a model that was pulled, not 'http"):
        check("http://llm.test/v1", "local")
    with pytest.raises(ModelError, match="encoder"):
        LocalEngine("minilm-l6-v2")
    with pytest.raises(ModelError, match="hybrid models pull"), connect_local("smollm2-135m"):
        pass
