"""What serves is always one whole, sound model, and what keeps it from being the newest one is said."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from evertopic.errors import Corrupted
from serving.holder import ModelHolder, Reload
from tests.serving.fakes import Clock, FakeRegistry

NEVER = 3600.0
"""Seconds between two looks, where the test itself asks for them."""


class Held:
    """A holder over a fake registry, and what it told."""

    def __init__(self, registry: FakeRegistry, choice: str = "champion", poll_seconds: float = NEVER, **more: float):
        self.registry, self.clock = registry, Clock()
        self.events: list[Reload] = []
        self.told = asyncio.Event()
        self.holder = ModelHolder(
            registry.load, registry.alias_version, choice, self.tell, poll_seconds=poll_seconds, now=self.clock, **more
        )

    def tell(self, reload: Reload) -> None:
        self.events.append(reload)
        self.told.set()

    @property
    def version(self) -> int:
        return self.holder.current.version.version

    @property
    def outcomes(self) -> list[str]:
        return [event.outcome for event in self.events]


def run(story: Callable[[Held], Awaitable[None]], choice: str = "champion", poll_seconds: float = NEVER, **more: float):
    """The story with a started holder, which is closed behind it."""

    async def whole() -> None:
        held = Held(FakeRegistry(), choice, poll_seconds, **more)
        await held.holder.start()
        try:
            await story(held)
        finally:
            await held.holder.close()

    asyncio.run(asyncio.wait_for(whole(), 60))


def test_the_first_model_must_load():
    """A first model that cannot be loaded is the caller's to hear of, and nothing serves."""

    async def story() -> None:
        held = Held(FakeRegistry(broken={1: Corrupted("its head is torn")}))
        with pytest.raises(Corrupted, match="its head is torn"):
            await held.holder.start()
        with pytest.raises(RuntimeError, match="No model is loaded yet"):
            _ = held.holder.current

    asyncio.run(story())


def test_a_moved_alias_is_followed():
    """The alias moves, and by itself the holder serves the new version, and tells so once."""

    async def story(held: Held) -> None:
        assert held.version == 1
        held.registry.version = 2
        await held.told.wait()
        assert held.version == 2
        assert held.events == [Reload("swapped", "champion is version 2 now, it was 1.", 2)]
        assert held.holder.trouble is None

    run(story, poll_seconds=0.01)


def test_an_unmoved_alias_loads_nothing():
    """Looks that find the same version load nothing and tell nothing."""

    async def story(held: Held) -> None:
        while held.registry.looks < 5:
            await asyncio.sleep(0.01)
        assert (held.registry.loads, held.events) == ([1], [])
        assert (await held.holder.reload()).outcome == "same"

    run(story, poll_seconds=0.01)


def test_a_version_asked_for_by_number_never_moves():
    """The alias moves, nobody looks, a reload says the same, and the same version serves."""

    async def story(held: Held) -> None:
        held.registry.version = 2
        said = await held.holder.reload()
        assert (said.outcome, said.version) == ("same", 3)
        await asyncio.sleep(0.05)  # fifty looks at an alias
        assert (held.registry.looks, held.version) == (0, 3)

    run(story, choice="3", poll_seconds=0.001)


def test_the_old_model_answers_while_the_new_one_loads():
    """Nothing is swapped before the new model is complete, and the event loop is free meanwhile."""

    async def story(held: Held) -> None:
        held.registry.version = 2
        held.registry.gate.clear()
        reload = asyncio.create_task(held.holder.reload())
        await asyncio.to_thread(held.registry.loading.wait)
        assert held.version == 1
        held.registry.gate.set()
        assert (await reload).outcome == "swapped"
        assert held.version == 2

    run(story)


def test_reloads_at_once_share_one_load():
    """Fifty callers at the same time cause one load, and all hear of it."""

    async def story(held: Held) -> None:
        held.registry.version = 2
        said = await asyncio.gather(*(held.holder.reload() for _ in range(50)))
        assert {one.outcome for one in said} == {"swapped"}
        assert held.registry.loads == [1, 2]
        assert held.outcomes == ["swapped"]

    run(story)


def test_a_reload_sees_what_its_caller_saw():
    """A look has asked, then the alias moves, then a reload comes: it takes no old news for an answer."""

    async def story(held: Held) -> None:
        held.registry.silence.clear()
        look = asyncio.create_task(held.holder.look())
        while not held.registry.looks:
            await asyncio.sleep(0.01)
        held.registry.version = 2
        reload = asyncio.create_task(held.holder.reload())
        await asyncio.sleep(0)
        held.registry.silence.set()
        assert (await look).outcome == "same"
        assert ((await reload).outcome, held.version) == ("swapped", 2)

    run(story)


def test_a_caller_who_goes_away_ends_nobody_elses_reload():
    """One of two callers is cancelled; the load goes on, and the other hears of it."""

    async def story(held: Held) -> None:
        held.registry.version = 2
        held.registry.gate.clear()
        gone, stays = (asyncio.create_task(held.holder.reload()) for _ in range(2))
        await asyncio.to_thread(held.registry.loading.wait)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        held.registry.gate.set()
        assert (await stays).outcome == "swapped"

    run(story)


