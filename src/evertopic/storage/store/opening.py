"""Opening the store: the tables are made or brought up to date first, once, however many processes come at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from evertopic.errors import BadConfig, Unavailable
from evertopic.storage.store.api_keys import ApiKeyStore
from evertopic.storage.store.approvals import ApprovalStore
from evertopic.storage.store.checks import CheckStore
from evertopic.storage.store.decisions import DecisionStore
from evertopic.storage.store.documents import DocumentStore
from evertopic.storage.store.edits import EditStore
from evertopic.storage.store.engine import make_engine, make_folder, shown, writing
from evertopic.storage.store.episodes import EpisodeStore
from evertopic.storage.store.features import FeatureStore
from evertopic.storage.store.feedback import FeedbackStore
from evertopic.storage.store.keys import KeyStore
from evertopic.storage.store.lineage import LineageStore
from evertopic.storage.store.notices import NoticeStore
from evertopic.storage.store.predictions import PredictionStore
from evertopic.storage.store.releases import ReleaseStore
from evertopic.storage.store.slots import SlotStore
from evertopic.storage.store.tables import metadata
from evertopic.storage.store.trends import TrendStore
from evertopic.storage.turns import turn

ADVISORY_LOCK = 7_263_510_418
"""Any number, as long as it is always this one."""


@dataclass(frozen=True, slots=True)
class Store:
    """The one SQL database. Each part speaks of its own tables; all share the engine."""

    engine: Engine
    documents: DocumentStore
    features: FeatureStore
    keys: KeyStore
    lineage: LineageStore
    predictions: PredictionStore
    feedback: FeedbackStore
    api_keys: ApiKeyStore
    edits: EditStore
    trends: TrendStore
    checks: CheckStore
    releases: ReleaseStore
    approvals: ApprovalStore
    decisions: DecisionStore
    episodes: EpisodeStore
    slots: SlotStore
    notices: NoticeStore

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_store(url: str, *, patience_s: float = 30.0) -> Store:
    """The store at `url`, made or brought up to date if needed.

    Args:
        url: `sqlite:///FILE` (its folder is made) or `postgresql://USER:PASSWORD@HOST/NAME`.
        patience_s: how long a locked or silent database is waited for, in seconds.

    Raises:
        Unavailable: it cannot be reached, or stays locked.
        BadConfig: the URL is of another kind, or a newer evertopic has written there.
        Corrupted: the file is no database.
    """
    engine = make_engine(url, patience_s)
    try:
        file = make_folder(engine)
        if _revision(engine) != _scripts().get_current_head():
            with _one_at_a_time(file, patience_s):
                _migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return Store(
        engine,
        DocumentStore(engine),
        FeatureStore(engine),
        KeyStore(engine),
        LineageStore(engine),
        PredictionStore(engine),
        FeedbackStore(engine),
        ApiKeyStore(engine),
        EditStore(engine),
        TrendStore(engine),
        CheckStore(engine),
        ReleaseStore(engine),
        ApprovalStore(engine),
        DecisionStore(engine),
        EpisodeStore(engine),
        SlotStore(engine),
        notices=NoticeStore(engine),
    )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _migrate(engine: Engine) -> None:
    """Run what is missing in one transaction, without an env.py: Alembic's would run whenever it is imported."""
    scripts = _scripts()
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ADVISORY_LOCK})
        present = MigrationContext.configure(connection).get_current_revision()
        if present not in {None, *(script.revision for script in scripts.walk_revisions())}:
            raise BadConfig(
                f"The store {shown(engine)} was written by a newer evertopic (revision {present}): "
                "install that version, or point EVERTOPIC_STORE elsewhere."
            )
        with EnvironmentContext(Config(), scripts, fn=lambda now, _: scripts._upgrade_revs("head", now)) as run:
            run.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
            run.run_migrations()


@contextmanager
def _one_at_a_time(file: Path | None, patience_s: float) -> Iterator[None]:
    """Hold the right to make tables. Servers have their own lock, taken inside the transaction.

    A second SQLite file serves as lock: the first one cannot be locked while it is switched to WAL, and the lock of
    a killed process goes with it.
    """
    if file is None:
        yield
        return
    try:
        with turn(Path(f"{file}.lock"), patience_s):
            with closing(sqlite3.connect(file, timeout=patience_s)) as store:
                store.execute("PRAGMA journal_mode=WAL")  # once: the file remembers it
            yield
    except sqlite3.OperationalError as error:
        raise Unavailable(f"The store {file} could not be made: {error}. Close what holds it and run again.") from error
