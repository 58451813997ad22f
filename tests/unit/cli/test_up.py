import os
import signal
import socket
from pathlib import Path
from time import monotonic

import pytest
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.cli.services import Service, await_health, require_free
from evertopic.cli.surroundings import children_variables
from evertopic.environment import read_environment
from evertopic.errors import Unavailable


def test_a_taken_port_is_refused_before_anything_starts(project: Path) -> None:
    """Something listens on the port: the command ends with 5 and names the port and the option."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = CliRunner().invoke(app, ["up", "--no-api", "--prefect-port", str(port)])
    assert done.exit_code == 5
    assert f"Port {port}" in done.stderr
    assert "--prefect-port" in done.stderr
    assert not (project / ".evertopic").exists()


def test_faults_of_the_project_are_told_before_anything_starts(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A config with a fault, an address for notices that is none: exit code 2, and nothing was started."""
    monkeypatch.setenv("EVERTOPIC_NOTIFY", "sesame")
    refused = CliRunner().invoke(app, ["up"])
    assert refused.exit_code == 2
    assert "EVERTOPIC_NOTIFY" in refused.stderr
    monkeypatch.delenv("EVERTOPIC_NOTIFY")
    (project / "configs" / "demo.yaml").write_text("name: demo\n")
    refused = CliRunner().invoke(app, ["up"])
    assert refused.exit_code == 2
    assert "source" in refused.stderr
    assert not (project / ".evertopic").exists()


def test_a_free_port_passes() -> None:
    """A port that was just given back may be used."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    require_free(port, "Prefect", "--prefect-port")


def test_children_know_the_project_and_no_password_is_on_a_command_line(tmp_path: Path) -> None:
    """The backend's address travels in the environment; API, root and home are this project's."""
    place = read_environment({"EVERTOPIC_TRACKING": "postgresql://ann:secret@host/db"}, tmp_path)
    variables = children_variables({"PATH": "x"}, place, 4311, 5311)
    assert variables["MLFLOW_BACKEND_STORE_URI"] == "postgresql://ann:secret@host/db"
    assert variables["PREFECT_API_URL"] == "http://127.0.0.1:4311/api"
    assert variables["EVERTOPIC_ROOT"] == str(tmp_path)
    assert variables["EVERTOPIC_MLFLOW_UI"] == "http://127.0.0.1:5311"
    assert variables["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert variables["PATH"] == "x"


def test_a_program_that_ends_is_reported_with_its_last_words(tmp_path: Path) -> None:
    """Waiting for a program that dies raises at once, with what it wrote."""
    script = "print('no such database'); raise SystemExit(7)"
    service = Service.start("dying", ["-c", script], os.environ, tmp_path, tmp_path)
    service.process.wait(20)
    with pytest.raises(Unavailable, match=r"code 7(.|\n)*no such database"):
        await_health(service, "http://127.0.0.1:9/health", 20, lambda: False)


def test_stopping_reaches_what_a_program_started(tmp_path: Path) -> None:
    """A program and its own child are gone after stop, though the child ignores that its parent ended."""
    child = "import time; print(1, flush=True); time.sleep(60)"
    script = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}]).wait()"
    service = Service.start("parent", ["-c", script], os.environ, tmp_path, tmp_path)
    while not service.log.read_text():
        assert service.running()
    service.stop(20)
    assert service.process.returncode == -signal.SIGTERM
    deadline = monotonic() + 20
    while _commands_of_group(service.process.pid):
        assert monotonic() < deadline, "the child is still there"


def test_being_told_to_stop_ends_the_wait(tmp_path: Path) -> None:
    """Ctrl-C while the programs start is no fault."""
    service = Service.start("slow", ["-c", "import time; time.sleep(60)"], os.environ, tmp_path, tmp_path)
    assert not await_health(service, "http://127.0.0.1:9/health", 20, lambda: True)
    service.stop(20)
    assert not service.running()


def _commands_of_group(group: int) -> str:
    """The command lines of all living processes of a group; zombies have none."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                found.append((folder / "cmdline").read_text())
        except (ProcessLookupError, FileNotFoundError):
            continue
    return " ".join(found)
