from dataclasses import replace
from pathlib import Path

from evertopic.records import Interval, Measure, Performance
from evertopic.storage.lake import Lake
from evertopic.storage.registry import open_registry
from tasks.drift_page import log_check, page_at_rest
from tests.projects import Project, listing
from tests.unit.reporting.samples import TOPICS, report, sample, verdict

REPORT = report(3, verdict("mmd", "drift", 0.0004), verdict("words", "refused", None))


def test_page_is_made_once(tmp_path: Path) -> None:
    """The same check has the same page, made once; another verdict has another."""
    lake = Lake(tmp_path.as_uri())
    key = page_at_rest(lake, sample(3), sample(3, seed=2), REPORT, TOPICS)
    before = listing(tmp_path)
    assert page_at_rest(lake, sample(3), sample(3, seed=2), REPORT, TOPICS) == key
    assert listing(tmp_path) == before
    assert b"This is what mmd says." in lake.read_bytes(key)
    other = replace(REPORT, verdicts=(verdict("mmd", "none", 0.5),))
    assert page_at_rest(lake, sample(3), sample(3, seed=2), other, TOPICS) != key


def test_check_in_mlflow(project: Project) -> None:
    """MLflow has the page, and as metrics what each verdict and each measure says; a refusal says nothing."""
    place = project.job().place
    lake, registry = project.job().lake(), open_registry(place.tracking_uri, place.artifacts_url)
    lake.write_text("checks/a/drift.html", "<p>page</p>")
    measure = Measure("accuracy", Interval(0.9, 0.8, 0.95), None, 40, "higher", "unknown", None)
    run = log_check(registry, lake, REPORT, "checks/a/drift.html", Performance((measure,), 36, 4, 3))
    found = registry.client.get_run(run)
    assert found.data.metrics == {
        "window/documents": 3.0,
        "drift/mmd/drifted": 1.0,
        "drift/mmd/p": 0.0004,
        "drift/mmd/statistic": 12.5,
        "drift/mmd/size": 0.31,
        "performance/accuracy": 0.9,
        "performance/accuracy/low": 0.8,
        "performance/accuracy/high": 0.95,
    }
    assert [file.path for file in registry.client.list_artifacts(run)] == ["drift.html"]
    assert found.data.tags["page"] == "checks/a/drift.html"
