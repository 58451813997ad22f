"""A remembered vector is the text's own, whoever asked before, and memory has an end."""

import gc
import threading
import weakref
from collections.abc import Sequence

import numpy as np
import pytest

from evertopic.digests import digest_text
from evertopic.embedding import Encodes, HashingEncoder
from evertopic.errors import Unavailable
from evertopic.prediction.cached import AWAY_S, CacheCounts, CachedEncoder, EncoderMemory
from evertopic.records import Floats
from evertopic.storage.vectors import VectorStore

ENCODER = HashingEncoder(width=64)
TEXTS = [f"text number {number} speaks of storms and harvests" for number in range(40)]


class Counted:
    """The hashing encoder; it keeps what it was asked for and takes as many seconds a text as it is told."""

    kind, width = "hashing", 64

    def __init__(self, clock: "Seconds | None" = None, seconds: float = 0.0):
        self.asked: list[list[str]] = []
        self.clock, self.seconds = clock, seconds

    def fingerprint(self) -> str:
        return ENCODER.fingerprint()

    def encode(self, texts: Sequence[str]) -> Floats:
        self.asked.append(list(texts))
        if self.clock:
            self.clock.at += self.seconds * len(texts)
        return ENCODER.encode(texts)


class Seconds:
    """A clock that goes on only when something takes its time."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


class Slow(VectorStore):
    """A vector store on disk whose look-ups take a second each, and which may be away."""

    def __init__(self, url: str, clock: Seconds):
        super().__init__(url)
        self.clock, self.away = clock, False
        self.asked: list[list[str]] = []

    def lookup(self, fingerprint, keys):
        self.asked.append(list(keys))
        self.clock.at += 1.0
        if self.away:
            raise Unavailable("Vectors could not be read: connection refused.")
        return super().lookup(fingerprint, keys)


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def store(tmp_path, clock) -> Slow:
    """It has the vectors of the first thirty texts."""
    slow = Slow(str(tmp_path / "vectors"), clock)
    slow.add(ENCODER.fingerprint(), [digest_text(text) for text in TEXTS[:30]], ENCODER.encode(TEXTS[:30]))
    return slow


def test_it_keeps_the_promise_of_encoders(counted):
    """Kind, width and fingerprint are the encoder's, and so are the vectors, the first and the second time."""
    cached = CachedEncoder(counted, 10)
    assert isinstance(cached, Encodes)
    assert (cached.kind, cached.width, cached.fingerprint()) == ("hashing", 64, ENCODER.fingerprint())
    for _ in range(2):
        np.testing.assert_array_equal(cached.encode(TEXTS[:5]), ENCODER.encode(TEXTS[:5]))
    assert cached.encode([]).shape == (0, 64)
    assert cached.encode(TEXTS[:1]).dtype == np.float32


def test_a_text_is_encoded_once(counted):
    """Asked for again, alone, in other company and twice at once: encoded once, answered in order."""
    cached = CachedEncoder(counted, 10)
    cached.encode(["b", "a", "b"])
    vectors = cached.encode(["a", "c", "b", "a"])
    np.testing.assert_array_equal(vectors, ENCODER.encode(["a", "c", "b", "a"]))
    assert counted.asked == [["b", "a"], ["c"]]
    assert cached.counts() == CacheCounts(remembered=4, stored=0, encoded=3)


@pytest.mark.parametrize(
    ("one", "other"), [("a", "a "), ("a", "A"), ("é", "e\u0301"), ("\ud800", "\ufffd"), ("a\x00", "a"), ("", " ")]
)
def test_texts_that_differ_share_nothing(counted, one, other):
    """A blank, a case, a spelling of the same letter, a damaged character: each text is encoded itself."""
    cached = CachedEncoder(counted, 10)
    np.testing.assert_array_equal(cached.encode([one, other]), ENCODER.encode([one, other]))
    assert counted.asked == [[one, other]]


def test_the_least_lately_used_is_forgotten(counted):
    """Three places: asking for a text again keeps it, the one not asked for longest goes."""
    cached = CachedEncoder(counted, 3)
    cached.encode(["a", "b", "c"])
    cached.encode(["a"])
    cached.encode(["d"])  # b goes
    cached.encode(["a", "c", "d"])
    cached.encode(["b"])
    assert counted.asked == [["a", "b", "c"], ["d"], ["b"]]


def test_memory_has_an_end(counted):
    """More texts than places in one call and in many: as many vectors as places, and none of their batches."""
    cached = CachedEncoder(counted, 7)
    for start in range(0, 40, 20):
        np.testing.assert_array_equal(
            cached.encode(TEXTS[start : start + 20]), ENCODER.encode(TEXTS[start : start + 20])
        )
    held = list(cached._memory.values())
    assert len(held) == 7
    assert all(vector.base is None for vector in held)


def test_without_places_nothing_is_remembered(counted):
    """Size 0: every text is encoded every time."""
    cached = CachedEncoder(counted, 0)
    cached.encode(["a"])
    cached.encode(["a"])
    assert counted.asked == [["a"], ["a"]]


