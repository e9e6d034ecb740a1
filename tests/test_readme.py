"""Every command and program in the README runs."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SAMPLE = ROOT / "eval" / "samples" / "documents" / "receipt-hardware.png"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


COMMANDS = [line for block in blocks("bash") for line in block.splitlines() if line.strip()]
NEED_LLM = [c for c in COMMANDS if "smollm2-135m" in c and "models" not in c]
LIMITED = {
    "hybrid train": ["--limit", "6", "--epochs", "1"],
    "hybrid bench gcn": ["--pages", "2"],
    "hybrid bench graph": ["--boxes", "50,100"],
}
"""Added to commands that would take long."""


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)
    if words[0] == "make":
        words.insert(1, "-n")  # the set-up has tests of its own; here the target must exist
    else:
        for start, extra in LIMITED.items():
            if command.startswith(start):
                words += extra
        words = [sys.executable, "-m", *words]
        if "extract" in words:
            words += ["--out", str(folder / "out")]
        words = [str(folder / w) if w == "my-forms" or w.startswith("runs/") else w for w in words]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=500)


EVALUATION = [c for c in COMMANDS if c.startswith("hybrid eval")]


@pytest.mark.slow
def test_commands_of_the_evaluation(tmp_path: Path) -> None:
    assert {c.split()[2] for c in EVALUATION} == {"run", "score", "compare"}
    for command in EVALUATION:  # each works on what the one before left
        done = run(command, tmp_path)
        assert done.returncode == 0, f"{command}\n{done.stderr[-2000:]}"
    for name in ("own/report.html", "own/results.json", "drawn/report.html", "comparison.html"):
        assert (tmp_path / "runs" / name).stat().st_size > 1000


@pytest.mark.slow
@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in (*NEED_LLM, *EVALUATION)])
def test_command(command: str, tmp_path: Path) -> None:
    done = run(command, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    if "extract" in command:
        assert list((tmp_path / "out").glob("*.json"))


@pytest.mark.vllm
@pytest.mark.slow
def test_commands_and_program_that_need_an_llm(tmp_path: Path) -> None:
    serve, extract = NEED_LLM
    assert serve.startswith("hybrid serve")
    log = (tmp_path / "serve.log").open("w")
    words = [sys.executable, "-m", *shlex.split(serve)]
    server = subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        from hybrid.llm.registry import find_running_server

        deadline = time.monotonic() + 400
        while find_running_server("smollm2-135m-receipts") is None:
            assert server.poll() is None, (tmp_path / "serve.log").read_text()[-2000:]
            assert time.monotonic() < deadline
            time.sleep(1)
        done = run(extract, tmp_path)
        assert done.returncode == 0, done.stderr[-2000:]
        program = next(b for b in blocks("python") if "from_pretrained" in b)
        shutil.copy(SAMPLE, tmp_path / "receipt.jpg")  # told by its content, not by its name
        found = subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert found.returncode == 0, found.stderr[-2000:]
        assert found.stdout.startswith("26.30 ")
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(60) is not None
        log.close()


def test_schema_example_is_valid() -> None:
    from hybrid.schema import FieldSchema

    program = next(b for b in blocks("python") if "class Fuel" in b)
    names: dict[str, object] = {"__name__": "readme"}
    # Our own README; without the annotations-as-strings of this file.
    exec(compile(program, "README.md", "exec", dont_inherit=True), names)
    leaves = FieldSchema(names["Fuel"]).by_path  # type: ignore[arg-type]
    assert leaves["station"].labels == ("company",)
    assert "Volume" in leaves["litres"].keys


def test_links_and_pictures_exist() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target
    assert (ROOT / "docs" / "report.png").stat().st_size > 20_000
