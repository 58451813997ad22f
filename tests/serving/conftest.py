"""A small project with two registered versions, made once, and copies of it to serve from."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from evertopic.config import LoopConfig
from evertopic.environment import Environment
from evertopic.prediction.bundle import read_bundle, write_bundle
from evertopic.prediction.loading import Model, load_model
from evertopic.records import ModelVersion
from evertopic.storage.lake import Lake
from evertopic.storage.registry import open_registry
from evertopic.storage.registry.registry import Registry
from tests.projects import Project, Walk, later, themed, walk

LOADED = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class House:
    """A project with versions 1 (the champion) and 2 of the model `tiny`, the keys of whose topics differ."""

    project: Project
    config: LoopConfig
    place: Environment
    versions: tuple[ModelVersion, ModelVersion]

    def registry(self) -> Registry:
        """The registry, opened anew."""
        return open_registry(self.place.tracking_uri, self.place.artifacts_url)

    def lake(self) -> Lake:
        """The lake."""
        return Lake(self.place.lake_url)

    def model(self, choice: str) -> Model:
        """The version that `choice` means, loaded as a server does."""
        return load_model(self.registry(), self.lake(), "tiny", choice, LOADED)

    def release(self, version: int) -> None:
        """The champion is this version now."""
        self.registry().set_alias("tiny", "champion", version)

    @contextmanager
    def damaged(self, version: int) -> Iterator[None]:
        """While it lasts, one bit of this version is another one in the registry, whose files all copies share."""
        file = self._files(version) / "head.safetensors"
        sound = file.read_bytes()
        file.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
        try:
            yield
        finally:
            file.write_bytes(sound)

    @contextmanager
    def gone(self, version: int) -> Iterator[None]:
        """While it lasts, the registry has none of the files of this version."""
        folder = self._files(version)
        folder.rename(folder.with_name("elsewhere"))
        try:
            yield
        finally:
            folder.with_name("elsewhere").rename(folder)

    @contextmanager
    def foreign(self, version: int) -> Iterator[None]:
        """While it lasts, this version is sound in itself, and made with an encoder that nobody has here."""
        folder = self._files(version)
        kept = shutil.copytree(folder, folder.with_name("kept"))
        bundle = read_bundle(folder)
        meta = bundle.meta.model_copy(update={"fingerprint": "of-another-machine"})
        write_bundle(bundle.model_copy(update={"meta": meta}), folder)
        try:
            yield
        finally:
            shutil.rmtree(folder)
            kept.rename(folder)

    def _files(self, version: int) -> Path:
        source = self.registry().client.get_model_version("tiny", str(version)).source
        return Path(source.removeprefix("file://")) / "artifacts" / "bundle"


@pytest.fixture(scope="session")
def trained(fresh_mlflow: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Walk, Walk]:
    """Two walks, the second with other documents. To look at, not to write into: see `house`.

    The second has a store of its own, so that no topic goes on: tests tell the versions apart by their keys.
    """
    project = Project.make(tmp_path_factory.mktemp("served") / "project", fresh_mlflow)
    first = walk(project.job())
    project.write_rows(["id", "text"], [[f"e{at:03d}", text] for at, text in enumerate(themed(80, seed=2))])
    job = later(project.job(), 30)
    place = replace(job.place, store=SecretStr(f"sqlite:///{project.home / 'other.db'}"))
    return first, walk(replace(job, place=place))


@pytest.fixture
def house(trained: tuple[Walk, Walk], tmp_path: Path) -> House:
    """A copy of the project for this test alone: its database, lake, vectors and the aliases of its registry."""
    first, second = trained
    shutil.copytree(first.job.place.root, tmp_path / "house")
    project = Project(tmp_path / "house", tmp_path / "house" / "home")
    job = project.job()
    return House(project, job.config, job.place, (first.version, second.version))
