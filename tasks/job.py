"""The job: which loop runs, and where its things are. Every task takes it first."""

from dataclasses import dataclass
from datetime import UTC, datetime
from os import environ
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from evertopic.config import LoopConfig, load_config, with_input, with_trials
from evertopic.environment import Environment, find_root, read_environment
from evertopic.storage.lake import Lake
from evertopic.storage.store import Store, open_store
from evertopic.storage.vectors import VectorStore


@dataclass(frozen=True, slots=True)
class Job:
    """One run of one loop."""

    config: LoopConfig
    place: Environment
    started: datetime
    """UTC; the only clock the tasks of a run go by."""

    def lake(self) -> Lake:
        """The lake of this machine."""
        return Lake(self.place.lake_url)

    def store(self) -> Store:
        """The store of this machine; close it."""
        return open_store(self.place.store_url)

    def vectors(self) -> VectorStore:
        """The vector store of this machine."""
        return VectorStore(self.place.vectors_url)


@task(task_run_name="read config {config}", cache_policy=NO_CACHE)
def read_job(config: str, documents: str | None, trials: int | None) -> Job:
    """The job that the config file describes, with the file of documents and the number of trials replaced if given.

    Raises:
        BadConfig: the file, the environment or the replacements have faults; all are listed.
    """
    root = find_root(Path.cwd())
    loop = load_config(root / config, root)
    if documents is not None:
        loop = with_input(loop, documents)
    if trials is not None:
        loop = with_trials(loop, trials)
    return Job(loop, read_environment(environ, root), datetime.now(UTC))
