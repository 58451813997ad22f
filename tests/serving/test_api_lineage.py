"""The API tells what became of topics, and when."""

from dataclasses import replace
from datetime import timedelta

from evertopic.records import Score
from evertopic.storage.store import NewGeneration, Past, open_store
from tests.projects import STARTED
from tests.serving.api import PROBLEM, serving
from tests.serving.conftest import House

SCORE = Score(0.93, None, 0.5, 0.25, 3)


def two_generations(house: House) -> tuple[str, ...]:
    """The trained generation, and an invented one a day later that has merged its last topic into its first."""
    store = open_store(house.place.store_url)
    try:
        (first,) = store.lineage.past("tiny")
        keys, count = first.profile.keys, len(first.profile) - 1
        facts = replace(first.generation, number=2, clustering="later", at=STARTED + timedelta(days=1), topics=count)
        profile = replace(
            first.profile,
            keys=keys[:-1],
            centroids=first.profile.centroids[:-1],
            words=first.profile.words[:-1],
            weights=first.profile.weights[:-1],
        )
        born = store.lineage.events("tiny")
        events = [replace(event, generation=2, kind="kept", score=SCORE) for event in born if event.key in profile.keys]
        gone = next(event for event in born if event.key == keys[-1])
        events.append(replace(gone, generation=2, kind="merged", documents=0, other=keys[0], score=SCORE))
        past = Past(facts, profile, first.names[:-1], (9,) * count, first.threshold[:-1], first.encoder)
        store.lineage.add(NewGeneration(past, tuple(events), (), None))
        store.lineage.register("tiny", "later", "tiny", 2)
    finally:
        store.close()
    return keys


def test_the_life_of_a_topic(house: House) -> None:
    """A topic's own events with their evidence, and what was merged into it; also of one that is gone."""
    keys = two_generations(house)
    with serving(house) as client:
        found = client.get(f"/topics/{keys[0]}/lineage").json()
        gone = client.get(f"/topics/{keys[-1]}/lineage").json()
    told = [(event["generation"], event["kind"], event["key"]) for event in found["events"]]
    assert told == [(1, "born", keys[0]), (2, "kept", keys[0]), (2, "merged", keys[-1])]
    assert found["events"][0]["evidence"] is None
    assert found["events"][1]["evidence"] == {
        "probability": 0.93,
        "cosine": None,
        "words": 0.5,
        "anchors": 0.25,
        "shared": 3,
    }
    assert [(event["kind"], event["other"]) for event in gone["events"]] == [("born", None), ("merged", keys[0])]


def test_the_whole_lineage(house: House) -> None:
    """All generations with their versions, and every event."""
    keys = two_generations(house)
    with serving(house) as client:
        found = client.get("/lineage").json()
    assert [(one["generation"], one["topics"], one["version"]) for one in found["generations"]] == [
        (1, len(keys), 1),
        (2, len(keys) - 1, 2),
    ]
    assert {event["key"] for event in found["events"]} == set(keys)


def test_as_of(house: House) -> None:
    """What was not yet known at a time is not told; before the first model there is nothing."""
    keys = two_generations(house)
    then, before = STARTED + timedelta(hours=1), STARTED - timedelta(days=1)
    with serving(house) as client:
        found = client.get("/lineage", params={"as_of": then.isoformat()}).json()
        topic = client.get(f"/topics/{keys[0]}/lineage", params={"as_of": then.isoformat()}).json()
        nothing = client.get("/lineage", params={"as_of": before.isoformat()}).json()
    assert [one["generation"] for one in found["generations"]] == [1]
    assert [event["generation"] for event in topic["events"]] == [1]
    assert nothing == {"generations": [], "events": []}


def test_no_such_topic(house: House) -> None:
    """A key no model ever had is 404."""
    with serving(house) as client:
        response = client.get("/topics/t000000/lineage")
    assert (response.status_code, response.headers["content-type"]) == (404, PROBLEM)
    assert "had a topic 't000000'" in response.json()["detail"]
