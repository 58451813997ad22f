"""Programs under test, as processes of their own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from time import monotonic

import psutil

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120
SERVE = [sys.executable, "-c", "from evertopic.cli.main import main; main()", "serve", "--port", "0"]


class Process:
    """A program under test; what it writes is read all the time, line by line."""

    def __init__(self, command: list[str], cwd: Path, **variables: str) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self._told: Queue[str | None] = Queue()
        self._readers = [
            Thread(target=self._read, args=(self.process.stdout, self.out)),
            Thread(target=self._read, args=(self.process.stderr, self.err)),
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream, lines: list[str]) -> None:
        for line in stream:
            lines.append(line)
            self._told.put(line)
        self._told.put(None)

    def says(self, pattern: str) -> re.Match[str]:
        """Waits for a line, of either stream, that the pattern finds."""
        deadline, open_streams = monotonic() + PATIENCE_S, len(self._readers)
        while open_streams:
            try:
                line = self._told.get(timeout=max(0.0, deadline - monotonic()))
            except Empty:
                break
            if line is None:
                open_streams -= 1
            elif found := re.search(pattern, line):
                return found
        raise AssertionError(f"never said {pattern}: {self.out} {self.err}")

    def ends(self, number: signal.Signals | None = None) -> int:
        """Its exit code, after this signal; nothing of it is left."""
        running = psutil.Process(self.process.pid).children(recursive=True) if self.process.poll() is None else []
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        for reader in self._readers:
            reader.join(PATIENCE_S)
        assert psutil.wait_procs(running, timeout=10)[1] == []
        return code


@contextmanager
def started(command: list[str], cwd: Path, **variables: str) -> Iterator[Process]:
    """The program, ended with the test."""
    process = Process(command, cwd, **variables)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.process.kill()
        process.ends()
        process.process.stdout.close()
        process.process.stderr.close()
