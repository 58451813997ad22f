from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import mlflow.artifacts
import mlflow.pyfunc
import yaml
from mlflow import MlflowClient

from evertopic.errors import BadInput


def location(client: MlflowClient, model_uri: str) -> str:
    """Where the files of a logged model (`models:/m-...`) or of a version (`models:/name/3`) lie."""
    wanted = model_uri.removeprefix("models:/")
    if "/" not in wanted:
        return str(client.get_logged_model(wanted).artifact_location)
    name, _, version = wanted.rpartition("/")
    return str(client.get_model_version_download_uri(name, version))


def fetch(uri: str, place: str, to: Path) -> Path:
    """The folder `to`, now holding the bundle of the model at `place`: whole or not at all.

    What the files hold is not checked here; the bundle's own manifest does that when it is loaded.

    Raises:
        BadInput: `to` exists, or the model there is not one of ours.
    """
    if to.exists():
        raise BadInput(f"{to} exists already: name a new folder for the bundle.")
    to.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=to.parent, prefix=".fetching-") as scratch:
        inside = _bundle_path(_download(uri, f"{place}/MLmodel", scratch), place)
        _download(uri, f"{place}/{inside}", scratch).replace(to)
    return to


def load_pyfunc(uri: str, place: str) -> Any:
    """The MLflow model at `place`, ready to `predict`. Local files are read where they lie, others in a new folder."""
    folder = mlflow.artifacts.download_artifacts(artifact_uri=place, tracking_uri=uri, registry_uri=uri)
    return mlflow.pyfunc.load_model(folder)


def _download(uri: str, what: str, to: str) -> Path:
    return Path(mlflow.artifacts.download_artifacts(artifact_uri=what, dst_path=to, tracking_uri=uri, registry_uri=uri))


def _bundle_path(description: Path, place: str) -> str:
    flavors = yaml.safe_load(description.read_text(encoding="utf-8"))["flavors"]
    artifacts = flavors.get("python_function", {}).get("artifacts", {})
    if "bundle" not in artifacts:
        raise BadInput(f"The model at {place} holds no bundle: it was not logged by evertopic.")
    return str(artifacts["bundle"]["path"])
