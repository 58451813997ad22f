"""Callers are answered together, fairly, off the event loop, and none pays for another's fault."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from evertopic.errors import Unavailable
from evertopic.prediction.loading import Model
from evertopic.prediction.predictor import Stage
from serving.batching import Batcher
from serving.problems import TooBusy
from tests.serving.fakes import POISON, a_model

LONG = 60_000.0
"""Milliseconds: a wait that no test survives."""


class Service:
    """A model in service, with the batcher before it; a test may put another model into its place."""

    def __init__(self, *, texts: int = 4, wait_ms: float = 0, waiting: int = 1000, **more: Any):
        self.current: Model = a_model(1)
        self.batcher = Batcher(self, texts=texts, wait_ms=wait_ms, waiting=waiting, **more)
        self.callers: list[asyncio.Task[Any]] = []

    @property
    def predictor(self) -> Any:
        return self.current.predictor

    @property
    def rounds(self) -> list[str]:
        return ["".join(each) for each in self.predictor.rounds]

    async def busy(self) -> None:
        """From now on the worker is at work on the text `-`, until the gate opens."""
        self.predictor.gate.clear()
        await self.ask("-")
        await asyncio.to_thread(self.predictor.entered.wait)

    async def ask(self, *texts: str) -> list[asyncio.Task[Any]]:
        """One caller a text, who waits by now; by `rest` they are answered."""
        return await self._begun([self.batcher.one(text) for text in texts])

    async def ask_many(self, texts: str) -> asyncio.Task[Any]:
        """One caller for all the letters."""
        return (await self._begun([self.batcher.many(list(texts))]))[0]

    async def rest(self) -> list[Any]:
        """What all callers so far got, in their order."""
        self.predictor.gate.set()
        return await asyncio.gather(*self.callers, return_exceptions=True)

    async def _begun(self, asked: list[Any]) -> list[asyncio.Task[Any]]:
        new = [asyncio.create_task(each) for each in asked]
        self.callers += new
        await asyncio.sleep(0)
        return new


def run(story: Callable[[Service], Awaitable[None]], **settings: Any) -> None:
    """The story with a service, which is closed behind it."""

    async def whole() -> None:
        service = Service(**settings)
        try:
            await story(service)
        finally:
            service.predictor.gate.set()
            await service.batcher.close()

    asyncio.run(asyncio.wait_for(whole(), 60))


def test_a_text_gets_its_answer_and_the_model_that_gave_it():
    """One caller, one text."""

    async def story(service: Service) -> None:
        answer, model = await service.batcher.one("a")
        assert (answer.name, answer.key, model) == ("a", "key-1", service.current)

    run(story)


def test_callers_who_come_while_the_worker_is_busy_go_together():
    """Nine of them: four, four and one, in their order; each gets the answer to its own text."""

    async def story(service: Service) -> None:
        await service.busy()
        await service.ask(*"abcdefghi")
        assert service.batcher.depth == 9
        answers = await service.rest()
        assert service.rounds == ["-", "abcd", "efgh", "i"]
        assert [answer.name for answer, _ in answers] == list("-abcdefghi")
        assert service.batcher.depth == 0

    run(story)


def test_who_asks_one_text_after_the_other_waits_for_nobody():
    """Without company lately the first text goes at once, however long the wait may be."""

    async def story(service: Service) -> None:
        for letter in "abc":
            await service.batcher.one(letter)
        assert service.rounds == ["a", "b", "c"]

    run(story, wait_ms=LONG)


def test_where_there_was_company_the_first_waits_for_more():
    """After a round of two the next text waits; with as many as a round holds it goes at once."""

    async def story(service: Service) -> None:
        await service.busy()
        await service.ask(*"ab")
        await service.rest()
        await service.ask(*"cd")
        await asyncio.sleep(0.02)
        assert service.rounds == ["-", "ab"]
        await service.ask("e")
        await service.rest()
        assert service.rounds == ["-", "ab", "cde"]

    run(story, wait_ms=LONG, texts=3)


def test_the_wait_for_company_ends():
    """Nobody else comes: the text goes alone after the wait, and the next one does not wait again."""

    async def story(service: Service) -> None:
        await service.busy()
        await service.ask(*"ab")
        await service.rest()
        await service.batcher.one("c")
        service.batcher.wait_ms = LONG
        await service.batcher.one("d")
        assert service.rounds == ["-", "ab", "c", "d"]

    run(story, wait_ms=5)


def test_a_large_request_ends_the_wait_for_company():
    """Whoever waited for company goes at once when a large request comes."""

    async def story(service: Service) -> None:
        await service.busy()
        await service.ask(*"ab")
        await service.rest()
        await service.ask("c")
        await service.ask_many("123")
        await service.rest()
        assert sorted(service.rounds[2:]) == ["123", "c"]

    run(story, wait_ms=LONG)


def test_a_single_text_passes_a_large_request():
    """It comes while the first of ten chunks is encoded, and is in the second round or the third."""

    async def story(service: Service) -> None:
        service.predictor.gate.clear()
        await service.ask_many("0123456789" * 4)
        await asyncio.to_thread(service.predictor.entered.wait)
        await service.ask("a")
        large, (single, _) = await service.rest()
        assert service.rounds.index("a") in (1, 2)
        assert len(service.rounds) == 11
        assert ([answer.name for answer in large[0]], single.name) == (list("0123456789" * 4), "a")

    run(story)


def test_a_large_request_is_answered_by_one_model():
    """The model changes between its chunks: the old one answers all of it, and the next caller gets the new one."""

    async def story(service: Service) -> None:
        old, new = service.current, a_model(2)
        old.predictor.gate.clear()
        large = await service.ask_many("12345678")
        await asyncio.to_thread(old.predictor.entered.wait)
        service.current = new
        (single,) = await service.ask("a")
        old.predictor.gate.set()
        answers, by = await large
        assert (by, {answer.key for answer in answers}) == (old, {"key-1"})
        assert (await single)[1] is new

    run(story)


def test_no_texts_have_no_answers():
    """A large request of nothing is answered at once, by the model in service."""

    async def story(service: Service) -> None:
        await service.busy()
        assert await service.batcher.many([]) == ([], service.current)

    run(story)


def test_too_many_texts_are_refused():
    """The queue is full: refused at once, with how many wait and when to come again; what waits is answered."""

    async def story(service: Service) -> None:
        await service.busy()
        await service.ask(*"abcdefgh")
        with pytest.raises(TooBusy, match="8 texts wait for the encoder and 1 more are too many: come again in") as no:
            await service.batcher.one("i")
        assert int(no.value.headers["Retry-After"]) >= 1
        assert service.batcher.depth == 8
        assert [answer.name for answer, _ in await service.rest()] == list("-abcdefgh")
        await service.batcher.one("i")

    run(story, waiting=8)


def test_large_requests_leave_room_for_single_texts():
    """They may fill three quarters of the places."""

    async def story(service: Service) -> None:
        await service.busy()
        await service.ask_many("123456")
        with pytest.raises(TooBusy):
            await service.batcher.many(["7"])
        await service.ask(*"ab")
        with pytest.raises(TooBusy):
            await service.batcher.one("c")

    run(story, waiting=8)


def test_a_caller_who_has_gone_is_not_encoded():
    """Cancelled while they wait: their texts leave the queue at once, those of others stay."""

    async def story(service: Service) -> None:
        await service.busy()
        gone, _ = await service.ask("gone", "a")
        large = await service.ask_many("12345")
        gone.cancel()
        large.cancel()
        await asyncio.wait({gone, large})
        assert service.batcher.depth == 1
        await service.rest()
        assert service.rounds == ["-", "a"]

    run(story)


def test_a_caller_who_runs_out_of_time_takes_nobody_along():
    """Gone while its text is being encoded: the others of its round get their answers."""

    async def story(service: Service) -> None:
        await service.busy()
        gone, _ = await service.ask("gone", "a")
        service.predictor.hold_before = "gonea"
        service.predictor.gate.set()
        await asyncio.to_thread(service.predictor.held.wait)
        gone.cancel()
        await asyncio.wait({gone})
        service.predictor.go_on.set()
        answers = await service.rest()
        assert isinstance(answers[1], asyncio.CancelledError)
        assert answers[2][0].name == "a"

    run(story)


def test_a_large_request_whose_caller_has_gone_is_not_gone_on_with():
    """Cancelled in its first chunk: no second one."""

    async def story(service: Service) -> None:
        service.predictor.gate.clear()
        gone = await service.ask_many("12345678")
        await asyncio.to_thread(service.predictor.entered.wait)
        gone.cancel()
        await asyncio.wait({gone})
        assert service.batcher.depth == 0
        service.predictor.gate.set()
        await service.batcher.one("a")
        assert service.rounds == ["1234", "a"]

    run(story)


def test_a_bad_text_does_not_fail_its_neighbours():
    """Its round fails, each is tried once by itself: three are answered, the bad one hears its own fault."""

    async def story(service: Service) -> None:
        await service.busy()
        await service.ask("a", POISON, "b", "c")
        await service.ask("d")
        _, first, bad, *rest = await service.rest()
        assert [answer.name for answer, _ in (first, *rest)] == ["a", "b", "c", "d"]
        assert isinstance(bad, ValueError)
        assert service.rounds == ["-", f"a{POISON}bc", "a", POISON, "b", "c", "d"]

    run(story)


def test_a_text_that_fails_alone_is_not_tried_again():
    """It had no company to blame, and the next text is answered."""

    async def story(service: Service) -> None:
        with pytest.raises(ValueError, match="cannot be encoded"):
            await service.batcher.one(POISON)
        await service.batcher.one("a")
        assert service.rounds == [POISON, "a"]

    run(story)


def test_a_gone_caller_is_not_tried_again():
    """It went while its round failed: only those who are still there are tried by themselves."""

    async def story(service: Service) -> None:
        await service.busy()
        await service.ask("a", POISON)
        (gone,) = await service.ask("gone")
        service.predictor.hold_before = f"a{POISON}gone"
        service.predictor.gate.set()
        await asyncio.to_thread(service.predictor.held.wait)
        gone.cancel()
        await asyncio.wait({gone})
        service.predictor.go_on.set()
        await service.rest()
        assert service.rounds == ["-", f"a{POISON}gone", "a", POISON]

    run(story)


def test_a_fault_in_a_large_request_is_its_callers_alone():
    """It ends with the fault; single texts and the next large request are answered."""

    async def story(service: Service) -> None:
        await service.busy()
        await service._begun([service.batcher.many(["1", POISON, "2", "3", "never"])])
        await service.ask("a")
        await service.ask_many("45")
        _, bad, (single, _), (others, _) = await service.rest()
        assert isinstance(bad, ValueError)
        assert (single.name, [answer.name for answer in others]) == ("a", ["4", "5"])
        assert not [texts for texts in service.rounds if "never" in texts]
        assert service.batcher.depth == 0

    run(story)


def test_a_model_that_loses_answers_is_a_fault():
    """Fewer answers than texts must not be dealt out to the wrong callers."""

    async def story(service: Service) -> None:
        service.predictor.predict = lambda texts, watch: []
        with pytest.raises(RuntimeError, match="1 texts got 0 answers"):
            await service.batcher.one("a")

    run(story)


def test_nothing_is_encoded_on_the_event_loop():
    """All rounds run in one other thread, and the loop runs on meanwhile."""

    async def story(service: Service) -> None:
        threads, predict = set(), service.predictor.predict

        def noted(texts: list[str], watch: Any) -> Any:
            threads.add(threading.get_ident())
            return predict(texts, watch)

        service.predictor.predict = noted
        await service.busy()
        await service.ask(*"abcdefghi")
        await asyncio.wait({await service.ask_many("123")}, timeout=0.01)
        await service.rest()
        assert len(threads) == 1
        assert threads != {threading.get_ident()}

    run(story)


def test_waits_and_rounds_are_measured():
    """Every caller's wait ends when its text is taken, before the round is encoded; the watch goes to the model."""
    seen: list[str] = []

    @contextmanager
    def watch(stage: Stage) -> Iterator[None]:
        seen.append(f"{stage} begins")
        yield
        seen.append(f"{stage} ends")

    async def story(service: Service) -> None:
        await service.busy()
        assert seen == ["wait begins", "wait ends"]
        await service.ask(*"ab")
        assert seen[2:] == ["wait begins"] * 2
        await service.rest()
        assert seen[4:] == ["encode begins", "encode ends", "wait ends", "wait ends", "encode begins", "encode ends"]

    run(story, watch=watch)


