"""What goes wrong around a server that is at work: the process as it is started by users, asked over HTTP."""

import os
import signal
from collections import Counter
from contextlib import AbstractContextManager
from time import monotonic
from typing import Any

import pytest

from tests.serving.conftest import House
from tests.serving.faults import Server, fill, held, journal_files, on_a_small_disk, proxy, served, stored_ids
from tests.serving.load import Load, call, load, until

REQUESTS = int(os.environ.get("FAULTS_REQUESTS", "3000"))
"""Under which the alias moves. 10,000 take a minute."""
MOVES = 20
OUTAGE_S = float(os.environ.get("FAULTS_OUTAGE_S", "4"))
CALLERS = 16
ON_POSTGRESQL = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)


def assert_of_one_model(house: House, asked: Load) -> None:
    """Every answer names topics of the version it says it is of, and nothing else; both versions have answered."""
    keys = {number: {topic.key for topic in house.model(str(number)).predictor.bundle.meta.topics} for number in (1, 2)}
    seen = Counter[int]()
    for reply in asked.replies:
        version = reply.body["model"]["version"]
        named = [key for each in reply.answers() for key in (each["key"], *(a["key"] for a in each["alternatives"]))]
        assert {key for key in named if key} <= keys[version]
        seen[version] += sum(key is not None for key in named)
    assert min(seen[1], seen[2]) > 0


def assert_kept(asked: Load, store_url: str, others: int = 0) -> None:
    """What was answered is in the table, once; beside it at most `others`, which were on their way."""
    answered, stored = asked.ids(), stored_ids(store_url)
    assert len(answered) == len(set(answered)) > 0
    assert set(answered) <= set(stored)
    assert set(stored.values()) == {1}
    assert len(stored) <= len(answered) + others


def drained(server: Server) -> None:
    """Waits until nothing waits for the database."""
    until(lambda: server.metric("log_waiting_predictions") == 0)


