import json
import re
from collections.abc import Mapping

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion as Entity
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_MODEL_VERSIONS

from evertopic.errors import BadInput
from evertopic.records import ModelVersion
from evertopic.storage.registry.training import BUNDLE_DIGEST, LoggedModel

MODEL_ID = "model_id"
"""The tag of a version that leads to its logged model: the SQL backend does not keep it."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def create(client: MlflowClient, logged: LoggedModel, name: str, tags: Mapping[str, str]) -> ModelVersion:
    """The new version of `name` that holds `logged`, linked both ways."""
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    # The place and not `models:/m-...`: for that form the SQL backend asks MLflow's global address.
    place = client.get_logged_model(logged.model_id).artifact_location
    kept = {**tags, BUNDLE_DIGEST: logged.digest, MODEL_ID: logged.model_id}
    entity = client.create_model_version(name, place, logged.run_id, kept, model_id=logged.model_id)
    _link_back(client, logged.model_id, name, int(entity.version))
    return _version(entity, (), created=True)


def find(client: MlflowClient, name: str, digest: str) -> ModelVersion | None:
    """The newest version of `name` that holds the bundle with this digest, None without one."""
    return next((known for known in versions(client, name) if known.digest == digest), None)


def versions(client: MlflowClient, name: str) -> tuple[ModelVersion, ...]:
    """All versions of `name`, newest first; none for an unknown name."""
    aliases = _aliases(client, name)
    if aliases is None:
        return ()
    entities: list[Entity] = []
    token = None
    while True:
        page = client.search_model_versions(f"name = '{name}'", max_results=1000, page_token=token)
        entities += page
        token = page.token
        if not token:
            break
    facts = (
        _version(entity, tuple(sorted(a for a, v in aliases.items() if v == int(entity.version))))
        for entity in entities
    )
    return tuple(sorted(facts, key=lambda version: -version.version))


def names(client: MlflowClient) -> tuple[str, ...]:
    """The names of all registered models, in order."""
    found: list[str] = []
    token = None
    while True:
        page = client.search_registered_models(max_results=100, page_token=token)
        found += [model.name for model in page]
        token = page.token
        if not token:
            return tuple(sorted(found))


def alias_version(client: MlflowClient, name: str, alias: str) -> int | None:
    """The version that carries `alias`, None where nothing does."""
    return (_aliases(client, name) or {}).get(alias)


def resolve(client: MlflowClient, reference: str, default_alias: str) -> ModelVersion:
    """The version that `reference` means: `name` (its `default_alias`), `name@alias`, `name/3`, with `models:/` or not.

    `models:/m-...` means the newest version that holds this logged model.

    Raises:
        BadInput: there is no such name, alias or version; the message lists what there is.
    """
    wanted = reference.removeprefix("models:/")
    if is_logged(reference):
        return _of_logged_model(client, wanted)
    mark = "@" if "@" in wanted else "/"
    name, marked, choice = wanted.partition(mark)
    known = versions(client, name) if _NAME.fullmatch(name) else ()
    if not known:
        raise BadInput(f"There is no model {name!r}: {_names(client)}.")
    for version in known:
        if (choice == str(version.version)) if marked == "/" else ((choice or default_alias) in version.aliases):
            return version
    what = f"version {choice}" if marked == "/" else f"alias {choice or default_alias!r}"
    raise BadInput(f"The model {name!r} has no {what}: {_listing(known)}. Write {name}/VERSION or {name}@ALIAS.")


def is_logged(reference: str) -> bool:
    """True for `models:/m-...`, the address of a logged model and not of a registered name."""
    return re.fullmatch(r"models:/m-[0-9a-f]+", reference) is not None


def check_name(name: str) -> None:
    """Nothing, for a name that references can carry.

    Raises:
        BadInput: it has other characters.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} cannot name a model: use letters, digits, dots, dashes and underscores.")


def _of_logged_model(client: MlflowClient, model_id: str) -> ModelVersion:
    held = client.search_model_versions(f"tags.{MODEL_ID} = '{model_id}'", max_results=1)
    if not held:
        raise BadInput(f"No version holds the logged model {model_id}: {_names(client)}.")
    return resolve(client, f"{held[0].name}/{held[0].version}", "")


def _link_back(client: MlflowClient, model_id: str, name: str, version: int) -> None:
    held = json.loads(client.get_logged_model(model_id).tags.get(MLFLOW_MODEL_VERSIONS, "[]"))
    held.append({"name": name, "version": version})
    client.set_logged_model_tags(model_id, {MLFLOW_MODEL_VERSIONS: json.dumps(held)})


def _aliases(client: MlflowClient, name: str) -> dict[str, int] | None:
    # A search of versions leaves their aliases out; the model has them all.
    try:
        model = client.get_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None
    return {alias: int(version) for alias, version in model.aliases.items()}


def _version(entity: Entity, aliases: tuple[str, ...], *, created: bool = False) -> ModelVersion:
    number = int(entity.version)
    return ModelVersion(
        name=entity.name,
        version=number,
        aliases=aliases,
        run_id=entity.run_id or "",
        model_uri=f"models:/{entity.name}/{number}",
        digest=entity.tags.get(BUNDLE_DIGEST, ""),
        created=created,
    )


def _listing(known: tuple[ModelVersion, ...]) -> str:
    shown = [f"{one.version} ({', '.join(one.aliases)})" if one.aliases else str(one.version) for one in known[:20]]
    more = f" and {len(known) - 20} older" if len(known) > 20 else ""
    return f"there are versions {', '.join(shown)}{more}"


def _names(client: MlflowClient) -> str:
    known = names(client)
    return f"there are {', '.join(known)}" if known else "none is registered yet, train one first"
