"""Text models that keep themselves true in production."""

from importlib.metadata import version

__version__ = version("evertopic")
