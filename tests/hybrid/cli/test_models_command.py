"""`hybrid models list`, `show` and `add`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from hybrid.llm.hardware import Machine

Run = Callable[..., Result]
MINE = 'name = "mine"\n[source]\nkind = "hub"\nrepo = "me/mine"\n'


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and configuration, and a machine of 16 GB without a GPU."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HYBRID_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("hybrid.llm.hardware.this_machine", lambda: Machine(16.0))
    return tmp_path / "config" / "hybrid" / "profiles"


def row(output: str, name: str) -> list[str]:
    """The cells of a model's row."""
    line = next(line for line in output.splitlines() if f" {name} " in line)
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_the_list_says_what_fits(run: Run) -> None:
    listed = run("models", "list")
    assert listed.exit_code == 0
    assert row(listed.stdout, "smollm2-135m")[1:6] == ["dense", "0.1 GB", "4.0 GB", "yes", ""]
    assert row(listed.stdout, "qwen3-30b-a3b")[3:5] == ["72 GB", "no"]
    assert row(listed.stdout, "gpt-oss-20b")[1:5] == ["moe, reasoning", "14 GB", "16 GB GPU", "no"]


def test_a_profile_of_ones_own(run: Run, tmp_path: Path, machine: Path, no_vllm: None) -> None:
    file = tmp_path / "draft.toml"
    file.write_text(MINE)
    added = run("models", "add", file)
    assert added.exit_code == 0
    assert added.stdout.strip() == str(machine / "mine.toml")
    assert "were not checked" in added.stderr
    assert row(run("models", "list").stdout, "mine")[3:5] == ["", "?"]
    shown = run("models", "show", "mine")
    assert "me/mine" in shown.stdout
    assert "--served-model-name mine" in shown.stdout


def test_a_server_that_others_run(run: Run, tmp_path: Path, machine: Path, no_vllm: None) -> None:
    file = tmp_path / "draft.toml"
    file.write_text(
        'name = "our-rack"\n[source]\nkind = "server"\nurl = "http://rack-7.test:8000/v1"\n'
    )
    added = run("models", "add", file)
    assert (added.exit_code, added.stderr) == (0, "")
    assert row(run("models", "list").stdout, "our-rack")[2:6] == ["", "", "", "server"]
    shown = run("models", "show", "our-rack").stdout
    assert "http://rack-7.test:8000/v1" in shown
    assert "vLLM gets here" not in shown


@pytest.fixture
def no_vllm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)


def test_a_bad_profile_is_not_added(
    run: Run, tmp_path: Path, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(f"trust = 2\n{MINE}")
    bad = run("models", "add", file)
    assert bad.exit_code == 1
    assert f"error: {file}: trust: Input should be less than or equal to 1" in bad.stderr
    assert len(bad.stderr.strip().splitlines()) == 1
    assert run("models", "add", tmp_path / "none.toml").exit_code == 1
    file.write_text(f'server_args = ["--x"]\n{MINE}')
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    monkeypatch.setattr(
        "hybrid.llm.vllm_check.check_profile", lambda p: [f"server_args: {p.server_args[0]}"]
    )
    refused = run("models", "add", file)
    assert refused.exit_code == 1
    assert f"error: {file}: server_args: --x" in refused.stderr
    assert not machine.exists()


def test_a_broken_file_is_named_below_the_list(run: Run, machine: Path) -> None:
    machine.mkdir(parents=True)
    (machine / "bad.toml").write_text("name = ")
    listed = run("models", "list")
    assert listed.exit_code == 0
    assert "bad.toml: cannot be read as TOML" in listed.stderr


def test_show_says_what_a_machine_gets(run: Run) -> None:
    shown = run("models", "show", "gpt-oss-20b").stdout
    assert "openai_gptoss" in shown
    assert "vLLM gets here" not in shown, "its profile knows no way on a CPU"
    assert "--enforce-eager" in run("models", "show", "smollm2-135m").stdout
    assert "vLLM" not in run("models", "show", "minilm-l6-v2").stdout
    assert run("models", "show", "nope").exit_code == 2


def test_a_model_that_is_made_says_how(run: Run) -> None:
    for command in ("pull", "path"):
        result = run("models", command, "smollm2-moe-4x135m")
        assert result.exit_code == 1
        assert "run `hybrid models upcycle smollm2-135m" in result.stderr