def test_what_waits_is_answered_before_the_service_stops():
    """Closing takes nothing new, and answers who came before."""

    async def story(service: Service) -> None:
        await service.busy()
        await service.ask(*"abcde")
        await service.ask_many("12345")
        closing = asyncio.create_task(service.batcher.close())
        await asyncio.sleep(0)
        with pytest.raises(Unavailable, match="is stopping"):
            await service.batcher.one("late")
        *singles, large = await service.rest()
        assert [answer.name for answer, _ in singles] == list("-abcde")
        assert len(large[0]) == 5
        await closing

    run(story)


def test_who_waits_for_company_is_answered_when_the_service_stops():
    """Closing does not wait for company."""

    async def story(service: Service) -> None:
        await service.busy()
        await service.ask(*"ab")
        await service.rest()
        await service.ask("c")
        await service.batcher.close()
        assert (await service.rest())[-1][0].name == "c"

    run(story, wait_ms=LONG)


def test_what_is_not_answered_in_time_fails_when_the_service_stops():
    """The worker hangs: who waits hears that the service stopped, and nothing begins any more."""

    async def story(service: Service) -> None:
        await service.busy()
        waiting = await service.ask(*"ab")
        closing = asyncio.create_task(service.batcher.close(patience_s=0.01))
        await asyncio.wait(waiting)
        assert all(isinstance(caller.exception(), Unavailable) for caller in waiting)
        service.predictor.gate.set()
        await closing
        assert service.rounds == ["-"]

    run(story)


def test_a_round_that_fails_while_the_service_stops_is_not_tried_again():
    """Nothing begins any more: its callers hear the fault, and none waits for ever."""

    async def story(service: Service) -> None:
        await service.busy()
        together = await service.ask("a", POISON)
        (waiting,) = await service.ask("b")
        service.predictor.hold_before = f"a{POISON}"
        service.predictor.gate.set()
        await asyncio.to_thread(service.predictor.held.wait)
        closing = asyncio.create_task(service.batcher.close(patience_s=0.01))
        await asyncio.wait({waiting})
        service.predictor.go_on.set()
        await closing
        await asyncio.wait(together)
        assert all(isinstance(caller.exception(), ValueError) for caller in together)
        assert isinstance(waiting.exception(), Unavailable)
        assert service.rounds == ["-", f"a{POISON}"]

    run(story, texts=2)
