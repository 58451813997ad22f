"""`evertopic up` of a demonstration, asked from outside: by HTTP, by `prefect deployment run`, by the command."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

import httpx
from pydantic import TypeAdapter

from demos.project import LOOP, Demo
from evertopic.cli.project import answers
from evertopic.records import Check
from evertopic.storage.store import open_store

OURSELVES = (sys.executable, "-c", "from evertopic.cli.main import main; main()")
START_S, RETRAIN_S, STOP_S = 180.0, 420.0, 60.0
TEXTS = 40
"""Of one request."""


@dataclass(frozen=True, slots=True)
class System:
    """The running system, as a user sees it."""

    demo: Demo
    variables: Mapping[str, str]
    process: "subprocess.Popen[bytes]"
    prefect: str
    mlflow: str
    api: str

    def run_deployment(self, flow: str) -> None:
        """Runs a deployment by the worker and waits for its end.

        Raises:
            RuntimeError: it did not complete.
        """
        command = ["-m", "prefect", "--no-prompt", "deployment", "run", f"{flow}/{LOOP}", "--watch"]
        self._run([sys.executable, *command], f"the deployment {flow}/{LOOP}")

    def ask(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """The answers of the API, one a text."""
        answers: list[dict[str, Any]] = []
        for start in range(0, len(texts), TEXTS):
            body = {"texts": list(texts[start : start + TEXTS])}
            said = httpx.post(f"{self.api}/predict/batch", json=body, timeout=60).raise_for_status().json()
            answers += [item["answer"] for item in said["items"]]
        return answers

    def model(self) -> dict[str, Any]:
        """What the API says of the model it answers by."""
        found: dict[str, Any] = httpx.get(f"{self.api}/model", timeout=30).raise_for_status().json()
        return found

    def last_decision(self) -> dict[str, Any]:
        """As `evertopic why` tells it."""
        found: dict[str, Any] = json.loads(self._evertopic("why", LOOP, "--json"))["decisions"][0]
        return found

    def last_check(self) -> dict[str, Any]:
        """The check of the last decision, from the store."""
        store = open_store(self.variables.get("EVERTOPIC_STORE", f"sqlite:///{self.demo.home / 'store.db'}"))
        try:
            found: dict[str, Any] = TypeAdapter(Check).dump_python(store.checks.list(LOOP, limit=1)[0], mode="json")
        finally:
            store.close()
        return found

    def texts_of(self, check: Mapping[str, Any], ids: Sequence[str]) -> list[str]:
        """The texts of documents that a check names."""
        import pandas as pd

        frame = pd.read_parquet(self.demo.home / "lake" / check["window"]["key"] / "documents.parquet")
        return [str(text) for text in frame.set_index("id").loc[list(ids), "text"]]

    def releases(self) -> list[dict[str, Any]]:
        """The ledger, newest first."""
        found: list[dict[str, Any]] = json.loads(self._evertopic("releases", LOOP, "--json"))["releases"]
        return found

    def roll_back(self) -> float:
        """Seconds from the command to the first old answer, as the command tells them."""
        return float(json.loads(self._evertopic("rollback", LOOP, "--json"))["seconds"])

    def runs_of(self, flow: str) -> list[dict[str, Any]]:
        """The Prefect runs of a flow."""
        asked = {"flows": {"name": {"any_": [flow]}}}
        found = httpx.post(f"{self.prefect}/api/flow_runs/filter", json=asked, timeout=30).raise_for_status()
        runs: list[dict[str, Any]] = found.json()
        return runs

    def await_retraining(self) -> None:
        """Waits until the retraining that was asked for has ended.

        Raises:
            RuntimeError: it takes too long.
        """
        self._await(lambda: all(one["end_time"] for one in self.runs_of("retrain")), RETRAIN_S, "the retraining")

    def await_api(self) -> None:
        """Waits until the API answers by a model.

        Raises:
            RuntimeError: it takes too long.
        """
        self._await(lambda: answers(f"{self.api}/ready", seconds=2.0), START_S, "the API")

    def wait(self) -> None:
        """Waits until somebody ends it."""
        self.process.wait()

    def _await(self, seen: Any, patience_s: float, what: str) -> None:
        deadline = monotonic() + patience_s
        while not seen():
            if self.process.poll() is not None:
                raise RuntimeError(f"`evertopic up` ended with {self.process.returncode} while {what} was awaited.")
            if monotonic() > deadline:
                raise RuntimeError(f"Waited {patience_s:.0f} s for {what}: look into {self.demo.home / 'logs'}.")
            sleep(0.5)

    def _evertopic(self, *command: str) -> str:
        return self._run([*OURSELVES, *command], f"evertopic {' '.join(command)}")

    def _run(self, command: list[str], what: str) -> str:
        done = subprocess.run(
            command, cwd=self.demo.root, env=dict(self.variables), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{what} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done.stdout


@contextmanager
def running(demo: Demo, port: int, variables: Mapping[str, str], told: Mapping[str, str]) -> Iterator[System]:
    """The system on three ports from `port` on, until the end of the block.

    Args:
        demo: the project.
        port: the first of them.
        variables: of this process; what they say of another project is left out.
        told: variables of the demonstration's own.
    """
    prefect, mlflow, api = (f"http://127.0.0.1:{port + at}" for at in range(3))
    own = {name: value for name, value in variables.items() if not name.startswith("EVERTOPIC_")}
    own |= {
        "PREFECT_API_URL": f"{prefect}/api",
        "EVERTOPIC_API": api,
        "PREFECT_HOME": str(demo.home / "prefect"),
        **told,
    }
    demo.home.mkdir(parents=True, exist_ok=True)
    ports = ["--prefect-port", str(port), "--mlflow-port", str(port + 1), "--api-port", str(port + 2)]
    with (demo.home / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [*OURSELVES, "up", *ports], cwd=demo.root, env=own, stdout=log, stderr=log, start_new_session=True
        )
    system = System(demo, own, process, prefect, mlflow, api)
    try:
        system._await(lambda: b"Ctrl-C" in (demo.home / "up.log").read_bytes(), START_S, "`evertopic up`")
        yield system
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGTERM)
            process.wait(STOP_S)
