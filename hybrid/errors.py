"""Errors that a user can act on: one clear line each, naming the file, page or field and the way out."""


class HybridError(Exception):
    """Base of every error that the toolkit raises on purpose.

    The message is one line for a person: what is wrong, where, and what to do about it.
    """


class DocumentError(HybridError):
    """A document cannot be read: broken, encrypted, too large, or of an unknown format."""


class SchemaError(HybridError):
    """A schema cannot be found, loaded, or turned into fields."""


class CheckpointError(HybridError):
    """A GCN checkpoint is missing, incomplete, or does not fit this version."""


class ModelError(HybridError):
    """A model (encoder or LLM) is unknown, not downloaded, or its files fail their checks."""


class ServerError(HybridError):
    """The LLM server did not start, is down, or answered with something unusable."""


class DatasetError(HybridError):
    """A dataset, or one of its splits or files, is missing or broken."""


class MissingExtraError(HybridError):
    """An optional dependency is needed and not installed; the message says what to install."""
