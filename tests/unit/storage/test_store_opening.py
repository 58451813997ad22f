"""The store opens itself, once, and says what stands in the way."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from evertopic.errors import BadConfig, Corrupted, Unavailable
from evertopic.storage.store import Store, open_store, opening
from evertopic.storage.store.engine import writing
from evertopic.storage.store.tables import metadata

NOW = datetime(2024, 5, 1, tzinfo=UTC)


def test_tables_are_those_of_the_migrations(store: Store) -> None:
    """What the migrations make is what the code speaks of, in both databases."""
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_open_again(store: Store) -> None:
    """Opening a store that exists changes nothing in it."""
    keys = store.keys.mint("news", 2, at=NOW, randomness=Random(0))
    again = open_store(store.engine.url.render_as_string(hide_password=False))
    with again.engine.connect() as connection:
        assert set(connection.execute(text("SELECT key FROM topic_keys")).scalars()) == set(keys)
    again.close()


PREPARE = """
from datetime import datetime, UTC
from random import Random
from evertopic.storage.store import open_store
"""
ACT = """
open_store(sys.argv[1]).keys.mint("news", 10, at=datetime.now(UTC), randomness=Random(0))
"""


def test_opened_by_four_at_once(store_url: str, at_once: Callable[[int, str, str, str], list[int]]) -> None:
    """Four processes that open a fresh store at once, and draw the same keys, all succeed with different keys."""
    assert at_once(4, PREPARE, ACT, store_url) == [0, 0, 0, 0]
    store = open_store(store_url)
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM topic_keys")).scalar() == 40
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
    store.close()


def test_sqlite_readers_do_not_wait(tmp_path: Path) -> None:
    """SQLite is in WAL mode: while one writes, others read what was there before."""
    store = open_store(f"sqlite:///{tmp_path / 's.db'}", patience_s=0.1)
    with store.engine.execution_options(writes=True).begin():
        assert store.documents.known("news", ["a"]) == {}
    store.close()


def test_locked(tmp_path: Path) -> None:
    """A store that another program holds is unavailable, with its place, once the patience is over."""
    path = tmp_path / "s.db"
    open_store(f"sqlite:///{path}").close()
    store = open_store(f"sqlite:///{path}", patience_s=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match=r"s\.db.*database is locked.*run again"):
            store.keys.mint("news", 1, at=NOW, randomness=Random(0))
    store.close()


def test_unreachable_hides_the_password() -> None:
    """A server that does not answer is named without its password."""
    with pytest.raises(Unavailable, match="did not answer") as caught:
        open_store("postgresql://root:secret@127.0.0.1:1/none", patience_s=1)
    assert "secret" not in str(caught.value)
    assert "root:***@127.0.0.1:1" in str(caught.value)


def test_newer_store(store: Store) -> None:
    """A store that a newer version has written is left alone."""
    with store.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BadConfig, match=r"newer evertopic .revision 9999"):
        open_store(store.engine.url.render_as_string(hide_password=False))


@pytest.mark.parametrize("url", ["nonsense", "mysql://root:secret@h/x", "sqlite://", "sqlite+aiosqlite:///x.db"])
def test_other_urls(url: str) -> None:
    """Any other URL is refused without showing a password."""
    with pytest.raises(BadConfig, match="sqlite:///FILE or postgresql://") as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_not_a_database(tmp_path: Path) -> None:
    """A file that is no database is neither used nor changed."""
    path = tmp_path / "s.db"
    path.write_text("precious " * 1000)
    with pytest.raises(Corrupted, match="not a database"):
        open_store(f"sqlite:///{path}")
    assert path.read_text() == "precious " * 1000


def test_no_folder(tmp_path: Path) -> None:
    """A folder that cannot be made is named."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="file/in"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'in' / 's.db'}")


def test_all_the_way_back_and_up_again(store: Store) -> None:
    """Every migration can be undone, and done again, in both databases."""
    scripts = ScriptDirectory(str(Path(opening.__file__).parent / "migrations"))
    with writing(store.engine) as connection:
        for target, steps in (("base", scripts._downgrade_revs), ("head", scripts._upgrade_revs)):
            with EnvironmentContext(Config(), scripts, fn=lambda now, _, s=steps, t=target: s(t, now)) as run:
                run.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
                run.run_migrations()
            at = MigrationContext.configure(connection).get_current_revision()
            assert at == (None if target == "base" else scripts.get_current_head())
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
