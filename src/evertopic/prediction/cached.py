"""A memory in front of an encoder: texts answered lately are not encoded again."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from time import perf_counter
from weakref import WeakValueDictionary

import numpy as np

from evertopic.digests import digest_text
from evertopic.embedding import Encodes
from evertopic.errors import Unavailable
from evertopic.records import Floats
from evertopic.storage.vectors import VectorStore

CHEAP = 10.0
"""The vector store is asked where encoding is expected to take so many times longer than the look-up."""
AWAY_S = 60.0
"""A vector store that did not answer is left alone for so long."""
INERTIA = 0.8
"""Of the running means of how long things take."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """Where the vectors of all texts came from so far; a text that is twice in one call was remembered once."""

    remembered: int = 0
    stored: int = 0
    """Found in the vector store."""
    encoded: int = 0


class CachedEncoder:
    """An encoder that remembers; it keeps the promise of `Encodes` and may be asked from several threads.

    A look-up in the vector store takes 6 to 16 ms, for one text as for 32 (LanceDB, 2,000 to 50,000 rows), about as
    long as encoding one text. So the store is asked only for many texts at once, where finding nothing costs at most
    a tenth of the encoding: with MiniLM from about ten texts on, with the hashing encoder never.

    Args:
        encoder: what encodes the texts nobody remembers.
        size: vectors kept in memory at most, the least lately used forgotten first; 0: none.
        vectors: the vectors of all texts that trainings encoded; None: not asked.
        clock: seconds, for how long things take.
    """

    def __init__(
        self,
        encoder: Encodes,
        size: int,
        vectors: VectorStore | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self.encoder, self.size, self._clock = encoder, size, clock
        self._memory: OrderedDict[str, Floats] = OrderedDict()
        self._lock = Lock()
        """Held for the memory and the counts, never while something is encoded or looked up."""
        self._counts = CacheCounts()
        self._seconds_a_text = 0.0
        self._shelf = _Shelf(vectors, encoder.fingerprint(), clock) if vectors else None

    @property
    def kind(self) -> str:
        """The encoder's."""
        return self.encoder.kind

    @property
    def width(self) -> int:
        """The encoder's."""
        return self.encoder.width

    def fingerprint(self) -> str:
        """The encoder's: a remembered vector is the one it gave."""
        return self.encoder.fingerprint()

    def counts(self) -> CacheCounts:
        """Where the vectors came from so far."""
        return self._counts

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors float32 (n, d), row i for text i, the caller's own; (0, d) for no texts.

        Raises:
            EvertopicError: as the encoder. A vector store that is away raises nothing.
        """
        if not texts:
            return self.encoder.encode(texts)
        keys = [digest_text(text) for text in texts]
        known = self._recall(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        stored = self._look_up(missing)
        encoded = self._encode({key: text for key, text in missing.items() if key not in stored})
        self._keep({**stored, **encoded}, CacheCounts(len(texts) - len(missing), len(stored), len(encoded)))
        known.update(stored)
        known.update(encoded)
        return np.stack([known[key] for key in keys])

    def _look_up(self, missing: Mapping[str, str]) -> dict[str, Floats]:
        expected = len(missing) * self._seconds_a_text
        if self._shelf is None or expected < CHEAP * self._shelf.seconds:
            return {}
        return self._shelf.look_up(list(missing))

    def _encode(self, missing: Mapping[str, str]) -> dict[str, Floats]:
        if not missing:
            return {}
        started = self._clock()
        vectors = self.encoder.encode(list(missing.values()))
        self._seconds_a_text = _mean(self._seconds_a_text, (self._clock() - started) / len(missing))
        return dict(zip(missing, vectors, strict=True))

    def _recall(self, keys: Iterable[str]) -> dict[str, Floats]:
        known = {}
        with self._lock:
            for key in keys:
                if key in self._memory:
                    self._memory.move_to_end(key)
                    known[key] = self._memory[key]
        return known

    def _keep(self, found: Mapping[str, Floats], came: CacheCounts) -> None:
        # Copies: a row would keep its whole batch alive.
        copies = {key: vector.copy() for key, vector in found.items()} if self.size else {}
        with self._lock:
            self._memory.update(copies)
            while len(self._memory) > self.size:
                self._memory.popitem(last=False)
            so_far = self._counts
            self._counts = CacheCounts(
                so_far.remembered + came.remembered, so_far.stored + came.stored, so_far.encoded + came.encoded
            )


class EncoderMemory:
    """Hands out cached encoders: models with the same encoder share one memory, and it goes when they go.

    Args:
        size: vectors each memory holds at most.
        vectors: asked by all of them; None: not asked.
    """

    def __init__(self, size: int, vectors: VectorStore | None = None) -> None:
        self.size, self.vectors = size, vectors
        self._cached: WeakValueDictionary[str, CachedEncoder] = WeakValueDictionary()

    def wrap(self, encoder: Encodes) -> CachedEncoder:
        """The encoder with the memory that others of its fingerprint have too; for `load_model(..., wrap=...)`."""
        fingerprint = encoder.fingerprint()
        known = self._cached.get(fingerprint)
        if known is None:
            known = self._cached[fingerprint] = CachedEncoder(encoder, self.size, self.vectors)
        return known


class _Shelf:
    """The vectors of one encoder in the vector store, and how long it takes to find some."""

    def __init__(self, vectors: VectorStore, fingerprint: str, clock: Callable[[], float]) -> None:
        self._vectors, self._fingerprint, self._clock = vectors, fingerprint, clock
        self._away_until = -np.inf
        self.seconds = 0.0
        """A look-up takes them."""
        # The first one imports LanceDB, which no request shall wait for; the second is a measure.
        for _ in range(2):
            self.seconds = 0.0
            self.look_up(["-"])

    def look_up(self, keys: list[str]) -> dict[str, Floats]:
        """The vectors that are there, by key; none of a store that is away."""
        started = self._clock()
        if started < self._away_until:
            return {}
        try:
            found, vectors = self._vectors.lookup(self._fingerprint, keys)
        except Unavailable as fault:
            self._away_until = self._clock() + AWAY_S
            logger.warning("Texts are encoded anew for %g seconds: %s", AWAY_S, fault)
            return {}
        self.seconds = _mean(self.seconds, self._clock() - started)
        return {keys[row]: vector for row, vector in zip(np.flatnonzero(found), vectors, strict=True)}


def _mean(so_far: float, new: float) -> float:
    """The running mean; the first measure stands for itself."""
    return INERTIA * so_far + (1 - INERTIA) * new if so_far else new
