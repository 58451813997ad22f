"""The small parts: kinds of columns, keys that are written down, names and ids."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from evertopic.errors import BadInput
from evertopic.prediction.batch.answers import answer_names, row_id
from evertopic.prediction.batch.keys import check_key, read, written
from evertopic.prediction.batch.kinds import Kinds

MOMENT = datetime(2026, 1, 1, 12, 0, 0, 250, tzinfo=UTC)


@pytest.mark.parametrize(
    "key",
    [7, -(2**70), "a'b\n", 0.1, Decimal("1.10"), UUID(int=5), MOMENT, MOMENT.replace(tzinfo=None), date.min, None],
)
def test_a_key_is_the_same_when_it_is_read_again(key: object) -> None:
    """Value and type survive, to the last digit and microsecond."""
    check_key(key, "id")
    assert read(written(key)) == key
    assert type(read(written(key))) is type(key)


@pytest.mark.parametrize("key", [b"\0", True, (1, 2)])
def test_other_keys_are_refused(key: object) -> None:
    """What cannot be written down, or orders nothing, is named with its type."""
    with pytest.raises(BadInput, match=f"of type {type(key).__name__}"):
        check_key(key, "id")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "integer"),
        ([1, 2.5, None], "real"),
        ([1, "x"], "text"),
        ([True, False], "boolean"),
        ([True, 1], "text"),
        ([{"a": 1}, [2]], "json"),
        ([[1], "x"], "text"),
        ([2**70], "text"),
        ([None], "text"),
        ([MOMENT], "zoned"),
        ([MOMENT.replace(tzinfo=None)], "moment"),
        ([MOMENT, MOMENT.replace(tzinfo=None)], "text"),
        ([Decimal(1)], "text"),
    ],
)
def test_a_column_is_of_the_kind_that_holds_all_its_values(values: list[object], kind: str) -> None:
    """One kind where all are of it, numbers where some are whole, else text."""
    kinds = Kinds()
    for value in values:
        kinds.see([("a", value)])
    assert [column.kind for column in kinds.columns()] == [kind]


def test_names_take_the_first_free_prefix() -> None:
    """None, evertopic_, evertopic_2_, evertopic_3_, whatever the capitals."""
    taken = ["text"]
    seen = []
    for _ in range(4):
        names = answer_names(taken)
        seen.append(names[0])
        taken += [names[0].upper()]
    assert seen == [f"{prefix}prediction_id" for prefix in ("", "evertopic_", "evertopic_2_", "evertopic_3_")]


def test_an_id_is_a_uuid_of_its_row_and_run() -> None:
    """Version 8, variant of RFC 9562; other rows and other runs have others."""
    ids = {row_id(run, str(row)) for run in "ab" for row in range(1_000)}
    assert len(ids) == 2_000
    assert {(UUID(one).version, UUID(one).variant) for one in ids} == {(8, "specified in RFC 4122")}
