"""Where the files that travel with the package are: prompts, checkpoints, the evaluation.

In a checkout they stand beside the package, as `prompts/` and `eval/`; in an installed wheel they
are `hybrid/_prompts/` and the package `hybrid_eval`, because users have folders of their own that
are called `prompts` and `eval`. So nothing here looks at the current directory or at `sys.path`:
every place is found from this file's own (docs/decisions.md, 1).
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from hybrid.errors import HybridError, MissingExtraError

_PACKAGE = Path(__file__).resolve().parent
_EVALUATION = "hybrid_eval"


def _checkout() -> Path | None:
    """The source tree that this package stands in, or None where it is installed as a wheel."""
    folder = _PACKAGE.parent
    return folder if (folder / "pyproject.toml").is_file() else None


def prompts_dir() -> Path:
    """The folder of the prompt templates.

    Raises:
        HybridError: If the installation lacks it.
    """
    installed = _PACKAGE / "_prompts"
    if installed.is_dir():
        return installed
    checkout = _checkout()
    if checkout is not None and (checkout / "prompts").is_dir():
        return checkout / "prompts"
    raise HybridError(f"no prompts in {installed}: the installation is damaged, install it again")


def checkpoints_dir() -> Path:
    """The folder of the GCN checkpoints that are shipped; each is a folder of its own in it."""
    return _PACKAGE / "checkpoints"


def checkpoint_folder(checkpoint: str) -> Path:
    """The folder of a shipped checkpoint by its name, or of any other by its path."""
    shipped = checkpoints_dir() / checkpoint
    return shipped if (shipped / "config.json").is_file() else Path(checkpoint)


def load_evaluation(module: str) -> ModuleType:
    """Imports a module of the evaluation, always as `hybrid_eval.<module>`.

    The name `eval` is never imported: a user's own package of that name stays untouched, also
    where it stands in the current directory.

    Args:
        module: Dotted path inside the evaluation, such as "datasets.sroie".

    Raises:
        MissingExtraError: If the installation has no evaluation, or lacks a package that it needs.
        ModuleNotFoundError: If the evaluation has no such module.
    """
    if _EVALUATION not in sys.modules:
        _load_evaluation_package()
    try:
        return importlib.import_module(f"{_EVALUATION}.{module}")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in (_EVALUATION, ""):
            raise
        raise MissingExtraError(
            f"the evaluation needs the package {missing!r}: pip install 'hybrid-extract[eval]'"
        ) from error


def _load_evaluation_package() -> None:
    """Puts the evaluation's top package into `sys.modules` from the one place it can be in."""
    folder = _PACKAGE.parent / _EVALUATION
    checkout = _checkout()
    if not folder.is_dir() and checkout is not None:
        folder = checkout / "eval"
    start = folder / "__init__.py"
    if not start.is_file():
        raise MissingExtraError(
            f"this installation has no evaluation ({folder} is missing); install hybrid-extract again"
        )
    spec = importlib.util.spec_from_file_location(
        _EVALUATION, start, submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise MissingExtraError(f"the evaluation in {folder} cannot be imported")
    package = importlib.util.module_from_spec(spec)
    sys.modules[_EVALUATION] = package
    try:
        spec.loader.exec_module(package)
    except BaseException:
        del sys.modules[_EVALUATION]
        raise
