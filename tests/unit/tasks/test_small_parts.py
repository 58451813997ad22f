"""Progress, runners and retries of tasks."""

import logging
from importlib.util import find_spec

import pytest
from prefect.states import Failed
from prefect.task_runners import ProcessPoolTaskRunner, ThreadPoolTaskRunner

from evertopic.config import Runner
from evertopic.errors import BadConfig, BadInput, Unavailable
from tasks.progress import Progress
from tasks.retry import when_unavailable
from tasks.runner import runner_for


def test_progress_is_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Each step is one record whose numbers a terminal can turn into a bar; outside Prefect nothing else happens."""
    with caplog.at_level(logging.INFO, "evertopic.progress"):
        tell = Progress("texts encoded")
        tell(1, 2)
        tell(2, 2)
    assert [(r.step, r.done, r.total) for r in caplog.records] == [("texts encoded", 1, 2), ("texts encoded", 2, 2)]


@pytest.mark.parametrize(("kind", "runner"), [("threads", ThreadPoolTaskRunner), ("processes", ProcessPoolTaskRunner)])
def test_runner(kind: str, runner: type) -> None:
    """The kinds that need nothing else give Prefect's own runners."""
    assert isinstance(runner_for(Runner(kind=kind, workers=2)), runner)


@pytest.mark.parametrize("kind", ["dask", "ray"])
def test_missing_extra(kind: str) -> None:
    """A kind whose package is not installed names the extra to install."""
    if find_spec(f"prefect_{kind}"):
        pytest.skip(f"prefect-{kind} is installed here")
    with pytest.raises(BadConfig, match=rf"install evertopic\[{kind}\]"):
        runner_for(Runner(kind=kind))


@pytest.mark.parametrize(("fault", "again"), [(Unavailable("gone"), True), (BadInput("wrong"), False)])
def test_retry(fault: Exception, again: bool) -> None:
    """Only what did not answer is tried again."""
    assert when_unavailable(None, None, Failed(data=fault)) is again
