"""The page of metrics is what Prometheus reads, and does not grow without end."""

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from evertopic.prediction.cached import CacheCounts
from evertopic.records import LogState, Prediction
from serving.metrics import STAGES, Metrics
from tests.serving.fakes import a_model

ANSWER = Prediction("tabc", "cricket", ("bat",), 0.75, ())
NOBODY = Prediction(None, "unassigned", (), 0.2, ())
STATE = LogState(waiting=7, stored=90, lost=1, torn=2, journal_bytes=512, database_away="gone", in_memory=3)


def values(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Every sample of the page by its name and the values of its labels, in the order of the labels' names."""
    families = text_string_to_metric_families(metrics.page().decode())
    samples = (sample for family in families for sample in family.samples)
    return {(sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value for sample in samples}


def busy() -> Metrics:
    """Everything that can happen, once."""
    metrics = Metrics()
    metrics.model(a_model(3))
    metrics.answered(ANSWER, a_model(3), "api")
    metrics.answered(NOBODY, a_model(3), "api")
    for stage in STAGES:
        with metrics.stage(stage):
            pass
    metrics.request("/predict", "POST", 200, 0.02)
    metrics.fault("too-busy")
    metrics.reload("failed")
    metrics.trouble("version 4 is corrupt")
    metrics.log_state(STATE)
    metrics.cache(CacheCounts(remembered=5, stored=4, encoded=3))
    metrics.waiting(11)
    return metrics


def test_what_happened_is_on_the_page() -> None:
    """Each method of the metrics leaves its value, read by Prometheus's own parser."""
    found = values(busy())
    expected = {
        ("evertopic_predictions_total", "api", "tabc", "3"): 1,
        ("evertopic_predictions_total", "api", "unassigned", "3"): 1,
        ("evertopic_unassigned_total", "3"): 1,
        ("evertopic_strength_count", "3"): 1,
        ("evertopic_strength_sum", "3"): 0.75,
        ("evertopic_requests_total", "POST", "/predict", "200"): 1,
        ("evertopic_request_seconds_sum", "/predict"): 0.02,
        ("evertopic_faults_total", "too-busy"): 1,
        ("evertopic_reloads_total", "failed"): 1,
        ("evertopic_model_trouble",): 1,
        ("evertopic_model_info", "d", "tiny", "3"): 1,
        ("evertopic_waiting_texts",): 11,
        ("evertopic_log_waiting_predictions",): 7,
        ("evertopic_log_memory_predictions",): 3,
        ("evertopic_log_stored_predictions_total",): 90,
        ("evertopic_log_lost_predictions_total",): 1,
        ("evertopic_log_torn_predictions_total",): 2,
        ("evertopic_log_journal_bytes",): 512,
        ("evertopic_log_database_away",): 1,
        ("evertopic_log_disk_away",): 0,
        ("evertopic_encoder_texts_total", "remembered"): 5,
        ("evertopic_encoder_texts_total", "stored"): 4,
        ("evertopic_encoder_texts_total", "encoded"): 3,
        **{("evertopic_stage_seconds_count", stage): 1 for stage in STAGES},
    }
    assert {name: found.get(name) for name in expected} == expected
    assert found["evertopic_model_loaded_timestamp_seconds",] == a_model().loaded_at.timestamp()


def test_names_and_units_are_as_prometheus_has_them() -> None:
    """Ours begin with evertopic_, counters end in _total, every family is explained, times are in seconds."""
    families = list(text_string_to_metric_families(busy().page().decode()))
    ours = [family for family in families if not family.name.startswith(("process_", "python_"))]
    assert all(family.name.startswith("evertopic_") and family.documentation for family in ours)
    assert all(s.name.endswith("_total") for f in ours if f.type == "counter" for s in f.samples)
    assert not any(sample.name.endswith("_created") for family in ours for sample in family.samples)
    assert not any("_ms" in family.name or "millis" in family.name for family in ours)
    assert {"process_resident_memory_bytes", "process_open_fds"} <= {family.name for family in families}


def test_before_anything_happened_the_page_can_be_read() -> None:
    """A scrape may come before the first model and the first request."""
    found = values(Metrics())
    assert found["evertopic_model_trouble",] == 0
    assert not any(name[0].startswith(("evertopic_model_info", "evertopic_log")) for name in found)


def test_topics_of_old_versions_leave_the_page() -> None:
    """After each swap the model and the one before it are there; the page does not grow with the releases."""
    metrics, sizes = Metrics(), []
    for version in range(1, 8):
        metrics.model(a_model(version))
        for topic in range(20):
            metrics.answered(replace(ANSWER, key=f"t{version}-{topic}"), a_model(version), "api")
        metrics.answered(NOBODY, a_model(version), "api")
        sizes.append(len(values(metrics)))
    names = values(metrics)
    assert sizes[1:] == [sizes[1]] * 6
    assert {name[3] for name in names if name[0] == "evertopic_predictions_total"} == {"6", "7"}
    assert {name[1] for name in names if name[0] == "evertopic_strength_count"} == {"6", "7"}
    assert {name[3] for name in names if name[0] == "evertopic_model_info"} == {"7"}


def test_a_reload_of_the_same_version_and_a_rollback_drop_nothing() -> None:
    """Back and forth between two versions: both keep their counts."""
    metrics = Metrics()
    for version in (1, 2, 1, 1, 2):
        metrics.model(a_model(version))
        metrics.answered(ANSWER, a_model(version), "api")
    found = values(metrics)
    assert [found["evertopic_predictions_total", "api", "tabc", version] for version in "12"] == [3, 2]


def test_a_stage_that_fails_is_timed_all_the_same() -> None:
    """The time until the fault counts, and the fault goes on."""
    metrics = Metrics()
    with pytest.raises(ValueError, match="no"), metrics.stage("encode"):
        raise ValueError("no")
    assert values(metrics)["evertopic_stage_seconds_count", "encode"] == 1
