"""API keys at rest: whose they are and what they may do, never the secrets themselves."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from evertopic.errors import BadInput
from evertopic.records import ApiKey, Role
from evertopic.storage.store.engine import writing
from evertopic.storage.store.rows import spelled
from evertopic.storage.store.tables import api_keys

ID_CHARACTERS = 12


def digest_secret(secret: str) -> str:
    """By which a secret is known: its SHA-256.

    Neither salted nor slow, because nobody guesses 256 random bits; a secret that a person made up needs more.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class ApiKeyStore:
    """Who may call the API. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def make(self, name: str, role: Role, *, at: datetime, secret: str) -> ApiKey:
        """A new key, known by the digest of `secret` from now on.

        Args:
            name: whose it is, in words.
            role: what it may do.
            at: now, with a zone.
            secret: 256 random bits, spelled out; show it to its owner now, it cannot be read again.

        Raises:
            BadInput: there is no name, no such role, or the secret has a key already.
        """
        if not name.strip() or role not in get_args(Role):
            raise BadInput(f"A key for {name!r} as {role!r}: give a name, and one of {', '.join(get_args(Role))}.")
        digest = digest_secret(secret)
        key = ApiKey(f"key-{digest[:ID_CHARACTERS]}", spelled(name.strip()), role, at, None)
        try:
            with writing(self.engine) as connection:
                row = {field: getattr(key, field) for field in ApiKey.__slots__}
                connection.execute(insert(api_keys).values(row | {"secret_digest": digest}))
        except IntegrityError as error:
            raise BadInput(f"The secret of {name!r} has a key already, {key.id}: draw a new secret.") from error
        return key

    def all(self) -> tuple[ApiKey, ...]:
        """Every key ever made, oldest first, the revoked ones among them."""
        return tuple(self._by_digest().values())

    def digests(self) -> dict[str, ApiKey]:
        """The keys that open the door: those not revoked, by the digest of their secret."""
        return {digest: key for digest, key in self._by_digest().items() if key.revoked_at is None}

    def revoke(self, id: str, at: datetime) -> ApiKey:  # noqa: A002
        """The key, which opens nothing any more; one revoked before keeps its first time.

        Raises:
            BadInput: there is no such key; those there are get listed.
        """
        ending = update(api_keys).where(api_keys.c.id == spelled(id), api_keys.c.revoked_at.is_(None))
        with writing(self.engine) as connection:
            connection.execute(ending.values(revoked_at=at))
        keys = {key.id: key for key in self.all()}
        if id not in keys:
            present = ", ".join(f"{key.id} ({key.name})" for key in keys.values()) or "none"
            raise BadInput(f"There is no key {id!r}: keys are {present}.")
        return keys[id]

    def _by_digest(self) -> dict[str, ApiKey]:
        with self.engine.connect() as connection:
            rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)).all()
        return {row.secret_digest: ApiKey(row.id, row.name, row.role, row.created_at, row.revoked_at) for row in rows}
