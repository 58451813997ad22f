"""How the champion does, measured without Prefect on a tiny project whose documents have labels."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from evertopic.records import (
    Check,
    DriftReport,
    Feedback,
    Interval,
    Measure,
    Performance,
    SnapshotRef,
    VectorsRef,
    Window,
)
from tasks.embed import embed_documents
from tasks.ingest import ingest_documents
from tasks.job import Job
from tasks.performance import measure_performance
from tasks.preprocess import preprocess_documents
from tests.projects import STARTED, Project, Walk, themed, walk
from tests.unit.storage.answers import answer

COLUMNS = {"id": "id", "text": "text", "label": "label"}
NAMES = ("sport", "politics", "medicine", "earth")


@dataclass(frozen=True, slots=True)
class Watched:
    """A champion, and what has come since."""

    walk: Walk
    job: Job
    texts: list[str]

    def measured(self, texts: list[str]) -> Performance:
        """The performance on a window of these texts."""
        window, cleaned, vectors = self.window(texts)
        return measure_performance.fn(self.job, self.walk.version, window, cleaned, vectors)

    def window(self, texts: list[str]) -> tuple[Window, SnapshotRef, VectorsRef]:
        """The window of these texts, as the tasks before leave it."""
        key, until = f"windows/{len(texts)}", self.job.started
        times = pd.Series([pd.NaT] * len(texts), dtype="datetime64[s]")
        labels = pd.Series([None] * len(texts), dtype=object)
        frame = pd.DataFrame({"id": [f"n{at}" for at in range(len(texts))], "text": texts})
        self.job.lake().write_frame(f"{key}/documents.parquet", frame.assign(label=labels, timestamp=times))
        snapshot = SnapshotRef(key, f"{len(texts):032d}", len(texts))
        cleaned = preprocess_documents.fn(self.job, snapshot)
        vectors = embed_documents.fn(self.job, cleaned)
        return Window(key, snapshot.digest, None, until, len(texts), len(texts), 0), cleaned, vectors


@pytest.fixture(scope="module")
def watched(fresh_mlflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A model of 120 labelled documents; 40 later ones with labels in the store."""
    project = Project.make(tmp_path_factory.mktemp("performance") / "project", fresh_mlflow)
    texts = themed(160)
    rows = [[f"d{at:03d}", text, NAMES[at % 4]] for at, text in enumerate(texts)]
    project.write_rows(["id", "text", "label"], rows[:120])
    done = walk(project.job(columns=COLUMNS))
    project.write_rows(["id", "text", "label"], rows)
    job = project.job(columns=COLUMNS, started=STARTED + timedelta(days=1))
    ingest_documents.fn(job)
    return Watched(done, job, texts)


def test_all_measures(watched: Watched) -> None:
    """Themes that go on as they were: every measure is there, beside registration, and none is clearly worse."""
    found = watched.measured(watched.texts[120:])
    assert {one.name for one in found.measures} == {"unassigned", "strength", "coherence", "accuracy", "macro_f1"}
    for one in found.measures:
        assert one.documents == 40
        assert one.then is not None
        assert one.now.low <= one.now.value <= one.now.high
        assert one.now.low <= one.then.high if one.better == "lower" else one.now.high >= one.then.low
        assert (one.trend, one.slope) == ("unknown", None)
    accuracy = found.get("accuracy")
    assert accuracy is not None
    assert accuracy.now.value > 0.9


def test_other_texts(watched: Watched) -> None:
    """Texts of no theme: the unassigned share rises above its budget, and strength falls."""
    found = watched.measured(["completely unknown matters discussed here " + str(at) * 9 for at in range(30)])
    unassigned = found.get("unassigned")
    assert unassigned is not None
    assert unassigned.then is not None
    assert unassigned.now.low > unassigned.then.high


