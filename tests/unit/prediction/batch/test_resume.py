"""A run that ended in the middle is gone on with, or begun anew with a reason."""

import csv
import errno
import resource
from dataclasses import replace
from pathlib import Path

import pytest

from evertopic.errors import Unavailable
from evertopic.prediction.batch import Delimited, FileTarget, Log, Size, predict_batch
from evertopic.prediction.bundle import Bundle
from evertopic.prediction.log import LogRule
from evertopic.records import Edit
from evertopic.storage.store import Store
from tests.unit.prediction.batch.batches import (
    AT,
    LATER,
    Dying,
    Killed,
    Models,
    a_batch,
    a_model,
    models,
    predicted,
)


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def died(bundle: Bundle, documents: Path, target: Path, calls: int = 3, version: int = 1, **more) -> None:
    """A run of `version` that is killed when it answers its chunk after `calls` of them."""
    doomed = Models({version: a_model(bundle, version, encoder=Dying(bundle.meta.encoder, calls))}, champion=version)
    with pytest.raises(Killed):
        predicted(documents, target, doomed.load, **more)


def again(documents: Path, target: Path, load, **more):
    """The outcome of the same batch a day later, and what was said on the way."""
    said: list[str] = []
    outcome = predict_batch(a_batch(documents, target, load, **more), LATER, say=said.append)
    return outcome, said


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_the_next_run_ends_in_the_same_bytes(bundle: Bundle, csv_file: Path, tmp_path: Path, ending: str) -> None:
    """Three chunks of six are done: the next run does the other three, and nobody sees that it was two runs."""
    whole, broken = tmp_path / f"whole{ending}", tmp_path / f"broken{ending}"
    registry = models(bundle)
    predicted(csv_file, whole, registry.load)
    died(bundle, csv_file, broken)
    assert not broken.exists()
    outcome, said = again(csv_file, broken, registry.load)
    assert broken.read_bytes() == whole.read_bytes()
    assert (outcome.rows, outcome.earlier, outcome.at) == (40, 21, AT)
    assert sum(size for _, size in outcome.tally.topics.values()) == 40
    assert said == ["Going on after 21 of 40 rows with version 1, as this run began."]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["news.csv", broken.name, whole.name])


