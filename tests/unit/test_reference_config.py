"""configs/demo.yaml is the reference of all keys: nothing of it may be forgotten."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from evertopic.config import load_config

ROOT = Path(__file__).parents[2]
UNSPOKEN = {"cleaning.publisher_tails"}
"""Told in a comment: the patterns are longer than a reference is good for."""


def test_the_demo_config_names_every_key_there_is() -> None:
    """Every field of the parsed config, at any depth, stands in the YAML file."""
    written = yaml.safe_load((ROOT / "configs/demo.yaml").read_text())
    parsed = load_config(ROOT / "configs/demo.yaml", ROOT)
    missing = set(keys_of(parsed)) - set(paths(written)) - UNSPOKEN
    assert not missing


def test_the_unspoken_keys_are_fields() -> None:
    """An exception of the test above that no longer exists is noticed."""
    assert set(keys_of(load_config(ROOT / "configs/demo.yaml", ROOT))) >= UNSPOKEN


def keys_of(model: BaseModel, prefix: str = "") -> Iterator[str]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        yield f"{prefix}{name}"
        if isinstance(value, BaseModel):
            yield from keys_of(value, f"{prefix}{name}.")


def paths(content: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in content.items():
        yield f"{prefix}{name}"
        if isinstance(value, dict):
            yield from paths(value, f"{prefix}{name}.")