def test_the_alias_moves_under_load(house: House) -> None:
    """The champion changes twenty times, half of them unasked for: no request fails, no answer is of two models."""
    registry = house.registry()
    with served(house) as server, load(server.port, CALLERS) as asked:
        for move in range(MOVES):
            asked.more(REQUESTS // MOVES)
            version = 2 - move % 2
            registry.set_alias("tiny", "champion", version)
            if move % 4 < 2:
                assert call(server.port, "POST", "/model/reload").status == 200
            until(lambda wanted=version: server.version() == wanted)
        asked.more(REQUESTS // MOVES)
    assert len(asked.replies) > REQUESTS
    assert (asked.statuses(), asked.unanswered) == ({200}, [])
    assert_of_one_model(house, asked)


def serve_through(server: Server, asked: Load, away: AbstractContextManager[None]) -> dict[str, Any]:
    """Goes through an outage under load; what /ready, /history and /metrics said when it had been noticed."""
    asked.more(100)
    started = monotonic()
    with away:
        until(lambda: server.metric("log_database_away") == 1)
        found = {"ready": server.ready(), "history": call(server.port, "GET", "/history")}
        until(lambda: monotonic() - started > OUTAGE_S)
        asked.more(100)
        found["waiting"] = server.metric("log_waiting_predictions")
    asked.more(100)
    return found


@ON_POSTGRESQL
def test_the_database_goes_and_comes_back(house: House, store_url: str) -> None:
    """It refuses connections and cuts those there are: texts are answered, it is told, and then all is in it once."""
    with proxy() as way, served(house, way.through(store_url)) as server:
        with load(server.port, CALLERS) as asked:
            found = serve_through(server, asked, way.refused())
        drained(server)
        assert server.metric("log_lost_predictions_total") == 0
        until(lambda: server.ready() == (200, ""))
        assert call(server.port, "GET", "/history").status == 200
    status, reasons = found["ready"]
    assert (status, "Answers wait on the disk" in reasons) == (200, True)
    assert (found["history"].status, found["history"].headers["content-type"]) == (503, "application/problem+json")
    assert int(found["history"].headers["retry-after"]) > 0
    assert found["waiting"] > 100
    assert (asked.statuses(), asked.unanswered) == ({200}, [])
    assert_kept(asked, store_url)


@ON_POSTGRESQL
def test_the_database_falls_silent(house: House, store_url: str) -> None:
    """It neither answers nor goes: who asks it waits no longer than the time-out, texts are answered all the same."""
    with proxy() as way, served(house, way.through(store_url), timeout_seconds=3) as server:
        with load(server.port, CALLERS) as asked:
            asked.more(100)
            with way.silent():
                for _ in range(2):  # the second finds everything held up by the first
                    assert call(server.port, "GET", "/history").status == 504
                until(lambda: server.metric("log_waiting_predictions") > 200)
            asked.more(100)
        drained(server)
        assert server.metric("log_lost_predictions_total") == 0
        assert call(server.port, "GET", "/history").status == 200
    assert (asked.statuses(), asked.unanswered) == ({200}, [])
    assert_kept(asked, store_url)


def test_another_program_holds_the_lock(house: House) -> None:
    """SQLite, written to by somebody else for longer than it is waited for: answers wait, the history can be read."""
    with served(house) as server:
        with load(server.port, CALLERS) as asked:
            found = serve_through(server, asked, held(house.place.store_url))
        drained(server)
        assert server.metric("log_lost_predictions_total") == 0
        until(lambda: server.ready() == (200, ""))
    assert "Answers wait on the disk" in found["ready"][1]
    assert found["history"].status == 200
    assert (asked.statuses(), asked.unanswered) == ({200}, [])
    assert_kept(asked, house.place.store_url)


def test_killed_under_load(house: House, store_url: str) -> None:
    """Kill -9, while the database takes answers and while it does not: no answer that was read is lost or doubled."""
    asked = []
    for busy in (False, True):
        with served(house, store_url) as server, load(server.port, CALLERS) as loaded:
            loaded.more(200)
            if busy:
                with held(store_url):
                    loaded.more(200)
                    assert server.process.ends(signal.SIGKILL) == -signal.SIGKILL
                    assert not set(loaded.ids()) <= set(stored_ids(store_url))
            else:
                assert server.process.ends(signal.SIGKILL) == -signal.SIGKILL
        asked.append(loaded)
    under_way = [texts for each in asked for _, texts in each.unanswered]
    assert len(under_way) <= 2 * CALLERS
    answered = {own for each in asked for own in each.ids()}
    with served(house, store_url) as server:
        until(lambda: answered <= set(stored_ids(store_url)))
        drained(server)
        assert server.metric("log_lost_predictions_total") == server.metric("log_torn_predictions_total") == 0
        asked.append(loaded := Load(server.port))
        loaded.replies.append(call(server.port, "POST", "/predict", {"text": "cricket"}))
        assert server.process.ends(signal.SIGTERM) == 0
    everything = Load(0, replies=[reply for each in asked for reply in each.replies])
    assert everything.statuses() == {200}
    assert_kept(everything, store_url, sum(under_way))
    assert journal_files(house.place.home) == []


@pytest.mark.parametrize(("fault", "said"), [("damaged", "head.safetensors"), ("foreign", "of-another-machine")])
def test_a_champion_that_cannot_serve(house: House, fault: str, said: str) -> None:
    """One bit is wrong, or its encoder is another: the old one answers, it is told why, and a sound one ends it."""
    broken: AbstractContextManager[None] = getattr(house, fault)(2)
    with served(house) as server, load(server.port, 4) as asked:
        with broken:
            house.release(2)
            until(lambda: server.metric("model_trouble") == 1)
            asked.more(50)
            status, reasons = server.ready()
            assert (status, server.version()) == (200, 1)
            assert "version 2 now, which cannot be loaded (Corrupted" in reasons
            assert said in reasons
            assert call(server.port, "POST", "/model/reload").status == 503
            house.release(1)
            until(lambda: server.metric("model_trouble") == 0)
            assert server.ready() == (200, "")
        assert {reply.body["model"]["version"] for reply in asked.replies} == {1}
        house.release(2)
        assert call(server.port, "POST", "/model/reload").body["version"] == 2
        asked.more(50)
    assert (asked.statuses(), asked.unanswered) == ({200}, [])


def test_a_full_disk(house: House, store_url: str) -> None:
    """Nothing is lost while the database answers; without either, what is lost is counted to the last answer."""
    before, folder = on_a_small_disk(house), house.place.home / "journal"
    with served(house, store_url, before=before, log={"memory": 1_000}) as server:
        with load(server.port, CALLERS) as asked:
            asked.more(100)
            until(lambda: fill(server, folder).exists() and server.metric("log_disk_away") == 1)
            asked.more(300)
        drained(server)
        assert server.metric("log_lost_predictions_total") == 0
        assert_kept(asked, store_url)
        with load(server.port, CALLERS) as unkept:
            with held(store_url):
                until(lambda: fill(server, folder).exists() and server.metric("log_lost_predictions_total") > 100)
                assert "answers were given and are not in the log" in server.ready()[1]
            fill(server, folder).unlink()
            unkept.more(200)
            until(lambda: server.metric("log_disk_away") == 0)
        drained(server)
        lost = server.metric("log_lost_predictions_total")
    assert (asked.statuses() | unkept.statuses(), asked.unanswered + unkept.unanswered) == ({200}, [])
    stored, answered = stored_ids(store_url), {*asked.ids(), *unkept.ids()}
    assert set(stored) < answered
    assert len(answered) == len(stored) + lost


def test_more_than_it_can_take(house: House) -> None:
    """Far more texts than may wait: each request is answered, or told when to come again, and nothing else happens."""
    with served(house, waiting_texts=8, batch_texts=2, cache_texts=0) as server:
        with load(server.port, 48, some=20, batches=2) as asked:
            until(lambda: {reply.status for reply in list(asked.replies)} >= {200, 429})
            asked.more(500)
        until(lambda: server.metric("waiting_texts") == 0)
        assert call(server.port, "POST", "/predict", {"text": "cricket"}).status == 200
    assert (asked.statuses(), asked.unanswered) == ({200, 429}, [])
    refused = [reply for reply in asked.replies if reply.status == 429]
    assert all(int(reply.headers["retry-after"]) >= 1 for reply in refused)
    assert {reply.body["title"] for reply in refused} == {"Too busy"}