@pytest.mark.parametrize("fault", [Corrupted("its head is torn"), KeyError("weight"), MemoryError()])
def test_a_version_that_cannot_be_loaded_changes_nothing(fault):
    """Whatever goes wrong with the new version, the old one serves, and which version and why is said."""

    async def story(held: Held) -> None:
        held.registry.broken[2] = fault
        held.registry.version = 2
        await held.told.wait()
        assert held.version == 1
        assert held.outcomes == ["failed"]
        for part in ("champion is version 2", type(fault).__name__, str(fault), "version 1 goes on serving"):
            assert part in held.holder.trouble
        looks = held.registry.looks
        while held.registry.looks < looks + 3:  # the watch goes on
            await asyncio.sleep(0.01)

    run(story, poll_seconds=0.01)


def test_a_bad_version_is_left_alone_longer_and_longer():
    """The looks go on, the loads do not: pauses double from twice the poll on, up to five minutes."""

    async def story(held: Held) -> None:
        holder, registry = held.holder, held.registry
        registry.broken[2], registry.version = Corrupted("torn"), 2
        for attempt, pause in enumerate((4, 8, 16, 32, 64, 128, 256, 300, 300), start=1):
            await holder.look()
            assert registry.loads == [1] + [2] * attempt
            held.clock.pass_(seconds=pause, microseconds=-1)
            await holder.look()
            assert registry.loads == [1] + [2] * attempt
            held.clock.pass_(microseconds=1)
        del registry.broken[2]
        await holder.look()
        assert (held.version, holder.trouble) == (2, None)

    run(story, poll_seconds=2.0)


def test_a_bad_version_is_tried_at_once_when_asked():
    """A reload waits for no pause, and neither does another version."""

    async def story(held: Held) -> None:
        held.registry.broken[2], held.registry.version = Corrupted("torn"), 2
        for _ in range(3):
            assert (await held.holder.reload()).outcome == "failed"
        assert held.registry.loads == [1, 2, 2, 2]
        held.registry.version = 3
        await held.holder.look()
        assert (held.version, held.holder.trouble) == (3, None)

    run(story)


def test_trouble_is_over_when_the_alias_comes_back():
    """A bad release that is taken back leaves no trouble behind, and when it comes again it is tried again."""

    async def story(held: Held) -> None:
        held.registry.broken[2], held.registry.version = Corrupted("torn"), 2
        await held.holder.look()
        held.registry.version = 1
        assert (await held.holder.look()).outcome == "same"
        assert held.holder.trouble is None
        held.registry.version = 2
        await held.holder.look()
        assert held.registry.loads == [1, 2, 2]

    run(story)


def test_a_registry_that_is_away_changes_nothing():
    """The model goes on serving; since when is said, told once each time, and forgotten when the registry is back."""

    async def story(held: Held) -> None:
        held.registry.away = True
        for _ in range(3):
            await held.holder.look()
            held.clock.pass_(seconds=30)
        assert held.version == 1
        assert held.outcomes == ["failed"]
        assert "connection refused" in held.holder.trouble
        assert "since 2026-03-02 12:00:00 UTC: version 1 goes on serving" in held.holder.trouble
        held.registry.away = False
        await held.holder.look()
        assert held.holder.trouble is None
        held.registry.away = True
        await held.holder.look()
        assert held.outcomes == ["failed", "failed"]
        assert "since 2026-03-02 12:01:30 UTC" in held.holder.trouble

    run(story)


def test_a_registry_that_was_away_hides_no_bad_version():
    """A bad version, then a registry that is away, then back: the trouble is the bad version again."""

    async def story(held: Held) -> None:
        held.registry.broken[2], held.registry.version = Corrupted("torn"), 2
        await held.holder.look()
        held.registry.away = True
        await held.holder.look()
        assert "does not answer" in held.holder.trouble
        held.registry.away = False
        await held.holder.look()
        assert "torn" in held.holder.trouble

    run(story)


def test_a_silent_registry_counts_as_away():
    """A registry that neither answers nor refuses is trouble before it answers, and none when it has."""

    async def story(held: Held) -> None:
        held.registry.silence.clear()
        look = asyncio.create_task(held.holder.reload())
        await held.told.wait()
        assert "silent for 0.01 s" in held.holder.trouble
        assert not look.done()
        held.registry.silence.set()
        assert (await look).outcome == "same"
        assert held.holder.trouble is None

    run(story, patience_s=0.01)


def test_a_removed_alias_changes_nothing():
    """Nothing carries the alias any more: the model goes on serving, and since when is said."""

    async def story(held: Held) -> None:
        held.registry.version = None
        said = await held.holder.reload()
        assert (said.outcome, said.version) == ("failed", 1)
        assert held.holder.trouble == (
            "No version carries the alias champion, since 2026-03-02 12:00:00 UTC: version 1 goes on serving."
        )

    run(story)


def test_a_fault_in_a_listener_does_not_end_the_watch():
    """What is told of an event fails; the next move of the alias is followed all the same."""

    async def story(held: Held) -> None:
        def fail(reload: Reload) -> None:
            held.tell(reload)
            if reload.version == 2:
                raise LookupError("the listener has a fault")

        held.holder.on_event = fail
        for version in (2, 3):
            held.registry.version = version
            await held.told.wait()
            held.told.clear()
            assert held.version == version

    run(story, poll_seconds=0.01)


def test_a_closed_holder_looks_no_more():
    """After close the alias may move: the model stays, and no look is under way."""

    async def story(held: Held) -> None:
        while not held.registry.looks:
            await asyncio.sleep(0.01)
        await held.holder.close()
        looks, held.registry.version = held.registry.looks, 2
        await asyncio.sleep(0.05)
        assert (held.registry.looks, held.version) == (looks, 1)

    run(story, poll_seconds=0.01)
