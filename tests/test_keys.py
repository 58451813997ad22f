"""Everything the product shows or stores speaks of topics by their permanent keys; numbers stay inside the model."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, Table

from evertopic.config import load_config
from evertopic.environment import read_environment
from evertopic.prediction.batch.answers import FIELDS
from evertopic.storage.store.tables import metadata
from serving.app import create_app

ROOT = Path(__file__).parents[1]
OF_TOPICS = {"key", "topic", "other", "into", "topics"}
INSIDE = {"generation_topics.topic"}
"""The place of a topic in its model's arrays, beside its key: what a later model is aligned with."""


def properties(shapes: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, shape in shapes.items():
        for field, about in shape.get("properties", {}).items():
            yield f"{name}.{field}", about


def kinds(about: dict[str, Any]) -> set[str]:
    return {about.get("type", "")} | {part.get("type", "") for part in about.get("anyOf", ())} - {""}


def test_the_api_speaks_keys(tmp_path: Path) -> None:
    """No property and no parameter that names a topic is a number, but for counts."""
    config = load_config(ROOT / "configs" / "demo.yaml", ROOT)
    found = create_app(config, read_environment({"EVERTOPIC_HOME": str(tmp_path)}, ROOT)).openapi()
    named = [
        (name, about) for name, about in properties(found["components"]["schemas"]) if name.split(".")[1] in OF_TOPICS
    ]
    asked = [
        (f"{path} {parameter['name']}", parameter["schema"])
        for path, methods in found["paths"].items()
        for operation in methods.values()
        for parameter in operation.get("parameters", ())
        if parameter["name"] in OF_TOPICS
    ]
    assert len(named) > 10
    assert len(asked) >= 3
    numbers = {name for name, about in [*named, *asked] if kinds(about) & {"integer", "number"}}
    assert numbers == {"GenerationEntry.topics", "ModelShown.topics"}  # counts


def columns() -> Iterator[tuple[Table, Column[Any]]]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            yield table, column


def test_the_store_speaks_keys() -> None:
    """No column that names a topic is a number, but for its place in the model, which has the key beside it."""
    named = [(table, column) for table, column in columns() if column.name in OF_TOPICS]
    assert len(named) > 6
    numbers = [table for table, column in named if isinstance(column.type, Integer)]
    assert {f"{table.name}.topic" for table in numbers} == INSIDE
    assert all("key" in table.columns for table in numbers)


def test_a_batch_speaks_keys() -> None:
    """What a batch writes beside the rows has the key as `topic`, and no number of a topic."""
    kinds = dict(FIELDS)
    assert (kinds["topic"], kinds["topic_name"]) == ("text", "text")
    assert not {"topic_id", "topic_number", "cluster"} & set(kinds)
