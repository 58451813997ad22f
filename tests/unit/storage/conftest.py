"""Every test of the store runs on SQLite and on PostgreSQL, each time on a fresh one."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from evertopic.storage.store import Store, open_store

READY = "\nprint('ready', flush=True)\nsys.stdin.readline()\n"


@pytest.fixture
def at_once() -> Callable[[int, str, str, str], list[int]]:
    """Run `act` in several processes that start it together, after each has done `prepare`; their exit codes."""

    def run(processes: int, prepare: str, act: str, argument: str) -> list[int]:
        command = [sys.executable, "-c", "import sys\n" + prepare + READY + act, argument]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        started = [subprocess.Popen(command, **pipes) for _ in range(processes)]
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in started:
            process.communicate(timeout=60)
        return [process.returncode for process in started]

    return run


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open, empty store."""
    opened = open_store(store_url, patience_s=10)
    yield opened
    opened.close()
