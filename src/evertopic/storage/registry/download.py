from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow.artifacts
import yaml
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

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
        OSError: the files are not there or cannot be read or written.
    """
    if to.exists():
        raise BadInput(f"{to} exists already: name a new folder for the bundle.")
    to.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=to.parent, prefix=".fetching-") as scratch:
        inside = _bundle_path(local(uri, f"{place}/MLmodel", Path(scratch)), place)
        local(uri, f"{place}/{inside}", Path(scratch)).replace(to)
    return to


def local(uri: str, place: str, to: Path | None = None) -> Path:
    """What lies at `place`, on this machine: copied into `to`, or without one left where it is if it is here.

    Raises:
        OSError: it is not there or cannot be read.
    """
    target = str(to) if to else None
    try:
        found = mlflow.artifacts.download_artifacts(
            artifact_uri=place, dst_path=target, tracking_uri=uri, registry_uri=uri
        )
    except MlflowException as error:
        raise OSError(f"{place} cannot be read ({str(error).splitlines()[-1]})") from error
    return Path(found)


def _bundle_path(description: Path, place: str) -> str:
    flavors = yaml.safe_load(description.read_text(encoding="utf-8"))["flavors"]
    artifacts = flavors.get("python_function", {}).get("artifacts", {})
    if "bundle" not in artifacts:
        raise BadInput(f"The model at {place} holds no bundle: it was not logged by evertopic.")
    return str(artifacts["bundle"]["path"])
