"""An alignment becomes rows, and rows can be read again."""

from collections import Counter
from datetime import UTC, datetime

from evertopic.identity.alignment import align
from evertopic.identity.events import events_of
from evertopic.identity.ledger import alive, tally
from evertopic.records import Generation
from tests.unit.identity.profiles import profile

AT = datetime(2026, 3, 1, tzinfo=UTC)


def test_an_event_for_each_topic() -> None:
    """Topics first, in their order, with the keys they got; then those that are gone, by the names they had."""
    alignment = align(profile(0, 5), [profile(0, 1, keys="ab")])
    generation = Generation("news", 2, "c", AT, 2, "e", None)
    events = events_of(alignment, generation, "az", ["cricket", "rain"], [7, 3], {"a": "ball", "b": "snow"})
    told = [(event.kind, event.key, event.name, event.documents) for event in events]
    assert told == [("kept", "a", "cricket", 7), ("born", "z", "rain", 3), ("retired", "b", "snow", 0)]
    assert {(event.generation, event.at) for event in events} == {(2, AT)}
    assert [event.key for event in alive(events, 2)] == ["a", "z"]
    assert alive(events, 1) == ()
    assert tally(events) == {2: Counter(kept=1, born=1, retired=1)}
