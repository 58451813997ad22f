"""Keys open the door until they are revoked; their secrets are nowhere."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from evertopic.errors import BadInput
from evertopic.records import ApiKey, Role
from evertopic.storage.store import Store, digest_secret
from tests.unit.storage.answers import NOW

SECRET = "evt_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
LATER = NOW + timedelta(days=1)


def make(store: Store, secret: str = SECRET, name: str = "Ann", role: Role = "viewer", **more: Any) -> ApiKey:
    return store.api_keys.make(name, role, **{"at": NOW, "secret": secret, **more})


def test_made(store: Store) -> None:
    """A new key bears its name, role and time, and opens by the SHA-256 of its secret."""
    key = make(store, role="labeller")
    assert (key.name, key.role, key.created_at, key.revoked_at) == ("Ann", "labeller", NOW, None)
    assert store.api_keys.all() == (key,)
    assert store.api_keys.digests() == {hashlib.sha256(SECRET.encode()).hexdigest(): key}
    assert digest_secret(SECRET) in store.api_keys.digests()
    assert digest_secret(SECRET[:-1]) not in store.api_keys.digests()


def test_no_secret_at_rest(store: Store) -> None:
    """No column of the table holds the secret or a part of it."""
    make(store)
    with store.engine.connect() as connection:
        row = str(connection.execute(text("SELECT * FROM api_keys")).one())
    assert not any(SECRET[at : at + 8] in row for at in range(len(SECRET) - 8))


def test_revoked(store: Store) -> None:
    """A revoked key opens nothing, stays in the list with the time, and is not revoked a second time."""
    first, second = make(store), make(store, "other" + SECRET, at=LATER)
    gone = store.api_keys.revoke(first.id, LATER)
    assert gone.revoked_at == LATER
    assert store.api_keys.revoke(first.id, LATER + timedelta(days=1)) == gone
    assert store.api_keys.all() == (gone, second)
    assert list(store.api_keys.digests().values()) == [second]


@pytest.mark.parametrize("unknown", ["key-none", "", "\x00", "\ud800"])
def test_unknown(store: Store, unknown: str) -> None:
    """Revoking what is not there is bad input that lists what there is."""
    with pytest.raises(BadInput, match="keys are none"):
        store.api_keys.revoke(unknown, NOW)
    key = make(store)
    with pytest.raises(BadInput, match=rf"keys are {key.id} \(Ann\)"):
        store.api_keys.revoke(unknown, NOW)


def test_same_secret(store: Store) -> None:
    """A secret has one key; two people may have the same name."""
    make(store)
    with pytest.raises(BadInput, match="draw a new secret"):
        make(store, name="Bob")
    make(store, "other" + SECRET)
    assert [key.name for key in store.api_keys.all()] == ["Ann", "Ann"]


@pytest.mark.parametrize("fault", [{"name": " "}, {"role": "king"}])
def test_bad_key(store: Store, fault: dict[str, Any]) -> None:
    """A key without a name or with an unknown role is not made; the roles are listed."""
    with pytest.raises(BadInput, match="viewer, predictor, labeller, admin"):
        make(store, **fault)
    assert store.api_keys.all() == ()
