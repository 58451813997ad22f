from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from mlflow import MlflowClient
from sqlalchemy.engine import URL

from evertopic.records import ModelVersion
from evertopic.storage.registry import CHALLENGER, CHAMPION, download, monitoring, runs, versions
from evertopic.storage.registry.backend import SERVERS, answering, connect, exclusive, parse_address
from evertopic.storage.registry.monitoring import CheckLog
from evertopic.storage.registry.packaging import pyfunc
from evertopic.storage.registry.training import LoggedModel, TrainingLog


@dataclass(frozen=True, slots=True)
class Registry:
    """Trainings, model versions and their aliases. Every method may raise Unavailable."""

    address: URL
    artifacts_url: str
    client: MlflowClient

    @classmethod
    def open(cls, tracking_uri: str, artifacts_url: str) -> Self:
        """The registry at an address; see `open_registry`, which prepares MLflow's surroundings first."""
        address = parse_address(tracking_uri)
        return cls(address, artifacts_url, connect(address))

    def log_training(self, training: TrainingLog) -> LoggedModel:
        """The model of one training, in one finished MLflow run that holds everything about it.

        Raises:
            BadInput: the bundle or an artifact is not there, no example is given, MLflow refuses a name or value.
        """
        with self._answering():
            return runs.log_training(self.client, training, None if self._served() else self.artifacts_url)

    def attach(self, version: ModelVersion, artifacts: Mapping[str, Path]) -> None:
        """Put local files beside what the run of a version has logged, by their path in the run."""
        with self._answering():
            runs.attach(self.client, version.run_id, artifacts)

    def log_check(self, check: CheckLog) -> str:
        """The id of the run that holds the checks of a version, this one with them; the same check again adds nothing.

        Raises:
            BadInput: MLflow refuses a name or value.
        """
        with self._answering(), exclusive(self.address):
            return monitoring.log_check(self.client, check, None if self._served() else self.artifacts_url)

    def find_logged(self, experiment: str, digest: str) -> LoggedModel | None:
        """The newest complete model with this bundle digest, so that a killed run need not log it again."""
        with self._answering():
            return runs.find_logged(self.client, experiment, digest)

    def register(self, logged: LoggedModel, name: str, tags: Mapping[str, str]) -> ModelVersion:
        """The version of `name` that holds the logged bundle; it becomes the challenger unless it is the champion.

        A bundle that is registered already keeps its version (`created` is False) and its tags. On SQLite this
        holds for any number of processes; on other backends for one at a time.

        Raises:
            BadInput: `name` has other characters than letters, digits, dots, dashes and underscores.
        """
        versions.check_name(name)
        with self._answering(), exclusive(self.address):
            known = versions.find(self.client, name, logged.digest)
            version = known or versions.create(self.client, logged, name, tags)
            if CHAMPION not in version.aliases:
                self.client.set_registered_model_alias(name, CHALLENGER, str(version.version))
            current = versions.resolve(self.client, f"{name}/{version.version}", CHAMPION)
            return replace(current, created=version.created)

    def release_first(self, name: str, version: int) -> bool:
        """True if `version` became the champion because there was none; False, and nothing moved, if there is one."""
        with self._answering(), exclusive(self.address):
            if versions.alias_version(self.client, name, CHAMPION) is not None:
                return False
            self.client.set_registered_model_alias(name, CHAMPION, str(version))
            return True

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Nothing; `alias` now stands on `version` alone, wherever it stood before.

        Raises:
            BadInput: there is no such version.
        """
        with self._answering():
            held = versions.resolve(self.client, f"{name}/{version}", CHAMPION)
            self.client.set_registered_model_alias(name, alias, str(held.version))

    def drop_alias(self, name: str, alias: str) -> None:
        """Nothing; `alias` stands on no version of `name` any more, wherever it stood before."""
        with self._answering():
            if versions.alias_version(self.client, name, alias) is not None:
                self.client.delete_registered_model_alias(name, alias)

    def alias_version(self, name: str, alias: str) -> int | None:
        """The version that carries `alias`, None where the model or the alias does not exist."""
        with self._answering():
            return versions.alias_version(self.client, name, alias)

    def find(self, name: str, digest: str) -> ModelVersion | None:
        """The newest version of `name` with this bundle digest, None without one."""
        with self._answering():
            return versions.find(self.client, name, digest)

    def names(self) -> tuple[str, ...]:
        """The names of all registered models, in order."""
        with self._answering():
            return versions.names(self.client)

    def versions(self, name: str) -> tuple[ModelVersion, ...]:
        """All versions of `name`, newest first; none for an unknown name."""
        with self._answering():
            return versions.versions(self.client, name)

    def resolve(self, reference: str) -> ModelVersion:
        """The version that `name` (its champion), `name@alias`, `name/3` or a `models:/` address means.

        Raises:
            BadInput: there is none; the message lists the names, versions and aliases there are.
        """
        with self._answering():
            return versions.resolve(self.client, reference, CHAMPION)

    def tags(self, version: ModelVersion) -> dict[str, str]:
        """The tags of a version: digests, config, code version and what else it was registered with."""
        with self._answering():
            return dict(self.client.get_model_version(version.name, str(version.version)).tags)

    def registered_at(self, version: ModelVersion) -> datetime:
        """When the version was made, in UTC."""
        with self._answering():
            entity = self.client.get_model_version(version.name, str(version.version))
        return datetime.fromtimestamp(entity.creation_timestamp / 1000, UTC)

    def fetch(self, model_uri: str, to: Path) -> Path:
        """The new folder `to` with the bundle of a logged model or of any reference that `resolve` takes.

        Raises:
            BadInput: there is no such model, or `to` exists.
        """
        with self._answering():
            return download.fetch(self._uri(), self._location(model_uri), to)

    def load_pyfunc(self, model_uri: str) -> Any:
        """The MLflow pyfunc model of a logged model or of any reference that `resolve` takes.

        Local files are read where they lie, others are downloaded into a new temporary folder that stays.

        Raises:
            BadInput: there is no such model.
        """
        with self._answering():
            folder = download.local(self._uri(), self._location(model_uri))
        return pyfunc().load_model(str(folder))

    def run_url(self, run_id: str, ui_address: str) -> str:
        """The page of a run in the MLflow UI that is served at `ui_address`."""
        with self._answering():
            experiment = self.client.get_run(run_id).info.experiment_id
        return f"{ui_address.rstrip('/')}/#/experiments/{experiment}/runs/{run_id}"

    def _location(self, model_uri: str) -> str:
        known = versions.is_logged(model_uri)
        return download.location(self.client, model_uri if known else self.resolve(model_uri).model_uri)

    def _answering(self) -> AbstractContextManager[None]:
        return answering(self.address)

    def _served(self) -> bool:
        return self.address.get_backend_name() in SERVERS

    def _uri(self) -> str:
        return self.address.render_as_string(hide_password=False)
