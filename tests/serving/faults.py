"""What goes wrong around a server: databases that are away, held or silent; and the server, watched from outside."""

import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine, make_url, select

from evertopic.storage.store.tables import predictions
from tests.projects import content
from tests.serving.conftest import House
from tests.serving.load import call
from tests.serving.processes import SERVE, Process, started

UNLIMITED = 10_000_000
SMALL_DISK = ("unshare", "--map-root-user", "--mount", "sh", "-c")
POSTGRESQL = ("127.0.0.1", 5432)


@dataclass(frozen=True, slots=True)
class Server:
    """`evertopic serve`, running."""

    process: Process
    port: int

    @property
    def pid(self) -> int:
        """Of the process."""
        return self.process.process.pid

    def metric(self, name: str) -> float:
        """A figure of /metrics, without its prefix; one without labels."""
        page = call(self.port, "GET", "/metrics").content.decode()
        found = {sample.name: sample.value for each in text_string_to_metric_families(page) for sample in each.samples}
        return found[f"evertopic_{name}"]

    def ready(self) -> tuple[int, str]:
        """The status of /ready, and its reasons."""
        reply = call(self.port, "GET", "/ready")
        return reply.status, " ".join(reply.body["reasons"])

    def version(self) -> int:
        """Of the model that answers."""
        found: int = call(self.port, "GET", "/model").body["version"]
        return found


@contextmanager
def served(
    house: House, store_url: str | None = None, *, before: tuple[str, ...] = (), log: Any = None, **rule: Any
) -> Iterator[Server]:
    """The server of this house.

    Args:
        house: the project.
        store_url: another database than the house's own.
        before: the command that starts the server's command.
        log: the section of the config.
        rule: changes of the config's section `serve`; nobody is told to ask less.
    """
    serve = {"requests_per_minute": UNLIMITED, "poll_seconds": 0.1, **rule}
    config = {**content(), "serve": serve, **({"log": log} if log else {})}
    (house.place.root / "configs" / "tiny.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    variables = {"EVERTOPIC_HOME": str(house.place.home), "EVERTOPIC_STORE": store_url or house.place.store_url}
    with started([*before, *SERVE], house.place.root, **variables) as process:
        yield Server(process, int(process.says(r"answers at http://127.0.0.1:(\d+)")[1]))


def stored_ids(store_url: str) -> Counter[str]:
    """How often each prediction is in the table."""
    engine = create_engine(store_url)
    try:
        with engine.connect() as connection:
            return Counter(connection.execute(select(predictions.c.id)).scalars())
    finally:
        engine.dispose()


def journal_files(home: Path) -> list[Path]:
    """What the log has on the disk."""
    return [path for path in (home / "journal").rglob("*") if path.is_file()]


def on_a_small_disk(house: House) -> tuple[str, ...]:
    """What starts a server whose journal is on a disk of 300 kB, which nobody else sees."""
    folder = house.place.home / "journal"
    folder.mkdir()
    mount = f"mount -t tmpfs -o size=300k none '{folder}'"
    tried = subprocess.run([*SMALL_DISK, mount], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no disk can be mounted here: {tried.stderr.strip()}")
    return (*SMALL_DISK, f'{mount} && exec "$@"', "sh")


def fill(server: Server, folder: Path) -> Path:
    """The file that takes all the room there is left in this folder, as the server sees it; to be deleted."""
    filler = Path(f"/proc/{server.pid}/root{folder}/filler")
    with filler.open("ab", buffering=0) as file:
        for piece in (4_096, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * piece)
    return filler


@contextmanager
def held(store_url: str) -> Iterator[None]:
    """While it lasts, another program has the lock that who writes predictions needs."""
    engine = create_engine(store_url)
    try:
        if engine.dialect.name == "sqlite":
            with engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield
                connection.exec_driver_sql("ROLLBACK")
        else:
            with engine.begin() as connection:
                connection.exec_driver_sql("LOCK TABLE predictions IN SHARE MODE")
                yield
    finally:
        engine.dispose()


@dataclass
class Proxy:
    """A way to a server, PostgreSQL's for one, that can be closed: new connections are refused, those there are cut."""

    port: int = 0
    target: tuple[str, int] = POSTGRESQL
    _listener: socket.socket | None = None
    _open: list[socket.socket] = field(default_factory=list)
    _flows: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def back(self) -> None:
        """The way is open."""
        self._flows.set()
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self.port = self._listener.getsockname()[1]
            Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    @contextmanager
    def refused(self) -> Iterator[None]:
        """While it lasts, the database is gone."""
        self.close()
        yield
        self.back()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """While it lasts, the database says nothing, and nobody knows why: what is sent there waits."""
        self._flows.clear()
        yield
        self._flows.set()

    def close(self) -> None:
        """The way is closed, and what went by it is cut off."""
        self._flows.set()
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for the next one
            listener.close()
        with self._lock:
            cut, self._open = self._open, []
        for each in cut:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def through(self, store_url: str) -> str:
        """The URL of the same database by this way."""
        return make_url(store_url).set(port=self.port).render_as_string(hide_password=False)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        with client, socket.create_connection(self.target) as server:
            with self._lock:
                self._open += [client, server]
            answering = Thread(target=self._pass_on, args=(server, client), daemon=True)
            answering.start()
            self._pass_on(client, server)
            answering.join()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._flows.wait()
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(target: tuple[str, int] = POSTGRESQL) -> Iterator[Proxy]:
    """A way to PostgreSQL, or to another server, open."""
    made = Proxy(target=target)
    made.back()
    try:
        yield made
    finally:
        made.close()
