"""What people decided about topics outlives the models: twenty edits through three retrainings."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete

from evertopic.identity.conflicts import Conflict
from evertopic.identity.drafts import Draft
from evertopic.identity.edits import fold
from evertopic.prediction.bundle import read_edits
from evertopic.prediction.loading import Model, load_model
from evertopic.prediction.predictor import Predictor
from evertopic.prediction.reviewing import review
from evertopic.records import Edit
from evertopic.storage.registry import open_registry
from evertopic.storage.store import Store
from evertopic.storage.store.tables import documents
from tests.projects import STARTED, THEMES, Project, Walk, later, themed, walk

CRICKET, ELECTION, HOSPITAL, VOLCANO = THEMES
TAX = "taxes excise levy duty customs revenue tariff"
CLUB = "stadium captain champion tournament cricket"
TEXTS = (CRICKET, ELECTION, HOSPITAL, VOLCANO, TAX, CLUB)


def edit(store: Store, **content: Any) -> Edit:
    return store.edits.add("tiny", Draft(**content), by="ann", at=STARTED, randomness=Random(str(content)))


def twenty(store: Store, keys: dict[str, str]) -> Iterator[Edit]:
    """Twenty edits of four topics, which are given by their themes."""
    cricket, election, hospital, volcano = (keys[text] for text in TEXTS[:4])
    for key, name in ((cricket, "Sport"), (election, "Politics"), (hospital, "Health"), (volcano, "Ground")):
        yield edit(store, kind="rename", key=key, name=name)
    club = edit(store, kind="split", key=cricket, name="Clubs", texts=(CLUB, f"{CLUB} yesterday"))
    tax = edit(store, kind="pin", name="Tax", texts=(TAX, f"{TAX} report"))
    yield from (club, tax)
    yield edit(store, kind="pin", name="Nothing at all", texts=("zzyzx qqqq xxyyx",))
    yield edit(store, kind="split", key=election, name="Nowhere", texts=("zzyzx wwww vvvv",))
    yield edit(store, kind="rename", key=str(club.into), name="Sports clubs")
    yield edit(store, kind="rename", key=tax.key, name="Taxes")
    yield edit(store, kind="rename", key=hospital, name="Medicine")
    for key, text in ((election, "a ball"), (hospital, "a vote"), (tax.key, "a form"), (str(club.into), "a cup")):
        yield edit(store, kind="move", key=key, texts=(text,))
    yield edit(store, kind="move", key=volcano, texts=("a stone", "two stones"))
    law = edit(store, kind="pin", name="Law", texts=("court judge verdict trial appeal",))
    yield law
    yield edit(store, kind="merge", key=law.key, into=election)
    yield edit(store, kind="hide", key=volcano)
    yield edit(store, kind="rename", key=election, name="Parliament")


def kept(edit: Edit, edits: list[Edit], model: Model, answered: set[str | None]) -> bool:
    """The model answers as the edit wants it, or as a later one that took its place; `answered`: to its documents."""
    changes, predictor = fold(edits), model.predictor
    names = {topic.key: topic.name for topic in predictor.topics}

    def end(key: str) -> str:
        to = changes.resolve(key, names)
        return to.value if to else key

    if edit.kind == "rename":
        return edit.key in changes.hidden or names.get(edit.key) == changes.names[edit.key].value
    if edit.kind in ("hide", "merge"):
        return edit.key not in names and (edit.into is None or edit.into in names)
    if edit.kind == "move":
        wanted = {None if edit.key in changes.hidden else end(edit.key)}
        return {answer.key for answer in predictor.predict(edit.texts)} == wanted or edit.key in changes.hidden
    made = str(edit.into if edit.kind == "split" else edit.key)
    return end(made) in answered


def roll(project: Project, store: Store, at: int, texts: list[str]) -> Walk:
    """A retraining on these documents alone."""
    with store.engine.begin() as connection:
        connection.execute(delete(documents))
    project.write_rows(["id", "text"], [[f"{at}-{row:03d}", text] for row, text in enumerate(texts)])
    return walk(later(project.job(), 10 * at))


@pytest.fixture
def project(fresh_mlflow: Path, tmp_path: Path) -> Project:
    return Project.make(tmp_path / "project", fresh_mlflow)


def test_twenty_edits_through_three_retrainings(project: Project) -> None:
    """After each of them every edit is kept, or listed as a conflict; none is lost and none is forced.

    The documents are others each time: of the same themes; of two of them and taxes; of all four and taxes.
    """
    first, store = walk(project.job()), project.job().store()
    registry, lake = open_registry(first.job.place.tracking_uri, first.job.place.artifacts_url), first.job.lake()

    def loaded(version: int) -> Model:
        edits = store.edits.list
        return load_model(registry, lake, "tiny", str(version), STARTED, edits=lambda: edits("tiny"))

    def conflicting(version: int) -> dict[str, Conflict]:
        return {one.edit.id: one for one in review(loaded(version), store, lake, "tiny")}

    try:
        own = {text: answer.key for text, answer in zip(TEXTS, loaded(1).predictor.predict(TEXTS), strict=True)}
        edits = list(twenty(store, {text: str(own[text]) for text in TEXTS[:4]}))
        assert len(edits) == 20
        before = conflicting(1)
        empty = [(name, "empty") for name in ("Tax", "Nothing at all", "Nowhere")]
        assert [(one.edit.name, one.reason) for one in before.values()] == empty
        taxes = [f"{TAX} {text[:40]}" for text in themed(40, seed=9)]
        corpora = (
            themed(120, seed=2),
            [text for at, text in enumerate(themed(160, seed=3)) if at % 4 in (1, 2)] + taxes,
            themed(120, seed=4) + taxes,
        )
        reasons = []
        for at, texts in enumerate(corpora, 1):
            trained = roll(project, store, at, texts)
            model, listed = loaded(trained.version.version), conflicting(trained.version.version)
            assert store.edits.list("tiny") == tuple(edits)
            answered = {answer.key for answer in model.predictor.predict(texts)}
            lost = [one for one in edits if one.id not in listed and not kept(one, edits, model, answered)]
            assert not lost
            reasons.append({one.reason for one in listed.values()})
            folder = lake.fetch_folder(f"{trained.training.bundle.key}/bundle")
            assert read_edits(folder) == tuple(edits)
            assert Predictor.load(folder).predict(texts[:20]) == model.predictor.predict(texts[:20])
        assert "gone" in reasons[1] or "merged" in reasons[1]
        assert conflicting(1) == before  # the first model again, as after a rollback
    finally:
        store.close()
