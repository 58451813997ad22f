"""wrk: texts posted by many connections at once, each one asking again as soon as it has its answer."""

import json
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("wrk.lua")
TIMEOUT_S = 60
FOR_EVER_S = 86_400


@dataclass(frozen=True, slots=True)
class Hammered:
    """What became of the requests."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    worst_ms: float
    errors: int
    """Refused, broken or late, or answered with 400 or more."""
    cpu_s: float
    """Of wrk itself."""


def hammer(
    address: str,
    texts: Sequence[str],
    connections: int,
    seconds: float | None,
    until: Callable[[], None] = lambda: None,
) -> Hammered:
    """Posts the texts one after the other to /predict, from the first again after the last.

    Args:
        address: of the service.
        texts: the bodies.
        connections: kept open.
        seconds: for so long; None: until `until` returns.
        until: called while wrk is at work.
    """
    if shutil.which("wrk") is None:
        raise SystemExit("Skipped: wrk is not there. It loads the service: install it (apt-get install wrk).")
    with tempfile.TemporaryDirectory() as folder:
        bodies = Path(folder) / "bodies.jsonl"
        bodies.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        length = FOR_EVER_S if seconds is None else round(seconds)
        command = ["wrk", "-t1", f"-c{connections}", f"-d{length}s", f"--timeout={TIMEOUT_S}s", f"-s{SCRIPT}"]
        before = _children_s()
        with subprocess.Popen([*command, address, str(bodies)], stdout=subprocess.PIPE, text=True) as process:
            try:
                until()
            finally:
                if seconds is None:
                    process.send_signal(signal.SIGINT)
            said, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"wrk ended with {process.returncode}: {said}")
    return Hammered(**json.loads(said.splitlines()[-1]), cpu_s=_children_s() - before)


def _children_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
