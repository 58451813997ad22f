"""Permanent topic keys: short, opaque, never used twice."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import IntegrityError

from evertopic.errors import Unavailable
from evertopic.storage.store.engine import shown, writing
from evertopic.storage.store.identity_tables import topic_keys

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
