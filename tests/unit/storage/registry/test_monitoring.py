from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evertopic.storage.registry.monitoring import CheckLog

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def check(tmp_path) -> CheckLog:
    page = tmp_path / "0123.html"
    page.write_text("<p>first</p>")
    return CheckLog("news", "news", 2, AT, {"drift/mmd/p": 0.5}, {"page": "checks/a"}, {"drift.html": page})


def test_values_over_checks(registry, check, tmp_path):
    """The checks of a version share one finished run, which draws each value over time and has the newest page."""
    first = registry.log_check(check)
    page = tmp_path / "4567.html"
    page.write_text("<p>second</p>")
    later = replace(check, at=AT + timedelta(hours=1), metrics={"drift/mmd/p": 0.01}, artifacts={"drift.html": page})
    assert registry.log_check(later) == first
    run = registry.client.get_run(first)
    history = registry.client.get_metric_history(first, "drift/mmd/p")
    assert (run.info.run_name, run.info.status) == ("monitoring version 2", "FINISHED")
    assert [(one.value, one.timestamp) for one in history] == [
        (0.5, int(AT.timestamp()) * 1000),
        (0.01, int(later.at.timestamp()) * 1000),
    ]
    file = tmp_path / "artifacts" / "news" / first / "artifacts" / "drift.html"
    assert file.read_text() == "<p>second</p>"


def test_again(registry, check):
    """A check that is logged twice, because its task was tried again, is there once."""
    run = registry.log_check(check)
    assert registry.log_check(check) == run
    assert len(registry.client.get_metric_history(run, "drift/mmd/p")) == 1


def test_versions_apart(registry, check):
    """Another champion has another run."""
    assert registry.log_check(check) != registry.log_check(replace(check, version=3))