@pytest.mark.parametrize("kind", ["lines_file", "parquet_file"])
def test_every_input_is_gone_on_with(bundle: Bundle, kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Lines and row groups are found again by their number, as the rows of delimited text are."""
    documents = request.getfixturevalue(kind)
    registry = models(bundle)
    predicted(documents, tmp_path / "whole.jsonl", registry.load)
    died(bundle, documents, tmp_path / "broken.jsonl")
    outcome, _ = again(documents, tmp_path / "broken.jsonl", registry.load)
    assert 0 < outcome.earlier < 40
    assert (tmp_path / "broken.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_it_goes_on_with_the_model_it_began_with(bundle: Bundle, csv_file: Path, tmp_path: Path) -> None:
    """The champion has moved on meanwhile: no file holds the answers of two models."""
    died(bundle, csv_file, tmp_path / "out.csv")
    registry = replace(models(bundle, versions=2), champion=2)
    outcome, _ = again(csv_file, tmp_path / "out.csv", registry.load)
    assert (outcome.version, outcome.alias) == (1, "champion")
    assert registry.asked == ["1"]
    versions = {line.split(",")[-3] for line in (tmp_path / "out.csv").read_text().splitlines()[1:]}
    assert versions == {"1"}


def test_a_model_that_is_gone_begins_anew(bundle: Bundle, csv_file: Path, tmp_path: Path) -> None:
    """The version it began with was deleted: all rows are answered by the champion, and it is said."""
    died(bundle, csv_file, tmp_path / "out.csv")
    registry = Models({2: a_model(bundle, 2)}, champion=2)
    outcome, said = again(csv_file, tmp_path / "out.csv", registry.load)
    assert (outcome.version, outcome.earlier, outcome.at) == (2, 0, LATER)
    assert "no longer to be had (The model 'news' has no version 1)" in said[0]
    assert "begins anew" in said[1]


def test_another_model_of_that_number_begins_anew(bundle: Bundle, csv_file: Path, tmp_path: Path) -> None:
    """A registry that was made again has another version 1: its digest tells."""
    died(bundle, csv_file, tmp_path / "out.csv")
    registry = Models({1: a_model(bundle, 1, digest="other")})
    outcome, said = again(csv_file, tmp_path / "out.csv", registry.load)
    assert outcome.earlier == 0
    assert "is another model" in said[0]


def test_a_topic_edited_meanwhile_begins_anew(bundle: Bundle, csv_file: Path, tmp_path: Path) -> None:
    """No file holds answers of before and after an edit, and the predictions are others."""
    died(bundle, csv_file, tmp_path / "out.csv")
    plain = predicted(csv_file, tmp_path / "plain.csv", models(bundle).load)
    model = a_model(bundle)
    rename = Edit("e1", "news", AT, "ann", "rename", "key-1", name="Fires")
    registry = Models({1: replace(model, predictor=model.predictor.with_edits([rename]))})
    outcome, said = again(csv_file, tmp_path / "out.csv", registry.load)
    assert (outcome.earlier, plain.rows) == (0, outcome.rows)
    assert "was edited since" in said[0]
    ids = [{row["prediction_id"] for row in rows(tmp_path / name)} for name in ("out.csv", "plain.csv")]
    assert ids[0].isdisjoint(ids[1])
    edited = [row for row in rows(tmp_path / "out.csv") if row["topic"] == "key-1"]
    assert {(row["topic_name"], row["edit"]) for row in edited} == {("Fires", "e1")}


def test_another_input_begins_anew(bundle: Bundle, csv_file: Path, tmp_path: Path, registry: Models) -> None:
    """One letter differs: what the earlier run left is thrown away, and it is said."""
    died(bundle, csv_file, tmp_path / "out.csv")
    csv_file.write_text(csv_file.read_text().replace("Hundreds", "Thousands", 1))
    outcome, said = again(csv_file, tmp_path / "out.csv", registry.load)
    assert (outcome.earlier, outcome.at) == (0, LATER)
    assert said == ["What an earlier run left is of another input, model or setting: this run begins anew."]
    assert (tmp_path / "out.csv").read_text().count("Thousands") == 1


@pytest.mark.parametrize(
    "change", [{"choice": "1"}, {"texts": ("id", "text")}, {"size": Size(rows=5)}], ids=["model", "texts", "size"]
)
def test_another_setting_begins_anew(bundle: Bundle, csv_file: Path, tmp_path: Path, registry: Models, change) -> None:
    """The model asked for, the text columns or the cut into chunks differ: nothing of the earlier run is used."""
    died(bundle, csv_file, tmp_path / "out.csv")
    outcome, said = again(csv_file, tmp_path / "out.csv", registry.load, **change)
    assert outcome.earlier == 0
    assert len(said) == 1


def test_damaged_marks_begin_anew(bundle: Bundle, csv_file: Path, tmp_path: Path, registry: Models) -> None:
    """Notes of a run that cannot be read are no reason to fail, and none to trust the chunks beside them."""
    died(bundle, csv_file, tmp_path / "out.csv")
    (tmp_path / "out.csv.parts" / "run.json").write_text('{"format": 2}')
    outcome, _ = again(csv_file, tmp_path / "out.csv", registry.load)
    assert (outcome.rows, outcome.earlier) == (40, 0)


def test_ids_do_not_depend_on_when_or_how(csv_file: Path, tmp_path: Path, bundle: Bundle) -> None:
    """The same rows by the same model have the same ids a day later in another format; another model gives others."""
    registry = models(bundle, versions=2)

    def ids(name: str, choice: str) -> list[str]:
        again(csv_file, tmp_path / name, registry.load, choice=choice)
        return [line.split('"prediction_id": "')[1][:36] for line in (tmp_path / name).read_text().splitlines()]

    first = ids("1.jsonl", "champion")
    assert ids("2.jsonl", "1") == first
    assert not set(ids("3.jsonl", "2")) & set(first)


def test_the_log_has_each_prediction_once(bundle: Bundle, csv_file: Path, tmp_path: Path, store: Store) -> None:
    """Killed and gone on with, and then done again from the beginning: 40 rows in the log, those of the output."""
    log = Log(store.predictions, LogRule(text="digest"))
    registry = models(bundle)
    died(bundle, csv_file, tmp_path / "out.jsonl", log=log)
    again(csv_file, tmp_path / "out.jsonl", registry.load, log=log)
    again(csv_file, tmp_path / "more.jsonl", registry.load, log=log)
    rows, _ = store.predictions.page("news", limit=100)
    written = (tmp_path / "out.jsonl").read_text()
    assert len(rows) == 40
    assert all(f'"prediction_id": "{row.id}"' in written for row in rows)
    assert {(row.source, row.by, row.at, row.alias, row.text) for row in rows} == {
        ("batch", "local", AT, "champion", None)
    }


def test_a_run_without_log_is_not_gone_on_with_by_one_that_logs(
    bundle: Bundle, csv_file: Path, tmp_path: Path, store: Store
) -> None:
    """The first three chunks would be missing in the log."""
    died(bundle, csv_file, tmp_path / "out.csv")
    log = Log(store.predictions, LogRule())
    assert again(csv_file, tmp_path / "out.csv", models(bundle).load, log=log)[0].earlier == 0
    assert len(store.predictions.page("news", limit=100)[0]) == 40


def test_progress_begins_where_the_last_run_ended(
    bundle: Bundle, csv_file: Path, tmp_path: Path, registry: Models
) -> None:
    """What is told begins with the rows that are done, grows, and ends with all of them."""
    died(bundle, csv_file, tmp_path / "out.csv")
    told: list[tuple[int, int]] = []
    batch = a_batch(csv_file, tmp_path / "out.csv", registry.load)
    predict_batch(batch, LATER, tell=lambda done, total: told.append((done, total)))
    assert told[0] == (21, 40)
    assert told[-1] == (40, 40)
    assert told == sorted(told)


def test_a_full_disk_keeps_what_is_done(bundle: Bundle, csv_file: Path, tmp_path: Path, registry: Models) -> None:
    """No chunk fits any more: the run ends as one that may be tried again; with room it goes on behind what it has."""
    predicted(csv_file, tmp_path / "whole.csv", registry.load)
    died(bundle, csv_file, tmp_path / "out.csv")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
    try:
        with pytest.raises(Unavailable, match="run again, it goes on from there"):
            again(csv_file, tmp_path / "out.csv", registry.load)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    outcome, _ = again(csv_file, tmp_path / "out.csv", registry.load)
    assert outcome.earlier == 21
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_no_room_for_the_whole_file_leaves_the_old_one(csv_file: Path, tmp_path: Path, registry: Models) -> None:
    """The disk is full when the chunks are put together: the old output is there, and the next run has all its rows."""
    disk = {"full": True}

    class Full(Delimited):
        def join(self, layout, parts, into) -> None:
            Delimited.join(self, layout, parts, into)
            if disk["full"]:
                raise OSError(errno.ENOSPC, "No space left on device")

    target = tmp_path / "out.csv"
    target.write_text("old")
    with pytest.raises(Unavailable, match="free space on the disk"):
        predicted(csv_file, FileTarget(target, Full()), registry.load)
    assert target.read_text() == "old"
    disk["full"] = False
    assert predicted(csv_file, FileTarget(target, Full()), registry.load).earlier == 40
    assert len(target.read_text().splitlines()) > 40
