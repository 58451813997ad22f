"""What every kind of everything promises: how it is written in a config, and that it acts alike wherever it is read."""

from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from evertopic.config import LoopConfig

# The least that a kind needs besides its name.
NEEDED: dict[str, dict[str, Any]] = {
    "csv": {"path": "a.csv"},
    "jsonl": {"path": "a.jsonl"},
    "parquet": {"path": "a.parquet"},
    "sql": {"url": "sqlite:///a.db", "query": "select 1 as a"},
    "http": {"url": "https://example.org/a.csv"},
}
SECTIONS = ("source", "embed", "model", "search", "runner", "labelling")


def kinds_of(section: str) -> tuple[type[BaseModel], ...]:
    """The classes a section of the config may be."""
    annotation = LoopConfig.model_fields[section].annotation
    return get_args(annotation) or (annotation,)  # type: ignore[return-value]


KINDS = [(section, kind) for section in SECTIONS for kind in kinds_of(section)]


def names(kind: type[BaseModel]) -> tuple[str, ...]:
    return get_args(kind.model_fields["kind"].annotation)


@pytest.fixture(params=KINDS, ids=lambda pair: f"{pair[0]}-{pair[1].__name__}")
def pair(request: pytest.FixtureRequest) -> tuple[str, type[BaseModel]]:
    one: tuple[str, type[BaseModel]] = request.param
    return one


@pytest.fixture
def written(pair: tuple[str, type[BaseModel]]) -> dict[str, Any]:
    """The kind as a config writes it, with nothing but what it needs."""
    name = names(pair[1])[0]
    return {"kind": name, **NEEDED.get(name, {})}


def test_every_section_with_a_kind_is_here() -> None:
    """A new section of kinds must be named above."""
    having = {name for name in LoopConfig.model_fields if any("kind" in fields(kind) for kind in kinds_of(name))}
    assert having == set(SECTIONS)


def fields(kind: Any) -> dict[str, Any]:
    return getattr(kind, "model_fields", {})


def test_a_section_parses_into_the_kind_it_names(pair: tuple[str, type[BaseModel]], written: dict[str, Any]) -> None:
    """The name picks the class, in a loop as in a config."""
    section, kind = pair
    loop: dict[str, Any] = {"name": "x", "source": {"kind": "bundled"}} | {section: written}
    assert type(getattr(LoopConfig.model_validate(loop), section)) is kind


def test_a_kind_comes_back_from_json(pair: tuple[str, type[BaseModel]], written: dict[str, Any]) -> None:
    """Written and read again it is equal: configs, models and registries keep it this way."""
    made = pair[1].model_validate(written)
    assert TypeAdapter(pair[1]).validate_json(made.model_dump_json()) == made


def test_a_kind_is_frozen(pair: tuple[str, type[BaseModel]], written: dict[str, Any]) -> None:
    """No setting can be changed once it is made."""
    made = pair[1].model_validate(written)
    with pytest.raises(ValidationError, match="frozen"):
        made.kind = "other"  # type: ignore[attr-defined]


def test_a_kind_refuses_unknown_settings(pair: tuple[str, type[BaseModel]], written: dict[str, Any]) -> None:
    """A typo is told, not ignored."""
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        pair[1].model_validate(written | {"colour": "red"})


def test_a_kind_says_what_it_is(pair: tuple[str, type[BaseModel]]) -> None:
    """A docstring of its own, and a default for its name."""
    assert pair[1].__doc__
    assert pair[1].model_fields["kind"].default in names(pair[1])


def test_no_two_kinds_of_a_section_share_a_name() -> None:
    """The name decides alone."""
    for section in SECTIONS:
        every = [name for kind in kinds_of(section) for name in names(kind)]
        assert len(every) == len(set(every))
