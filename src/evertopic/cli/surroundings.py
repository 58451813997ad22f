"""What the programs that `evertopic up` starts find in their environment."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evertopic.cli.services import HOST
from evertopic.environment import Environment

SAFE = {
    # The default keeps leases in memory: a server restart would leak a slot for good or kill a healthy run.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    # Written in batches SQLite stays unlocked, and PostgreSQL's recorder does not lag behind.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "2 days",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    # A run without a heartbeat is known to be dead by this, see `prefect_api`.
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "PREFECT_WORKER_QUERY_SECONDS": "3",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_UI_API_URL": "/api",
    "DO_NOT_TRACK": "true",
}
"""What makes Prefect safe here, where neither the environment nor the project's prefect.toml says otherwise."""


def children_variables(
    variables: Mapping[str, str],
    place: Environment,
    prefect_port: int,
    mlflow_port: int,
    apis: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The environment of everything that is started: one Prefect, one project, one MLflow, the APIs by loop.

    The backend's address travels here and not on a command line, which anybody on the machine can read.
    """
    served = place.tracking_uri.startswith("http")
    origin = f"http://{HOST}:{prefect_port}"
    own = {
        "PREFECT_API_URL": f"{origin}/api",
        # Unset, each worker would fall back on a folder of the user that other projects share.
        "EVERTOPIC_ROOT": str(place.root),
        "EVERTOPIC_HOME": str(place.home),
        "EVERTOPIC_MLFLOW_UI": place.tracking_uri if served else f"http://{HOST}:{mlflow_port}",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_BACKEND_STORE_URI": place.tracking_uri,
        "MLFLOW_DEFAULT_ARTIFACT_ROOT": place.artifacts_url,
        **({"EVERTOPIC_API": _said(apis)} if apis else {}),
    }
    # Any page a browser shows might otherwise ask this Prefect to run something.
    safe = {**SAFE, "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": origin}
    told = set(settings_of(place.root / "prefect.toml"))
    return {**{name: value for name, value in safe.items() if name not in told}, **variables, **own}


def settings_of(path: Path) -> dict[str, Any]:
    """The settings of a prefect.toml by the variables that would say the same; none where there is no file.

    Prefect itself says what is wrong with a file that does not parse.
    """
    try:
        return dict(_named(tomllib.loads(path.read_text(encoding="utf-8")), "PREFECT"))
    except (FileNotFoundError, tomllib.TOMLDecodeError):
        return {}


def _named(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        name = f"{prefix}_{key.upper()}"
        if isinstance(value, dict):
            yield from _named(value, name)
        else:
            yield name, value


def _said(apis: Mapping[str, str]) -> str:
    """The addresses as EVERTOPIC_API has them: one plain, several by loop."""
    return " ".join(apis.values()) if len(apis) == 1 else " ".join(f"{loop}={at}" for loop, at in apis.items())
