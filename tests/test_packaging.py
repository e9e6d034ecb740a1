"""A wheel works away from the source tree, beside a user's own `eval` and `prompts`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(command: list[str | Path], folder: Path, timeout: float = 300) -> str:
    """Standard output of a command that has to succeed, without a trace of this source tree."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    result = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this source tree."""
    out = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT], out)
    (built,) = out.glob("*.whl")
    return built


@dataclass(frozen=True)
class Installation:
    """An environment that has the wheel, and a user's folder to work in.

    Attributes:
        bin: The environment's commands.
        packages: Its site-packages.
        folder: Of a user who has packages `eval` and `prompts`; outside the source tree.
    """

    bin: Path
    packages: Path
    folder: Path

    def python(self, code: str) -> Any:
        """What the code prints, read as JSON."""
        return json.loads(run([self.bin / "python", "-c", code], self.folder).splitlines()[-1])


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel in a fresh environment.

    Its dependencies are those of this one, by a plain path: Python does not process the `.pth`
    files behind such a path, so the editable install of this source tree stays invisible.
    """
    home = tmp_path_factory.mktemp("installed")
    venv.create(home / "venv", with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(home / "venv" / "bin" / "python")]
    run([*pip, "install", "--quiet", "--no-input", "--no-deps", "--no-index", wheel], home)
    (packages,) = (home / "venv" / "lib").glob("python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    folder = tmp_path_factory.mktemp("user")
    for name in ("eval", "prompts"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(f"OWNER = 'the user, in {name}'\n")
    return Installation(bin=home / "venv" / "bin", packages=packages, folder=folder)


def test_wheel_carries_everything_that_is_shipped(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {
        f"{there}/{path.relative_to(ROOT / here)}"
        for here, there in (
            ("hybrid", "hybrid"),
            ("eval", "hybrid_eval"),
            ("prompts", "hybrid/_prompts"),
        )
        for path in (ROOT / here).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    metadata = {name for name in names if ".dist-info/" in name}
    assert names - metadata == shipped
    assert any(name.endswith("licenses/LICENSE") for name in metadata)
    for part in ("hybrid/checkpoints/receipts/", "hybrid/checkpoints/forms/", "hybrid/_prompts/"):
        assert any(name.startswith(part) for name in names), part
    for part in ("hybrid/llm/profiles/", "hybrid_eval/samples/documents/"):
        assert any(name.startswith(part) for name in names), part
    assert "hybrid/py.typed" in names


def test_wheel_claims_no_name_that_users_have(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in tops if not name.endswith(".dist-info")} == {"hybrid", "hybrid_eval"}


def test_installed_package_does_not_see_the_source_tree(installation: Installation) -> None:
    code = (
        "import sys, json, hybrid, hybrid.resources as r; "
        "print(json.dumps([hybrid.__file__, str(r.prompts_dir()), str(r.checkpoints_dir()), sys.path]))"
    )
    *places, search_path = installation.python(code)
    for place in places:
        assert Path(place).is_relative_to(installation.packages)
        assert Path(place).exists()
    assert str(ROOT) not in search_path


def test_a_users_own_packages_stay_theirs(installation: Installation) -> None:
    code = (
        "import json, eval, prompts, hybrid.resources as r; m = r.load_evaluation('samples.demo'); "
        "import sys; print(json.dumps([eval.OWNER, prompts.OWNER, m.__name__, m.__file__, "
        "sys.modules['eval'].OWNER]))"
    )
    eval_owner, prompts_owner, name, file, afterwards = installation.python(code)
    assert eval_owner == afterwards == "the user, in eval"
    assert prompts_owner == "the user, in prompts"
    assert name == "hybrid_eval.samples.demo"
    assert Path(file).is_relative_to(installation.packages / "hybrid_eval")


def test_checkout_loads_its_own_evaluation_too(installation: Installation) -> None:
    """The same from an editable install: the user's `eval` in the current directory is not it."""
    code = (
        "import json, eval, hybrid.resources as r; m = r.load_evaluation('samples.demo'); "
        "print(json.dumps([eval.OWNER, m.__name__, m.__file__, str(r.prompts_dir())]))"
    )
    printed = run([sys.executable, "-c", code], installation.folder)
    owner, name, file, prompts = json.loads(printed.splitlines()[-1])
    assert owner == "the user, in eval"
    assert name == "hybrid_eval.samples.demo"
    assert Path(file) == ROOT / "eval" / "samples" / "demo.py"
    assert Path(prompts) == ROOT / "prompts"


def extract_sample(
    installation: Installation, schema: str, llm: str, out: str, checkpoint: str | None = None
) -> dict[str, Any]:
    """The result of the first bundled document of a schema, made by the installed command.

    The checkpoint is the document's own where none is named.
    """
    samples = installation.packages / "hybrid_eval" / "samples"
    gold = {f.stem: json.loads(f.read_text("utf-8")) for f in (samples / "gold").glob("*.json")}
    stem = min(stem for stem in gold if gold[stem]["schema"] == schema)
    (document,) = (samples / "documents").glob(f"{stem}.*")
    checkpoint = checkpoint or gold[stem]["checkpoint"]
    options = ["--schema", schema, "--checkpoint", checkpoint, "--llm", llm]
    run(
        [installation.bin / "hybrid", "extract", document, *options, "--out", out],
        installation.folder,
    )
    assert (installation.folder / out / f"{stem}.html").is_file()
    text = (installation.folder / out / f"{stem}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def test_installed_command_extracts_without_llm(installation: Installation) -> None:
    result = extract_sample(installation, "receipt", "none", "out-gcn")
    total = result["fields"]["total"]
    assert total["value"] is not None
    assert total["citations"]
    assert result["run"]["llm_model"] is None


@pytest.mark.vllm
@pytest.mark.slow
def test_installed_command_extracts_with_a_model_by_url(
    installation: Installation, vllm_server: str
) -> None:
    # A checkpoint for forms knows no totals of receipts, so the LLM is asked.
    result = extract_sample(installation, "itemized-receipt", vllm_server, "out-llm", "forms")
    assert result["run"]["llm_model"] == "smollm2-135m"
    assert result["run"]["usage"]["requests"] > 0
