"""Permanent topic keys: short, opaque, never used twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from evertopic.errors import BadInput, Unavailable
from evertopic.storage.store.engine import shown, writing
from evertopic.storage.store.tables import topic_keys, version_topics

ALPHABET = "0123456789bcdfghjkmnpqrstvwxyz"
"""Crockford's base 32 without its vowels: nothing to misread, nothing that spells a word."""
CHARACTERS = 6
ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class KeyStore:
    """The keys of all loops. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def mint(self, loop: str, n: int, *, at: datetime, randomness: Random) -> tuple[str, ...]:
        """N keys that no topic ever had, `t` and six characters each; they are taken from now on.

        Pass `random.SystemRandom()` in production; a seeded `Random` gives the same keys in an empty store.

        Raises:
            Unavailable: no free keys were found, because other processes or a poor `randomness` keep taking them.
        """
        for _ in range(ATTEMPTS):
            try:
                with writing(self.engine) as connection:
                    keys = _free_keys(connection, n, randomness)
                    if keys:
                        rows = [{"key": key, "loop": loop, "created_at": at} for key in keys]
                        connection.execute(insert(topic_keys), rows)
                    return keys
            except IntegrityError:
                continue  # another process took one of them between the look and the insert: draw again
        raise Unavailable(f"No {n} free topic keys in {shown(self.engine)} after {ATTEMPTS} attempts: run again.")

    def record(
        self,
        loop: str,
        bundle: str,
        *,
        model: str,
        keys: Sequence[str],
        names: Sequence[str],
        words: Sequence[Sequence[str]],
    ) -> tuple[str, ...]:
        """The keys of a model's topics, in their order, now stored; if it has keys already, those, unchanged.

        Name, words, model and bundle are kept with a key the first time it is recorded.

        Raises:
            BadInput: the lengths differ, a key is there twice, or was not minted for this loop.
        """
        if not len(keys) == len(names) == len(words) or len(set(keys)) != len(keys):
            raise BadInput(
                f"{len(keys)} keys, {len(names)} names, {len(words)} word lists: give one each, no key twice."
            )
        try:
            with writing(self.engine) as connection:
                there = _keys_of(connection, loop, bundle)
                if there or not keys:
                    return there
                _check_minted(connection, loop, keys)
                links = [{"loop": loop, "bundle": bundle, "topic": topic, "key": key} for topic, key in enumerate(keys)]
                connection.execute(insert(version_topics), links)
                for key, name, terms in zip(keys, names, words, strict=True):
                    fresh = update(topic_keys).where(topic_keys.c.key == key, topic_keys.c.version_first.is_(None))
                    connection.execute(fresh.values(model=model, version_first=bundle, name=name, words=list(terms)))
        except IntegrityError:
            return self.keys_of(loop, bundle)  # another process recorded this very bundle first: its keys count
        return tuple(keys)

    def keys_of(self, loop: str, bundle: str) -> tuple[str, ...]:
        """The keys of a model's topics by their index, empty if none were recorded."""
        with self.engine.connect() as connection:
            return _keys_of(connection, loop, bundle)


def _free_keys(connection: Connection, n: int, randomness: Random) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    for _ in range(ATTEMPTS * max(n, 1)):
        if len(keys) == n:
            break
        key = "t" + "".join(randomness.choices(ALPHABET, k=CHARACTERS))
        taken = connection.execute(select(topic_keys.c.key).where(topic_keys.c.key == key)).first()
        if taken is None:
            keys[key] = None
    if len(keys) < n:
        raise Unavailable(f"Only {len(keys)} of {n} topic keys drawn were free: give a better source of randomness.")
    return tuple(keys)


def _keys_of(connection: Connection, loop: str, bundle: str) -> tuple[str, ...]:
    wanted = select(version_topics.c.key).where(version_topics.c.loop == loop, version_topics.c.bundle == bundle)
    return tuple(connection.execute(wanted.order_by(version_topics.c.topic)).scalars())


def _check_minted(connection: Connection, loop: str, keys: Sequence[str]) -> None:
    wanted = select(topic_keys.c.key).where(topic_keys.c.loop == loop, topic_keys.c.key.in_(keys))
    unknown = sorted(set(keys) - set(connection.execute(wanted).scalars()))
    if unknown:
        raise BadInput(f"Keys {', '.join(unknown)} were not minted for {loop}: mint keys, never invent them.")
