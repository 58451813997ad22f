import json
import re
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.storage.store import open_store


def keys(*words: str) -> Result:
    """What `evertopic keys ...` answers, in a wide terminal."""
    return CliRunner().invoke(app, ["keys", *words], env={"COLUMNS": "200"})


def listed() -> list[dict[str, str | None]]:
    """Every key there is."""
    found: list[dict[str, str | None]] = json.loads(keys("list", "--json").stdout)["keys"]
    return found


def test_a_key_is_printed_once_and_stored_nowhere(project: Path) -> None:
    """256 random bits alone on stdout, so that a shell can take them; neither list nor database has them."""
    made = keys("make", "the nightly job", "--role", "predictor")
    assert made.exit_code == 0
    assert re.fullmatch(r"evt_[A-Za-z0-9_-]{43}\n", made.stdout)
    secret = made.stdout.strip()
    (key,) = listed()
    assert (key["name"], key["role"], key["revoked_at"]) == ("the nightly job", "predictor", None)
    assert str(key["id"]) in made.stderr
    home = project / ".evertopic"
    written = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"the nightly job" in written
    assert secret.encode() not in written
    assert secret not in keys("list").stdout + keys("list", "--json").stdout
    store = open_store(f"sqlite:///{home / 'store.db'}")
    try:
        assert [found.id for found in store.api_keys.digests().values()] == [key["id"]]
    finally:
        store.close()


def test_two_keys_are_two(project: Path) -> None:
    """Even of the same name."""
    secrets = {keys("make", "ann", "--role", "viewer").stdout for _ in range(2)}
    assert len(secrets) == len({key["id"] for key in listed()}) == 2


def test_a_machine_reads_the_secret_beside_the_key(project: Path) -> None:
    """--json prints one object."""
    made = json.loads(keys("make", "ann", "--role", "admin", "--json").stdout)
    assert made["secret"].startswith("evt_")
    assert made["key"] == listed()[0]


def test_a_revoked_key_stays_in_the_list(project: Path) -> None:
    """It opens nothing, and one can still see whose it was and since when."""
    keys("make", "ann", "--role", "viewer")
    own = str(listed()[0]["id"])
    assert "nothing any more" in keys("revoke", own).stdout
    (key,) = listed()
    assert key["revoked_at"] is not None
    assert json.loads(keys("revoke", own, "--json").stdout)["key"] == key
    (row,) = [line for line in keys("list").stdout.splitlines() if own in line]
    assert row.split("viewer")[1].count("20") >= 2


def test_an_unknown_key_is_refused_with_those_there_are(project: Path) -> None:
    """Exit code 3, the ids and names in the message."""
    keys("make", "ann", "--role", "viewer")
    refused = keys("revoke", "key-nothing")
    assert refused.exit_code == 3
    assert f"{listed()[0]['id']} (ann)" in refused.stderr


@pytest.mark.parametrize("words", [("make", "ann"), ("make", "ann", "--role", "boss"), ("make", "--role", "viewer")])
def test_a_key_without_a_name_or_a_role_is_not_made(project: Path, words: tuple[str, ...]) -> None:
    """Exit code 2, nothing is stored."""
    assert keys(*words).exit_code == 2
    assert listed() == []


def test_an_empty_name_is_refused(project: Path) -> None:
    """A key of nobody cannot be told apart later."""
    assert keys("make", " ", "--role", "viewer").exit_code == 3


def test_names_are_not_read_as_markup(project: Path) -> None:
    """[bold] is a name like any other."""
    keys("make", "[bold]x[/nothing]", "--role", "viewer")
    assert "[bold]x[/nothing]" in keys("list").stdout


def test_without_keys_the_list_says_what_that_means(project: Path) -> None:
    """The API answers its own machine only."""
    assert "its own machine only" in keys("list").stdout
