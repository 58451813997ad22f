"""Processes: whether the one that once held something is still there."""

import os
import socket
from pathlib import Path

UNKNOWN = 0.0
"""When a process was started, where the system does not tell."""
DEAD = {"Z", "X", "x"}
STATE, STARTED = 0, 19
"""Places in /proc/PID/stat, counted after the name of the program."""


def this_host(folder: Path = Path("/proc")) -> str:
    """The machine, and where its system has them, the set of processes this one can see.

    Two containers on one machine may have one name and count their processes apart: they are two hosts.
    """
    try:
        seen = (folder / "self" / "ns" / "pid").readlink().name
    except OSError:
        return socket.gethostname()
    return f"{socket.gethostname()} {seen}"


def started(pid: int, folder: Path = Path("/proc")) -> float | None:
    """When the process was started, in the system's own ticks; 0 where it does not tell; None: there is none.

    A number is given again to another process later; with the tick it was started at, it is one process for good. A
    process that has ended and waits for its parent to look is gone.
    """
    if not (folder / "self").exists():
        return UNKNOWN if _answers(pid) else None
    try:
        told = (folder / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = told.rpartition(")")[2].split()  # the name of the program may hold blanks and brackets
    return None if fields[STATE] in DEAD else float(fields[STARTED])


def is_running(pid: int, since: float, folder: Path = Path("/proc")) -> bool:
    """True while the process of this number that was started then is there; also where nobody can tell."""
    now = started(pid, folder)
    return now is not None and (UNKNOWN in {now, since} or now == since)


def _answers(pid: int) -> bool:
    """True when a process of this number is there, or nobody can tell."""
    if os.name == "nt":  # a signal of 0 is Ctrl-C there
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
