"""From what a user writes on the command line to a schema: a name, a Python file, a JSON Schema."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
import traceback
from pathlib import Path
from types import ModuleType

from pydantic import BaseModel

from hybrid.errors import SchemaError
from hybrid.schema import FieldSchema
from hybrid.schema.json_schema import model_from_json_schema
from hybrid.schemas import BUILT_IN

_HIDDEN_TYPE = (
    "; a field that is called like its type hides the type (`date: date | None = None`): "
    "`import datetime as dt` and write `date: dt.date | None = None`"
)


def resolve_schema(spec: str) -> FieldSchema:
    """The schema that a user names.

    Args:
        spec: A built-in name ("receipt"), "path/to/file.py:Model", or "path/to/schema.json".

    Returns:
        The fields to fill.

    Raises:
        SchemaError: If there is no such schema, its file cannot be loaded, or one of its fields has
            a type that no text can fill.
    """
    if spec in BUILT_IN:
        return FieldSchema(BUILT_IN[spec])
    path, colon, name = spec.rpartition(":")
    if colon and path.endswith(".py"):
        return FieldSchema(_model_of_file(Path(path), name))
    if spec.endswith(".py"):
        found = _names(_import_file(Path(spec)))
        raise SchemaError(
            f"{spec}: say which model, as in {spec}:{found[-1] if found else 'Model'}; "
            f"models in this file: {', '.join(found) or 'none'}"
        )
    if spec.endswith(".json"):
        return FieldSchema(_model_of_json(Path(spec)))
    raise SchemaError(
        f"unknown schema {spec!r}: use {', '.join(BUILT_IN)}, path/to/file.py:Model, "
        "or path/to/schema.json"
    )


def _model_of_file(path: Path, name: str) -> type[BaseModel]:
    module = _import_file(path)
    model = getattr(module, name, None)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return model
    problem = "there is no" if model is None else "not a pydantic model:"
    found = ", ".join(_names(module)) or "none"
    raise SchemaError(f"{path}: {problem} {name!r}; models in this file: {found}")


def _names(module: ModuleType) -> list[str]:
    """Names of the models that a module itself defines."""
    return [
        name
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, BaseModel)
        and value.__module__ == module.__name__
    ]


def _import_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise SchemaError(f"{path}: no such file")
    # A name of its own for each file, so that no module of the user's or of ours is replaced.
    digest = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    name = f"hybrid_schema_file_{digest}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SchemaError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    # Pydantic looks names of types up in here.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    # A user's file may raise anything, and may end the program.
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        text = " ".join(str(error).split())
        lines = [
            f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)
        ]
        where = f", line {lines[-1]}" if lines else ""
        said = f"{path}{where}: cannot be imported: {type(error).__name__}: {text}"
        if isinstance(error, TypeError) and "for |" in text:
            said += _HIDDEN_TYPE
        raise SchemaError(said) from error
    return module


def _model_of_json(path: Path) -> type[BaseModel]:
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SchemaError(f"{path}: no such file") from None
    except OSError as error:
        raise SchemaError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SchemaError(f"{path}: not valid JSON: {error}") from error
    try:
        return model_from_json_schema(schema, path.stem)
    except SchemaError as error:
        raise SchemaError(f"{path}: {error}") from error