@pytest.mark.parametrize("texts", [["a"], ["a", "b"]])
def test_a_caller_cannot_damage_what_is_remembered(counted, texts):
    """The array that comes back is the caller's own, after encoding and after remembering."""
    cached = CachedEncoder(counted, 10)
    for _ in range(3):
        vectors = cached.encode(texts)
        np.testing.assert_array_equal(vectors, ENCODER.encode(texts))
        vectors[:] = 7.0


def test_a_fault_of_the_encoder_is_passed_on(counted):
    """What the encoder raises comes out, and nothing is remembered of it."""
    cached, encode = CachedEncoder(counted, 10), counted.encode

    def fail(texts):
        raise Unavailable("the model is not here")

    counted.encode = fail
    with pytest.raises(Unavailable, match="the model is not here"):
        cached.encode(["a"])
    counted.encode = encode
    np.testing.assert_array_equal(cached.encode(["a"]), ENCODER.encode(["a"]))


def test_many_threads_may_ask(counted):
    """Eight threads with the same texts in another order each: every vector is right, and all texts are counted."""
    cached, wrong = CachedEncoder(counted, 20), []
    expected = dict(zip(TEXTS, ENCODER.encode(TEXTS), strict=True))

    def ask(seed: int) -> None:
        for _ in range(20):
            texts = np.random.default_rng(seed).permutation(TEXTS)[:15].tolist()
            wrong.extend(
                text
                for text, vector in zip(texts, cached.encode(texts), strict=True)
                if not np.array_equal(vector, expected[text])
            )

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = cached.counts()
    assert wrong == []
    assert counts.remembered + counts.encoded == 8 * 20 * 15
    assert len(cached._memory) <= 20


def test_the_store_is_asked_where_it_saves_time(store, clock):
    """Twenty texts of a second each are worth a look-up of a second: what is there is not encoded."""
    encoder = Counted(clock, seconds=1.0)
    cached = CachedEncoder(encoder, 100, store, clock)
    cached.encode(["first"])  # how long encoding takes is known from now on
    store.asked.clear()
    np.testing.assert_array_equal(cached.encode(TEXTS[15:35]), ENCODER.encode(TEXTS[15:35]))
    assert store.asked == [[digest_text(text) for text in TEXTS[15:35]]]
    assert encoder.asked[1:] == [TEXTS[30:35]]
    cached.encode(TEXTS[15:35])
    assert len(store.asked) == 1
    assert cached.counts() == CacheCounts(remembered=20, stored=15, encoded=6)


@pytest.mark.parametrize(("seconds", "texts"), [(1.0, 9), (0.1, 40)])
def test_the_store_is_not_asked_where_encoding_is_quick(store, clock, seconds, texts):
    """Less than ten look-ups' time to encode them all: they are encoded."""
    encoder = Counted(clock, seconds)
    cached = CachedEncoder(encoder, 100, store, clock)
    cached.encode(["first"])
    store.asked.clear()
    cached.encode(TEXTS[:texts])
    assert store.asked == []
    assert encoder.asked[1:] == [TEXTS[:texts]]


def test_a_store_that_is_away_costs_one_try(store, clock, caplog):
    """It does not answer: the texts are encoded, it is left alone for a minute and then asked again."""
    encoder = Counted(clock, seconds=1.0)
    cached = CachedEncoder(encoder, 0, store, clock)
    cached.encode(["first"])
    store.asked.clear()
    store.away = True
    for _ in range(2):
        np.testing.assert_array_equal(cached.encode(TEXTS[:15]), ENCODER.encode(TEXTS[:15]))
    assert len(store.asked) == 1
    assert "Texts are encoded anew for 60 seconds" in caplog.text
    store.away = False
    clock.at += AWAY_S
    cached.encode(TEXTS[:15])
    assert encoder.asked[1:] == [TEXTS[:15], TEXTS[:15]]


def test_an_encoder_without_a_table_is_no_fault(tmp_path, clock):
    """The store knows nothing of this encoder: everything is encoded."""
    encoder = Counted(clock, seconds=1.0)
    cached = CachedEncoder(encoder, 10, Slow(str(tmp_path / "empty"), clock), clock)
    cached.encode(["first"])
    np.testing.assert_array_equal(cached.encode(TEXTS), ENCODER.encode(TEXTS))


def test_models_with_one_encoder_share_one_memory(counted):
    """The new model's encoder remembers what the old one encoded; another encoder has a memory of its own."""
    memory = EncoderMemory(10)
    old = memory.wrap(counted)
    old.encode(["a"])
    new = memory.wrap(Counted())
    new.encode(["a"])
    assert new.counts() == CacheCounts(remembered=1, stored=0, encoded=1)
    assert memory.wrap(HashingEncoder(width=32)).encode(["a"]).shape == (1, 32)


def test_a_memory_goes_with_its_last_model(counted):
    """Nobody has the encoder any more: its vectors are gone."""
    memory = EncoderMemory(10)
    gone = weakref.ref(memory.wrap(counted))
    gc.collect()
    assert gone() is None