def test_few_documents(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    """A window of three documents: shares alone are measured, with wide intervals; the log says what was left out."""
    caplog.set_level("INFO")
    found = watched.measured(watched.texts[120:123])
    assert {one.name for one in found.measures} == {"unassigned", "accuracy", "macro_f1"}  # labels: all since then
    assert "strength is not measured: 3 documents, at least 20 are needed." in caplog.text
    assert "coherence is not measured: 3 documents" in caplog.text


def test_feedback(watched: Watched) -> None:
    """What people say of answers of this version: 22 right, 2 wrong with the right topic, 1 wrong without."""
    store, version = watched.job.store(), watched.walk.version
    keys = ["k1", "k2"]
    said = [("right", None)] * 22 + [("wrong", "k2")] * 2 + [("wrong", None)]
    answers = [
        answer(at, id=f"a{at}", loop="tiny", model="tiny", version=version.version, key=keys[at % 2])
        for at in range(25)
    ]
    store.predictions.add([*answers, replace(answers[0], id="old", version=99)])
    for at, (verdict, key) in enumerate(said):
        store.feedback.give(Feedback(f"a{at}", "tiny", f"p{at % 3}", STARTED, verdict, key, None, None))  # type: ignore[arg-type]
    store.feedback.give(Feedback("old", "tiny", "p9", STARTED, "wrong", None, None, None))
    store.close()
    found = watched.measured(watched.texts[120:])
    assert (found.right, found.wrong, found.people) == (22, 3, 3)
    measure = found.get("feedback_accuracy")
    assert measure is not None
    assert measure.now.value == pytest.approx(22 / 25)
    assert measure.then is None
    f1 = found.get("feedback_macro_f1")
    assert f1 is not None
    assert f1.documents == 24


def test_no_labels_since(watched: Watched) -> None:
    """Before a label comes there is no accuracy; without any in the training nothing is looked for."""
    empty = replace(watched.job, config=watched.job.config.model_copy(update={"name": "another"}))
    window, cleaned, vectors = watched.window(watched.texts[120:])
    found = measure_performance.fn(empty, watched.walk.version, window, cleaned, vectors)
    assert {one.name for one in found.measures} == {"unassigned", "strength", "coherence"}


def test_trend(watched: Watched) -> None:
    """Checks before tell where a measure goes; those of another version and of two months ago say nothing."""
    store, version = watched.job.store(), watched.walk.version
    window = watched.window(watched.texts[120:])[0]

    def check(day: int, value: float, number: int) -> Check:
        at = watched.job.started - timedelta(days=day)
        measure = Measure("strength", Interval(value, value, value), None, 40, "higher", "unknown", None)
        drift = DriftReport("tiny", "tiny", number, at, window, ())
        done = Performance((measure,), 0, 0, 0)
        return Check(f"c{day}-{number}", "tiny", at, "tiny", number, window, drift, done, None, 1.0)

    for day in range(1, 7):
        store.checks.add(check(day, 0.1 - day / 100, version.version))
        store.checks.add(check(day, 0.9 + day / 100, 99))
        store.checks.add(check(day + 60, 0.99, version.version))
    store.close()
    strength = watched.measured(watched.texts[120:]).get("strength")
    assert strength is not None
    assert strength.trend == "improving"
    assert strength.slope is not None
    assert strength.slope.low > 0


def test_another_encoder(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    """A window that another encoder read says nothing of strength; the words are measured all the same."""
    window, cleaned, vectors = watched.window(watched.texts[120:])
    found = measure_performance.fn(
        watched.job, watched.walk.version, window, cleaned, replace(vectors, encoder="another")
    )
    assert found.get("strength") is None
    assert found.get("coherence") is not None
    assert "read by another" in caplog.text


def test_training_is_gone(watched: Watched) -> None:
    """Without the training in the lake the model is measured by itself: strength and unassigned."""
    window, cleaned, vectors = watched.window(watched.texts[120:])
    found = measure_performance.fn(
        watched.job, replace(watched.walk.version, digest="0" * 32), window, cleaned, vectors
    )
    assert {one.name for one in found.measures} >= {"unassigned", "strength"}
    assert found.get("coherence") is None
