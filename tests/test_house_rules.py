"""Rules of this code base that no linter knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted([*(ROOT / "hybrid").rglob("*.py"), *(ROOT / "eval").rglob("*.py")])
LONGEST = 400
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "joblib"}
UNSAFE_CALLS = {"eval", "exec", "os.system", "os.popen", "torch.load", "torch.save"}


def unsafe_parts(tree: ast.AST) -> Iterator[str]:
    """What runs code out of data, or a command through a shell: `line: what`."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found = [alias.name for alias in names if alias.name in UNSAFE_MODULES]
            case ast.ImportFrom(module=str(module), level=0):
                found = [module] if module.split(".")[0] in UNSAFE_MODULES else []
            case ast.Call(func=function, keywords=keywords):
                found = [ast.unparse(function)] if ast.unparse(function) in UNSAFE_CALLS else []
                found += ["shell=True" for k in keywords if ast.unparse(k) == "shell=True"]
            case _:
                continue
        for what in found:
            yield f"{node.lineno}: {what}"


def absolute_imports_of_evaluation(tree: ast.AST) -> Iterator[int]:
    """Lines that import `eval` by a name that an installed wheel does not have."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if any(n.name.split(".")[0] == "eval" for n in names):
                yield node.lineno
            case ast.ImportFrom(module=str(module), level=0) if module.split(".")[0] == "eval":
                yield node.lineno


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_source_file(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) <= LONGEST, "more than one idea in this file"
    assert list(unsafe_parts(tree)) == []
    assert list(absolute_imports_of_evaluation(tree)) == [], (
        "use relative imports (decisions.md, 1)"
    )


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from pickle import loads",
        "eval('1')",
        "import subprocess\nsubprocess.run('ls', shell=True)",
        "import torch\ntorch.load('x')",
    ],
)
def test_unsafe_code_is_found(code: str) -> None:
    assert len(list(unsafe_parts(ast.parse(code)))) == 1


def test_harmless_code_is_not_found() -> None:
    code = "from .pickle import x\nmodel.eval()\nimport subprocess\nsubprocess.run(['ls'])"
    assert list(unsafe_parts(ast.parse(code))) == []


def test_absolute_imports_of_evaluation_are_found() -> None:
    code = "import eval.datasets\nfrom eval import x\nfrom . import y\nimport evaluate"
    assert list(absolute_imports_of_evaluation(ast.parse(code))) == [1, 2]


def test_there_are_sources() -> None:
    assert ROOT / "hybrid" / "document.py" in SOURCES
    assert ROOT / "eval" / "__init__.py" in SOURCES
