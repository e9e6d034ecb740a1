"""Errors that a user can act on: one clear line each, naming the file, page or field and the way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class HybridError(Exception):
    """Base of every error that the toolkit raises on purpose.

    The message is one line for a person: what is wrong, where, and what to do about it.
    """


class UsageError(HybridError):
    """What was asked for does not exist: nothing was tried, and the command must be changed."""


class DocumentError(HybridError):
    """A document cannot be read: broken, encrypted, too large, or of an unknown format."""


class SchemaError(HybridError):
    """A schema cannot be found, loaded, or turned into fields."""


class CheckpointError(HybridError):
    """A GCN checkpoint is missing, incomplete, or does not fit this version."""


class MissingCheckpointError(CheckpointError, UsageError):
    """No checkpoint is there."""


class ModelError(HybridError):
    """A model (encoder or LLM) is unknown, not downloaded, or its files fail their checks."""


class UnknownModelError(ModelError, UsageError):
    """No model, recipe or strategy has this name."""


class ServerError(HybridError):
    """The LLM server did not start, is down, or answered with something unusable."""


class DatasetError(HybridError):
    """A dataset, or one of its splits or files, is missing or broken."""


class UnknownDatasetError(DatasetError, UsageError):
    """No dataset has this name."""


class MissingExtraError(HybridError):
    """An optional dependency is needed and not installed; the message says what to install."""


def unknown_name(what: str, name: str, known: Iterable[str]) -> str:
    """How an error about a name begins: "unknown dataset 'sroi'; similar are sroie".

    Args:
        what: Kind of thing.
        name: As it was given.
        known: Names that exist; all are listed where none is like the given one.
    """
    names = list(known)
    near = difflib.get_close_matches(name, names)
    said = f"{'similar' if near else 'known'} are {', '.join(near or names)}"
    return f"unknown {what} {name!r}; {said}"
