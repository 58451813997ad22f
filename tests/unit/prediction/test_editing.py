"""Edits at work: on five topics of real texts."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import numpy as np
import pytest

from evertopic.corpus.cleaning import clean
from evertopic.models.assignment import logits, probabilities
from evertopic.prediction.bundle import Bundle, read_edits, write_bundle
from evertopic.prediction.predictor import Predictor
from evertopic.prediction.rules import Category, Rules
from evertopic.records import Edit, Overruled, Prediction

AT = datetime(2026, 3, 1, tzinfo=UTC)
ids = count(1)


def edit(kind: Any, key: str, **more: Any) -> Edit:
    return Edit(f"e{next(ids)}", "news", AT, "ann", kind, key, **more)


@pytest.fixture(scope="session")
def model(bundle: Bundle) -> Predictor:
    return Predictor(bundle, bundle.meta.encoder)


@pytest.fixture(scope="session")
def own(model: Predictor, news: list[str]) -> list[Prediction]:
    return model.predict(news)


def under(model: Predictor, news: list[str], *edits: Edit) -> list[Prediction]:
    return model.with_edits(edits).predict(news)


def held_by(own: list[Prediction], key: str | None) -> list[int]:
    return [row for row, answer in enumerate(own) if answer.key == key]


def test_no_edits_and_undone_ones_change_nothing(model: Predictor) -> None:
    """The model is the very same."""
    assert model.with_edits(()) == model
    assert model.with_edits([replace(edit("hide", "key-1"), undone_at=AT)]) == model


def test_a_renamed_topic_answers_by_its_new_name(model: Predictor, news: list[str], own: list[Prediction]) -> None:
    """Nothing else changes, and the answer says what the model called it."""
    renamed = edit("rename", "key-1", name="Afghanistan")
    answers = under(model, news, renamed)
    for answer, before in zip(answers, own, strict=True):
        if before.key == "key-1":
            told = Overruled(None, "key-1", "name 1", before.strength, renamed.id)
            assert answer == replace(before, name="Afghanistan", overruled=told)
        else:
            assert answer == before


def test_a_merged_topic_answers_as_the_one_that_stays(
    model: Predictor, news: list[str], own: list[Prediction], bundle: Bundle
) -> None:
    """Its key, name and words; the probabilities of both are summed, in the answer and in the alternatives."""
    answers = under(model, news, edit("merge", "key-1", into="key-2"))
    chances = probabilities(model.encoder.encode([clean(text, bundle.meta.cleaning) for text in news]), bundle.head)
    both = chances[:, 1] + chances[:, 2]
    for row, (answer, before) in enumerate(zip(answers, own, strict=True)):
        assert answer.key == ("key-2" if before.key == "key-1" else before.key)
        assert "key-1" not in dict(answer.alternatives)
        if answer.key == "key-2":
            assert (answer.name, answer.words) == ("name 2", ("w2", "x"))
            assert answer.strength == pytest.approx(both[row], abs=1e-6)
            told = answer.overruled or before  # no merge speaks where it changes nothing, not even the strength
            assert (told.key, told.name, told.strength) == (before.key, before.name, before.strength)
        elif "key-2" in dict(answer.alternatives):
            assert dict(answer.alternatives)["key-2"] == pytest.approx(both[row], abs=1e-6)


def test_a_hidden_topic_is_answered_by_none(model: Predictor, news: list[str], own: list[Prediction]) -> None:
    """Its documents are unassigned, nothing offers it as an alternative, and the model's word is kept."""
    hidden = edit("hide", "key-1")
    answers = under(model, news, hidden)
    for answer, before in zip(answers, own, strict=True):
        assert "key-1" not in dict(answer.alternatives)
        if before.key == "key-1":
            assert (answer.key, answer.name, answer.words, answer.strength) == (None, "unassigned", (), before.strength)
            assert answer.overruled == Overruled(None, "key-1", "name 1", before.strength, hidden.id)
        else:
            assert (answer.key, answer.strength, answer.overruled) == (before.key, before.strength, None)


