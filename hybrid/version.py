"""The version, in a module of its own so that every layer can read it."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("hybrid-extract")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0.0.0+checkout"
