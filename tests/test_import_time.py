"""`import hybrid` and the CLI start fast: what is heavy is imported only when it is needed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "torch_geometric", "transformers", "vllm", "onnxruntime", "rapidocr")
OPTIONAL = ("openai", "polars", "sklearn", "pypdfium2", "cv2", "autogen_core")
ROOT = Path(__file__).resolve().parents[1]
PROBE = """
import importlib, json, sys
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
print(json.dumps([name for name in json.loads(sys.argv[2]) if name in sys.modules]))
"""


def loaded_by(modules: list[str], watched: tuple[str, ...]) -> list[str]:
    """Which of the watched packages a fresh interpreter has loaded after importing `modules`."""
    result = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(modules), json.dumps(watched)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return list(json.loads(result.stdout.splitlines()[-1]))


def light_modules() -> list[str]:
    """Every module but those of graph, GCN and tuning, which are imported lazily as a whole."""
    names = []
    for path in sorted((ROOT / "hybrid").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[1] not in {"gcn", "graph", "tuning", "__main__"}:
            names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


@pytest.mark.parametrize("module", ["hybrid", "hybrid.cli"])
def test_front_doors_load_nothing_heavy(module: str) -> None:
    assert loaded_by([module], HEAVY + OPTIONAL) == []


def test_every_light_module_loads_nothing_heavy() -> None:
    modules = light_modules()
    assert "hybrid.document" in modules
    assert loaded_by(modules, HEAVY) == []


def test_the_probe_sees_a_heavy_package() -> None:
    assert loaded_by(["onnxruntime"], HEAVY) == ["onnxruntime"]