def test_a_split_takes_what_is_nearer_to_its_documents(
    model: Predictor, news: list[str], own: list[Prediction], bundle: Bundle
) -> None:
    """Of the documents of its parent, and no others; those it leaves are answered exactly as before."""
    rows = held_by(own, "key-1")
    chosen = tuple(news[row] for row in rows[:4])
    split = edit("split", "key-1", into="t9", name="Kabul", texts=chosen)
    vectors = model.encoder.encode(news)
    middle = model.encoder.encode(chosen).mean(axis=0)
    near, parent = vectors @ (middle / np.linalg.norm(middle)), logits(vectors, bundle.head)[:, 1]
    answers = under(model, news, split)
    taken = [row for row in rows if near[row] > parent[row]]
    assert 4 <= len(taken) < len(rows)
    assert held_by(answers, "t9") == taken
    for row, (answer, before) in enumerate(zip(answers, own, strict=True)):
        if row in taken:
            assert (answer.name, answer.words) == ("Kabul", ())
            assert answer.overruled == Overruled(None, "key-1", "name 1", before.strength, split.id)
            assert answer.alternatives[0][0] in {"key-1", before.alternatives[0][0]}
            assert 0 < answer.strength <= 1
        else:
            assert answer == before


def test_a_document_goes_to_the_nearest_part(model: Predictor, news: list[str], own: list[Prediction]) -> None:
    """Whichever was split off first."""
    first, second = (news[row] for row in held_by(own, "key-1")[:2])
    a = edit("split", "key-1", into="t8", name="A", texts=(first,))
    b = edit("split", "key-1", into="t9", name="B", texts=(second,))
    for edits in ((a, b), (b, a)):
        answers = under(model, [first, second], *edits)
        assert [answer.key for answer in answers] == ["t8", "t9"]


def test_a_split_follows_what_was_merged_before(model: Predictor, news: list[str], own: list[Prediction]) -> None:
    """Documents that came by a merge are the topic's own."""
    row = held_by(own, "key-1")[0]
    merge = edit("merge", "key-1", into="key-2")
    split = edit("split", "key-2", into="t9", name="Kabul", texts=(news[row],))
    assert under(model, [news[row]], merge, split)[0].key == "t9"
    assert under(model, [news[row]], split, merge)[0].key == "key-2"


def test_a_pinned_topic_exists_though_no_training_found_it(
    model: Predictor, news: list[str], own: list[Prediction], bundle: Bundle
) -> None:
    """It takes what is nearer to its texts than to any topic, unassigned documents too, and leaves the rest alone."""
    row = held_by(own, None)[0]
    pin = edit("pin", "t9", name="Fraud", texts=(news[row],))
    answers = under(model, news, pin)
    assert (answers[row].key, answers[row].name) == ("t9", "Fraud")
    assert answers[row].overruled == Overruled(None, None, "unassigned", own[row].strength, pin.id)
    near = model.encoder.encode(news) @ model.encoder.encode([news[row]])[0]
    best = logits(model.encoder.encode(news), bundle.head).max(axis=1)
    least = float(np.median(bundle.head.threshold))
    assert held_by(answers, "t9") == [at for at in range(len(news)) if near[at] > best[at] and near[at] >= least]
    assert all(a == b for a, b in zip(answers, own, strict=True) if a.key != "t9")


def test_a_pinned_topic_of_nothing_takes_nothing(model: Predictor, news: list[str], own: list[Prediction]) -> None:
    """Cleaning leaves nothing of its only text."""
    assert under(model, news, edit("pin", "t9", name="No", texts=("<b></b>",))) == own


