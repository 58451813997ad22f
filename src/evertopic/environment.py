"""Where things are on this machine. Everything comes from `EVERTOPIC_*` variables, with embedded defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from evertopic.errors import BadConfig

LANDMARK = "prefect.yaml"


@dataclass(frozen=True, slots=True)
class Environment:
    """The places a run reads from and writes to; `home` is created on first use."""

    root: Path
    """The project: the folder that holds prefect.yaml."""
    home: Path
    lake_url: str
    """A folder or any fsspec URL."""
    vectors_url: str
    """The LanceDB folder or object-store URL."""
    store: SecretStr
    """SQLAlchemy URL of the one database. Secret, because Prefect keeps what flows are called with, in plain text."""
    tracking: SecretStr
    """SQLAlchemy URL or address of MLflow's backend."""
    artifacts_url: str
    """Where MLflow keeps artifacts when no tracking server decides."""
    mlflow_ui: str
    """Address at which people read MLflow; used in links only."""
    api_key: SecretStr | None = None
    """Of the admin of an API that has no keys in its store yet. Empty is not the same as None: somebody meant to set
    it, and `evertopic serve` refuses to open the door on the strength of that."""
    api: str | None = None
    """Address of the running API, or `LOOP=ADDRESS` parted by blanks where several loops are served."""
    notify: SecretStr | None = None
    """Addresses that notices are delivered to, parted by blanks. Secret: most of them hold a password or a token."""

    def api_of(self, loop: str) -> str | None:
        """The address at which the API of this loop answers, None where nobody said.

        >>> place = read_environment({"EVERTOPIC_API": "demo=http://a:1 papers=http://a:2/"}, Path("/"))
        >>> place.api_of("papers"), place.api_of("other")
        ('http://a:2', None)
        """
        for part in (self.api or "").split():
            name, _, address = part.rpartition("=") if not part.startswith("http") else ("", "", part)
            if name in {"", loop}:
                return address.rstrip("/")
        return None

    @property
    def store_url(self) -> str:
        """The URL of the store with its password."""
        return self.store.get_secret_value()

    @property
    def tracking_uri(self) -> str:
        """The address of MLflow's backend with its password."""
        return self.tracking.get_secret_value()


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that holds prefect.yaml.

    Raises:
        BadConfig: there is none.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / LANDMARK).is_file():
            return folder
    raise BadConfig(f"No {LANDMARK} in {start.resolve()} or above: run inside an evertopic project.")


def read_environment(variables: Mapping[str, str], root: Path) -> Environment:
    """The environment that `variables` (usually os.environ) describe, beside the project `root`.

    Known: EVERTOPIC_HOME, EVERTOPIC_LAKE, EVERTOPIC_VECTORS, EVERTOPIC_STORE, EVERTOPIC_TRACKING,
    EVERTOPIC_ARTIFACTS, EVERTOPIC_MLFLOW_UI, EVERTOPIC_API, EVERTOPIC_API_KEY, EVERTOPIC_NOTIFY, and EVERTOPIC_ROOT,
    which is for Prefect's workers alone. An empty one is as good as none, but for the key.

    Raises:
        BadConfig: a variable starts with EVERTOPIC_ and is not one of them (a typo must not be silent).
    """
    home = Path(variables.get("EVERTOPIC_HOME") or root / ".evertopic").resolve()
    defaults = {
        "EVERTOPIC_HOME": str(home),
        "EVERTOPIC_LAKE": str(home / "lake"),
        "EVERTOPIC_VECTORS": str(home / "vectors"),
        "EVERTOPIC_STORE": f"sqlite:///{home / 'store.db'}",
        "EVERTOPIC_TRACKING": f"sqlite:///{home / 'mlflow.db'}",
        "EVERTOPIC_ARTIFACTS": (home / "artifacts").as_uri(),
        "EVERTOPIC_MLFLOW_UI": "http://127.0.0.1:5000",
        "EVERTOPIC_ROOT": str(root),
    }
    known = {*defaults, "EVERTOPIC_API", "EVERTOPIC_API_KEY", "EVERTOPIC_NOTIFY"}
    unknown = sorted(name for name in variables if name.startswith("EVERTOPIC_") and name not in known)
    if unknown:
        raise BadConfig(f"Unknown variables {', '.join(unknown)}: known are {', '.join(sorted(known))}.")
    values = {name: variables.get(name) or default for name, default in defaults.items()}
    return Environment(
        root=root,
        home=home,
        lake_url=values["EVERTOPIC_LAKE"],
        vectors_url=values["EVERTOPIC_VECTORS"],
        store=SecretStr(values["EVERTOPIC_STORE"]),
        tracking=SecretStr(values["EVERTOPIC_TRACKING"]),
        artifacts_url=values["EVERTOPIC_ARTIFACTS"],
        mlflow_ui=values["EVERTOPIC_MLFLOW_UI"],
        api_key=SecretStr(variables["EVERTOPIC_API_KEY"]) if "EVERTOPIC_API_KEY" in variables else None,
        api=variables.get("EVERTOPIC_API") or None,
        notify=SecretStr(variables["EVERTOPIC_NOTIFY"]) if variables.get("EVERTOPIC_NOTIFY") else None,
    )
