"""`version`, `models`, `train`, `serve`, and every `--help`."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from hybrid.version import __version__

Run = Callable[..., Result]


@pytest.mark.parametrize(
    "command",
    [
        "",
        "extract",
        "train",
        "tune",
        "models",
        "models list",
        "models pull",
        "models path",
        "models best",
        "models show",
        "models add",
        "serve",
        "version",
    ],
)
def test_help(run: Run, plain: Callable[[str], str], command: str) -> None:
    result = run(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Usage:" in plain(result.output)


def test_version(run: Run) -> None:
    data = json.loads(run("version", "--json").stdout)
    assert data["hybrid"] == __version__
    assert data["packages"]["pydantic"]
    assert f"hybrid {__version__}" in run("version").stdout


def test_as_a_module() -> None:
    command = [sys.executable, "-m", "hybrid", "version", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["hybrid"] == __version__


def test_models(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYBRID_HOME", str(tmp_path))
    listed = run("models", "list")
    assert listed.exit_code == 0
    assert "smollm2-135m" in listed.stdout
    missing = run("models", "path", "smollm2-135m")
    assert missing.exit_code == 1
    assert "hybrid models pull smollm2-135m" in missing.stderr
    unknown = run("models", "pull", "no-such-model")
    assert unknown.exit_code == 2
    assert "no-such-model" in unknown.stderr
    assert "Traceback" not in unknown.output


def test_the_best_model_is_a_shipped_one(run: Run) -> None:
    from hybrid.llm.profiles import shipped_profiles

    assert run("models", "best").stdout.strip() in shipped_profiles()


def test_serve_refuses_an_unknown_model(run: Run) -> None:
    result = run("serve", "--llm", "no-such-model")
    assert result.exit_code == 2
    assert "no-such-model" in result.stderr
    assert "Traceback" not in result.output


def test_train_refuses_what_it_cannot_do(run: Run, tmp_path: Path) -> None:
    result = run("train", "--dataset", "no-such-dataset", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "no-such-dataset" in result.stderr
    roots = ("--data-root", tmp_path, "--data-root", tmp_path)
    more = run("train", "--dataset", "sroie", *roots, "--out", tmp_path / "out")
    assert more.exit_code == 2
    assert "2 --data-root" in more.stderr
    assert not (tmp_path / "out").exists()
