"""Who decides about topics, and which model answers meanwhile."""

import getpass

from pydantic import TypeAdapter, ValidationError

from evertopic.cli.models import registry_at
from evertopic.cli.project import Project
from evertopic.config import LoopConfig
from evertopic.errors import BadInput, Unavailable
from evertopic.identity.drafts import faults_in
from evertopic.identity.fields import By
from evertopic.storage.registry import CHAMPION
from evertopic.storage.store import Store


def author(given: str | None) -> str:
    """The name that was given, without one the login name.

    Raises:
        BadInput: it is blank, or nothing to be shown on one line.
    """
    if given is None:
        return getpass.getuser()
    if not given.strip():
        raise BadInput("--by is blank: give the name of who decides it, or leave it out.")
    try:
        return TypeAdapter[str](By).validate_python(given.strip())
    except ValidationError as fault:
        raise BadInput(f"--by {given!r}: {'; '.join(faults_in(fault))}.") from fault


def generation_served(project: Project, config: LoopConfig, store: Store) -> int | None:
    """The generation of the champion, None where there is none yet or nobody knows; looking makes no registry.

    An edit needs no registry: where it is away, the time of the edit tells later which models it was made under.
    """
    try:
        registry = registry_at(project.place.tracking_uri, project.place.artifacts_url)
        version = registry.alias_version(config.model_name, CHAMPION)
    except (BadInput, Unavailable):
        return None
    return None if version is None else store.lineage.of_version(config.name, config.model_name, version)
