"""Going back while the API runs: the old version answers within seconds, and the API itself says so."""

from dataclasses import replace

from evertopic.prediction.canary import CanaryRule, expect
from evertopic.prediction.rollback import go_back, verify
from evertopic.storage.releasing import Wish
from evertopic.storage.store import open_store
from tests.serving.api import CRICKET, VOLCANO
from tests.serving.conftest import LOADED, House
from tests.serving.processes import SERVE, started

WISH = Wish("tiny", "tiny", "anna", "a test")
RULE = CanaryRule(texts=2)


def test_the_running_api_goes_back(house: House) -> None:
    """Version 2 answers; after the rollback version 1 does, in less than ten seconds, seen through the API."""
    house.release(2)
    command = [*SERVE, "tiny"]
    with started(command, house.project.root, EVERTOPIC_HOME=str(house.project.home)) as process:
        address = process.says(r"(http://127\.0\.0\.1:\d+)")[1]
        place = replace(house.place, api=f"tiny={address}")
        registry, store = house.registry(), open_store(place.store_url)
        try:
            old = expect(house.model("2").predictor, "tiny", 2, [CRICKET, VOLCANO], RULE)
            assert verify(place, registry, store, "tiny", old, RULE).state == "right"
            done = go_back(place, registry, store, WISH, None, [CRICKET, VOLCANO], RULE, lambda: LOADED)
            assert (done.line.version, done.verdict.state) == (1, "right")
            assert done.verdict.said.startswith("the API answers 5 texts with version 1 as expected")
            assert done.seconds < 10
            # What version 2 answers is wrong now, and the API is known to answer it otherwise.
            assert verify(place, registry, store, "tiny", old, CanaryRule(patience_seconds=0.1)).state == "wrong"
        finally:
            store.close()


def test_an_api_that_is_away(house: House) -> None:
    """A rollback needs no API: the registry is asked instead, and the ledger says that the API did not answer."""
    house.release(2)
    place = replace(house.place, api="http://127.0.0.1:9")
    registry, store = house.registry(), open_store(place.store_url)
    try:
        done = go_back(place, registry, store, WISH, None, [CRICKET], RULE, lambda: LOADED)
        assert done.verdict.state == "right"
        (newest, *_) = store.releases.list("tiny")
    finally:
        store.close()
    assert newest.verified is not None
    assert "version 1, loaded from the registry, answers as expected; the API did not answer" in newest.verified
