"""Whether a process is still there, where the system tells and where it does not."""

import os
from pathlib import Path

import pytest

from evertopic.storage.processes import UNKNOWN, is_running, started, this_host

NOBODY = 2**22 + 1
"""Above the largest number Linux gives."""


def test_this_process() -> None:
    """It runs since it was started, and another moment is another process."""
    since = started(os.getpid())
    assert since is not None
    assert is_running(os.getpid(), since)
    assert not is_running(os.getpid(), since + 1)
    assert is_running(os.getpid(), UNKNOWN)


def test_nobody() -> None:
    """A number that no process has."""
    assert started(NOBODY) is None
    assert not is_running(NOBODY, UNKNOWN)


def test_without_proc(tmp_path: Path) -> None:
    """Where the system has no /proc the number alone tells; the host is then just its name."""
    nowhere = tmp_path / "proc"
    assert started(os.getpid(), nowhere) == UNKNOWN
    assert is_running(os.getpid(), 12.0, nowhere)
    assert not is_running(NOBODY, 12.0, nowhere)
    assert this_host().startswith(this_host(nowhere))


@pytest.mark.parametrize(("state", "there"), [("S", True), ("R", True), ("Z", False), ("X", False)])
def test_states(tmp_path: Path, state: str, there: bool) -> None:
    """A zombie is gone; a name with blanks and brackets does not confuse."""
    (tmp_path / "self").mkdir()
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "stat").write_text(f"7 (a ) S (b) {state} " + " ".join(str(at) for at in range(4, 30)))
    # The 22nd field of the file is the start; those written here are their own numbers.
    assert started(7, tmp_path) == (22.0 if there else None)
