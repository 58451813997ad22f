from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evertopic.storage.store import Store, open_store
from tasks.window import Watch
from tests.unit.cli.cards import a_version
from tests.unit.tasks.loops import job as a_job
from tests.unit.tasks.window.arrivals import MADE_OF, NOON


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    (tmp_path / "home").mkdir()
    return f"sqlite:///{tmp_path / 'home' / 'store.db'}"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def watch(tmp_path: Path, store_url: str) -> Watch:
    """The champion of the loop `news`, version 3, made of what came in up to 100 hours ago; it is noon."""
    return Watch(
        replace(a_job(tmp_path, store_url, embed={"kind": "hashing", "width": 16}), started=NOON),
        a_version(name="news", version=3),
        MADE_OF,
    )
