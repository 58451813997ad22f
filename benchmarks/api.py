"""The API of the trained demo as a process of its own, and what it says of itself."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.corpora import ROOT
from benchmarks.demo import written

SERVE = [sys.executable, "-c", "from evertopic.cli.main import main; main()", "serve"]
START_S = 120.0
STOP_S = 60.0
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the service has done and taken since its start, by its own metrics."""

    cpu_s: float
    resident_mib: float
    predictions: float
    rounds: float
    """Times the encoder was asked."""
    stage_s: Mapping[str, float]
    """Seconds by stage, of all requests together; `encode` and `assign` are of rounds."""


@dataclass(frozen=True, slots=True)
class Api:
    """A running service."""

    address: str
    process: int

    def reading(self) -> Reading:
        """Its metrics at this moment."""
        page = httpx.get(f"{self.address}/metrics", timeout=PATIENCE_S).raise_for_status().text
        found: dict[str, float] = {}
        stages: dict[str, float] = {}
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                found[sample.name] = found.get(sample.name, 0.0) + sample.value
                if sample.name == "evertopic_stage_seconds_sum":
                    stages[sample.labels["stage"]] = sample.value
                if sample.name == "evertopic_stage_seconds_count" and sample.labels["stage"] == "encode":
                    found["rounds"] = sample.value
        return Reading(
            cpu_s=found["process_cpu_seconds_total"],
            resident_mib=found["process_resident_memory_bytes"] / 2**20,
            predictions=found.get("evertopic_predictions_total", 0.0),
            rounds=found["rounds"],
            stage_s=stages,
        )


@contextmanager
def served(home: Path, serve: Mapping[str, Any], threads: int = 1) -> Iterator[Api]:
    """The API of the demo in `home` on a free port, its `serve` settings these or the defaults; it logs to a file."""
    with tempfile.TemporaryDirectory() as folder:
        config, lines = written(Path(folder), {"serve": dict(serve)}), Path(folder) / "log.jsonl"
        surroundings = {**os.environ, "EVERTOPIC_HOME": str(home), "PYTHONPATH": str(ROOT)}
        surroundings |= {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
        with (
            lines.open("wb") as out,
            subprocess.Popen(
                [*SERVE, str(config), "--port", "0"],
                cwd=ROOT,
                env=surroundings,
                stdout=out,
                stderr=subprocess.PIPE,
                text=True,
            ) as process,
        ):
            try:
                yield Api(_address(process), process.pid)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(STOP_S)


def _address(process: "subprocess.Popen[str]") -> str:
    """Where it answers, once it does."""
    said = []
    for line in process.stderr or ():
        said.append(line)
        if found := re.search(r"answers at (http://\S+)", line):
            return found[1]
    raise SystemExit(f"The service did not start: {''.join(said)}")
