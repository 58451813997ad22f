"""Programs that run beside this one: started with a log, awaited, stopped in order."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import Self

from evertopic.cli.project import answers
from evertopic.errors import Unavailable

HOST = "127.0.0.1"
LAST_LINES = 12
POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class Service:
    """One program, started."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str],
        variables: Mapping[str, str],
        cwd: Path,
        logs: Path,
        *,
        keep_log: bool = False,
    ) -> Self:
        """The program, in a session of its own: Ctrl-C reaches us alone, and we stop it in our order."""
        logs.mkdir(parents=True, exist_ok=True)
        path = logs / f"{name}.log"
        with path.open("ab" if keep_log else "wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
                [sys.executable, *command],
                cwd=cwd,
                env=dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(name, process, path)

    def running(self) -> bool:
        """True until it has ended."""
        return self.process.poll() is None

    def ended(self) -> Unavailable:
        """The fault that says it ended, with the last lines it wrote."""
        last = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        told = "\n  ".join([line for line in last if line.strip()][-LAST_LINES:])
        return Unavailable(f"{self.name} ended with code {self.process.returncode}. It wrote to {self.log}:\n  {told}")

    def stop(self, patience_s: float) -> None:
        """Ends it and what it started: asks first, and after `patience_s` seconds no longer."""
        if self.running():
            self.process.terminate()
            try:
                self.process.wait(patience_s)
            except subprocess.TimeoutExpired:
                self._signal_all(signal.SIGKILL)
                self.process.wait()
        self._signal_all(signal.SIGTERM)

    def _signal_all(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return  # nothing of it is left, which is what was wanted


def await_health(service: Service, address: str, patience_s: float, stopped: Callable[[], bool]) -> bool:
    """True once `address` answers; False when `stopped` says so first.

    Raises:
        Unavailable: the program ended, or did not answer in `patience_s` seconds.
    """
    deadline = monotonic() + patience_s
    while not stopped():
        if not service.running():
            raise service.ended()
        if answers(address, seconds=1.0):
            return True
        if monotonic() > deadline:
            raise Unavailable(f"{service.name} did not answer at {address} in {patience_s:.0f} s: see {service.log}.")
        sleep(POLL_S)
    return False


def require_free(port: int, what: str, option: str) -> None:
    """Passes when nothing listens on the port.

    Raises:
        Unavailable: something does.
    """
    with socket.socket() as probe:
        probe.settimeout(1.0)
        if probe.connect_ex((HOST, port)) == 0:
            raise Unavailable(
                f"Port {port} of this machine is taken, {what} needs it: stop what listens there (another "
                f"`evertopic up`?) or choose another port by {option}."
            )


@contextmanager
def until_told() -> Iterator[Event]:
    """An event that Ctrl-C, SIGTERM and a terminal that is closed set.

    The handlers also give children back the default answer to SIGINT: a shell that starts us with `&` has it
    ignored, and a Prefect worker that inherits this cannot be stopped by SIGTERM.
    """
    told = Event()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, lambda *_: told.set()) for number in numbers]
    try:
        yield told
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