def test_a_moved_document_belongs_where_it_was_moved(model: Predictor, news: list[str], own: list[Prediction]) -> None:
    """This very text once it is cleaned, and no other."""
    row = held_by(own, "key-1")[0]
    move = edit("move", "key-3", texts=(f"  {news[row]} <br>",))
    answers = under(model, news, move)
    assert (answers[row].key, answers[row].name, answers[row].strength) == ("key-3", "name 3", 1.0)
    assert answers[row].overruled == Overruled(None, "key-1", "name 1", own[row].strength, move.id)
    assert answers[row].alternatives[0] == ("key-1", own[row].strength)
    assert [answer for at, answer in enumerate(answers) if at != row] == [
        answer for at, answer in enumerate(own) if at != row
    ]


def test_edits_speak_before_rules(model: Predictor, news: list[str], own: list[Prediction], bundle: Bundle) -> None:
    """A rule has the last word, also one that means a topic merged since; the model's own word is kept through both."""
    row = held_by(own, "key-1")[0]
    category = Category(name="Spot", patterns=(news[row].split()[0],), topic="key-3", over_confident=True)
    ruled = bundle.model_copy(update={"meta": bundle.meta.model_copy(update={"rules": Rules(categories=(category,))})})
    predictor = Predictor(ruled, model.encoder)
    rename = edit("rename", "key-1", name="War")
    answer = predictor.with_edits([rename, edit("merge", "key-3", into="key-4")]).predict([news[row]])[0]
    assert (answer.key, answer.name) == ("key-4", "name 4")
    assert answer.overruled == Overruled("Spot", "key-1", "name 1", own[row].strength, rename.id)


def test_a_merge_holds_for_a_topic_the_model_lacks(
    model: Predictor, news: list[str], own: list[Prediction], bundle: Bundle
) -> None:
    """Rules and moves that mean it mean the topic it went into, in this model as in the one that had it."""
    row, other = held_by(own, "key-1")[:2]
    merge, move = edit("merge", "gone", into="key-4"), edit("move", "gone", texts=(news[row],))
    category = Category(name="Spot", patterns=(news[other],), topic="gone", over_confident=True)
    ruled = bundle.model_copy(update={"meta": bundle.meta.model_copy(update={"rules": Rules(categories=(category,))})})
    edited = Predictor(ruled, model.encoder).with_edits([move, merge])
    assert [answer.key for answer in edited.predict([news[row], news[other]])] == ["key-4", "key-4"]


def test_what_a_model_lacks_changes_nothing(model: Predictor, news: list[str], own: list[Prediction]) -> None:
    """Edits of topics that are gone wait for a model that has them again."""
    edits = [
        edit("rename", "gone", name="x"),
        edit("merge", "key-1", into="gone"),
        edit("merge", "gone", into="key-1"),
        edit("hide", "gone"),
        edit("split", "gone", into="t9", name="x", texts=(news[0],)),
        edit("move", "gone", texts=(news[0],)),
    ]
    assert under(model, news, *edits) == own


def test_topics_are_shown_as_people_made_them(model: Predictor, bundle: Bundle) -> None:
    """New names, no hidden ones, merged ones summed, then those people made."""
    edited = model.with_edits(
        [
            edit("rename", "key-0", name="Fires"),
            edit("merge", "key-1", into="key-2"),
            edit("hide", "key-3"),
            edit("pin", "t9", name="Fraud", texts=("fraud",)),
            edit("rename", "t9", name="Frauds"),
        ]
    )
    assert [(topic.key, topic.name, topic.documents) for topic in edited.topics] == [
        ("key-0", "Fires", 0),
        ("key-2", "name 2", 1 + 2),
        ("key-4", "name 4", 4),
        ("t9", "Frauds", 0),
    ]
    assert model.topics == bundle.meta.topics


def test_a_folder_answers_under_the_edits_it_was_written_with(
    tmp_path, model: Predictor, news: list[str], bundle: Bundle
) -> None:
    """Without a store; whoever has one gives the edits of now."""
    hidden = edit("hide", "key-1")
    write_bundle(bundle, tmp_path, [hidden])
    assert read_edits(tmp_path) == (hidden,)
    assert Predictor.load(tmp_path).predict(news[:50]) == under(model, news[:50], hidden)
    assert Predictor.load(tmp_path, edits=()).predict(news[:50]) == model.predict(news[:50])
