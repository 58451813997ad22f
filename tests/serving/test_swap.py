"""Models change while they answer: no request fails, and none is answered half by one and half by another."""

import asyncio
import gc
import weakref
from functools import partial

import pytest

from evertopic.prediction.loading import Model
from evertopic.records import Prediction
from serving.batching import Batcher
from serving.holder import ModelHolder, Reload
from tests.projects import themed
from tests.serving.conftest import House

REQUESTS, CALLERS, SWAPS, LARGE = 2_000, 20, 20, 50
"""Single requests at least (they go on until the last swap), who asks them, swaps, texts of a large request."""
NEVER = 3600.0


def holder_of(house: House, events: list[Reload], poll_seconds: float = NEVER) -> ModelHolder:
    """A holder over the project's own registry."""
    alias_version = partial(house.registry().alias_version, "tiny")
    return ModelHolder(house.model, alias_version, "champion", events.append, poll_seconds=poll_seconds)


class Crowd:
    """Callers who ask one text after the other, or fifty at once, and keep what they got."""

    def __init__(self, batcher: Batcher, texts: list[str]) -> None:
        self.batcher, self.texts = batcher, texts
        self.singles: list[tuple[str, Prediction, Model]] = []
        self.large: list[tuple[list[str], list[Prediction], Model]] = []
        self.enough = False
        """All swaps are over."""

    async def ask_singly(self) -> None:
        asked = 0
        while asked < REQUESTS // CALLERS or not self.enough:
            text = self.texts[asked % len(self.texts)]
            answer, model = await self.batcher.one(text)
            self.singles.append((text, answer, model))
            asked += 1

    async def ask_at_once(self) -> None:
        while not self.enough:
            answers, model = await self.batcher.many(self.texts[:LARGE])
            self.large.append((self.texts[:LARGE], answers, model))

    async def ask(self) -> None:
        await asyncio.gather(self.ask_at_once(), *(self.ask_singly() for _ in range(CALLERS)))


def own(model: Model, texts: list[str]) -> dict[str, Prediction]:
    """What the model answers to each text by itself."""
    return {text: model.predictor.predict([text])[0] for text in texts}


def assert_of(model: Model, answer: Prediction, expected: Prediction) -> None:
    """The answer is the model's own, and names only topics it has."""
    assert answer.key in {None, *(topic.key for topic in model.predictor.bundle.meta.topics)}
    assert (answer.key, answer.name, answer.words) == (expected.key, expected.name, expected.words)
    assert answer.strength == pytest.approx(expected.strength, abs=1e-5)


def test_no_answer_is_lost_or_mixed_while_models_change(house):
    """2,000 single requests and large ones beside them, the champion changed twenty times: each is one model's."""
    texts = themed(documents=200, seed=3)

    async def story() -> Crowd:
        holder = holder_of(house, [])
        await holder.start()
        batcher = Batcher(holder, texts=16, wait_ms=1, waiting=10_000)
        crowd = Crowd(batcher, texts)
        asking = asyncio.create_task(crowd.ask())
        for swap in range(SWAPS):
            house.release(2 - swap % 2)
            assert (await holder.reload()).outcome == "swapped"
        crowd.enough = True
        await asking
        await batcher.close()
        await holder.close()
        return crowd

    crowd = asyncio.run(asyncio.wait_for(story(), 300))
    assert len(crowd.singles) >= REQUESTS
    models = {number: house.model(str(number)) for number in (1, 2)}
    expected = {number: own(model, texts) for number, model in models.items()}
    assert {model.version.version for _, _, model in crowd.singles} == {1, 2}
    assert {model.version.version for _, _, model in crowd.large} == {1, 2}
    for text, answer, model in crowd.singles:
        assert_of(models[model.version.version], answer, expected[model.version.version][text])
    for asked, answers, model in crowd.large:
        for text, answer in zip(asked, answers, strict=True):
            assert_of(models[model.version.version], answer, expected[model.version.version][text])


def test_the_versions_of_the_house_answer_differently(house):
    """The test above could not fail with two models that know the same topics."""
    keys = [{topic.key for topic in house.model(choice).predictor.bundle.meta.topics} for choice in ("1", "2")]
    assert all(keys)
    assert not keys[0] & keys[1]


def test_the_alias_in_the_registry_is_followed(house):
    """The alias moves in the registry, and the next answers are the new champion's, without anyone asking for it."""

    async def story() -> None:
        events: list[Reload] = []
        holder = holder_of(house, events, poll_seconds=0.05)
        await holder.start()
        batcher = Batcher(holder, texts=16, wait_ms=1, waiting=100)
        assert (await batcher.one("cricket"))[1].version.version == 1
        house.release(2)
        while not events:
            await asyncio.sleep(0.01)
        assert (await batcher.one("cricket"))[1].version.version == 2
        await batcher.close()
        await holder.close()

    asyncio.run(asyncio.wait_for(story(), 60))


def test_the_old_model_is_freed(house):
    """After a swap nothing holds the numbers of the old model, though it has answered."""

    async def story() -> None:
        holder = holder_of(house, [])
        await holder.start()
        batcher = Batcher(holder, texts=16, wait_ms=1, waiting=100)
        await asyncio.gather(*(batcher.one(text) for text in themed(8)), batcher.many(themed(40)))
        old = weakref.ref(holder.current.predictor.bundle.head.weight)
        house.release(2)
        assert (await holder.reload()).version == 2
        await batcher.one("cricket")
        gc.collect()
        assert old() is None
        await batcher.close()
        await holder.close()

    asyncio.run(story())


def test_a_corrupt_champion_does_not_serve(house):
    """One bit of the new champion is wrong in the registry: the old one serves; mended, it does."""

    async def story() -> None:
        events: list[Reload] = []
        holder = holder_of(house, events)
        await holder.start()
        house.release(2)
        with house.damaged(2):
            assert (await holder.reload()).outcome == "failed"
            assert holder.current.version.version == 1
            assert holder.current.predictor.predict(["cricket wicket innings batsman"])[0].key is not None
            assert "version 2 now, which cannot be loaded (Corrupted" in holder.trouble
            assert "head.safetensors is not what was written" in holder.trouble
        assert (await holder.reload()).outcome == "swapped"
        assert holder.trouble is None
        assert [event.outcome for event in events] == ["failed", "swapped"]
        await holder.close()

    asyncio.run(story())


def test_a_champion_without_files_does_not_serve(house):
    """The registry lost the files of the new champion: the old one serves, and that they cannot be read is said."""

    async def story() -> None:
        holder = holder_of(house, [])
        await holder.start()
        house.release(2)
        with house.gone(2):
            assert (await holder.reload()).outcome == "failed"
        assert "Unavailable" in holder.trouble
        assert holder.current.version.version == 1
        await holder.close()

    asyncio.run(story())
