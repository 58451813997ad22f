"""Column mapping: any source's rows become the same canonical table."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from evertopic.corpus.columns import CANONICAL, Columns, map_columns
from evertopic.corpus.sources import FAULT
from evertopic.digests import digest_text
from evertopic.errors import BadInput


def chunk(**columns: list[Any]) -> pd.DataFrame:
    made = pd.DataFrame(columns, dtype=object)
    made.index = pd.RangeIndex(1, len(made) + 1)
    return made


def times(values: list[Any], **settings: Any) -> tuple[list[str], list[str | None]]:
    columns = Columns(timestamp="at", **settings)
    mapped = map_columns(chunk(text=["x"] * len(values), at=values), columns, "a.csv")
    assert mapped["timestamp"].dtype == "datetime64[s]"
    return [str(stamp) for stamp in mapped["timestamp"]], mapped["fault"].tolist()


def test_the_canonical_table_has_its_columns_and_origins() -> None:
    """One row in, one row out, in order, with the place it came from."""
    columns = Columns(id="n", text="body", label="kind", timestamp="at", metadata=("score",))
    mapped = map_columns(
        chunk(n=[7, 8], body=["a", "b"], kind=["x", None], at=["2024-01-02", None], score=[3, None]), columns, "a.csv"
    )
    assert tuple(mapped.columns) == CANONICAL
    assert mapped.drop(columns="timestamp").to_dict("records") == [
        {"id": "7", "text": "a", "label": "x", "metadata": '{"score": "3"}', "origin": "a.csv:1", "fault": None},
        {"id": "8", "text": "b", "label": None, "metadata": "{}", "origin": "a.csv:2", "fault": None},
    ]


def test_several_text_columns_are_joined_by_an_empty_line() -> None:
    """A missing or blank part leaves no gap; with no part there is no text, with blank parts an empty one."""
    columns = Columns(text=("title", "abstract"))
    mapped = map_columns(
        chunk(title=["T", "T", None, None, " "], abstract=["A", None, "A", None, ""]), columns, "a.csv"
    )
    assert mapped["text"].tolist() == ["T\n\nA", "T", "A", None, ""]


def test_without_an_id_the_text_names_the_document() -> None:
    """Sixteen characters of the digest: alike for the same text, and also where a single id is missing."""
    mapped = map_columns(chunk(text=["a", "a", "b", None]), Columns(), "a.csv")
    assert mapped["id"].tolist() == [digest_text(t)[:16] for t in ("a", "a", "b")] + [""]
    mapped = map_columns(chunk(text=["a", "b"], id=["1", None]), Columns(id="id"), "a.csv")
    assert mapped["id"].tolist() == ["1", digest_text("b")[:16]]


def test_typed_and_untyped_cells_become_the_same_text() -> None:
    """7, 7.0 and "7" are one id; nested values are JSON; nothing loses its leading zeros."""
    mapped = map_columns(
        chunk(text=["x"] * 5, id=[7, 7.0, "7", Decimal(7), "007"], m=[{"a": [1]}, True, 2.5, date(2024, 1, 2), "é"]),
        Columns(id="id", metadata=("m",)),
        "a.csv",
    )
    assert mapped["id"].tolist() == ["7", "7", "7", "7", "007"]
    assert [json.loads(cell)["m"] for cell in mapped["metadata"]] == ['{"a": [1]}', "True", "2.5", "2024-01-02", "é"]
    assert "é" in mapped["metadata"].iloc[4]


def test_a_text_that_is_no_text_is_a_wrong_type() -> None:
    """Numbers, lists and bytes are not turned into documents in silence."""
    mapped = map_columns(chunk(text=["a", 5, ["b"], b"c", {"d": 1}, None]), Columns(), "a.csv")
    assert [fault and fault.split(" ")[:2] for fault in mapped["fault"]] == [
        None,
        ["wrong_type:", "int"],
        ["wrong_type:", "list"],
        ["wrong_type:", "bytes"],
        ["wrong_type:", "dict"],
        None,
    ]


def test_iso_times_become_naive_utc_seconds() -> None:
    """A zone is resolved (12:00+02:00 is 10:00 UTC), a date is its midnight, a year its first day."""
    stamps, faults = times(
        ["2024-01-02T12:00:00+02:00", "2024-01-02", 1987, "20240102", datetime(2024, 1, 2, 3, tzinfo=UTC), None]
    )
    assert stamps == [
        "2024-01-02 10:00:00",
        "2024-01-02 00:00:00",
        "1987-01-01 00:00:00",
        "2024-01-02 00:00:00",
        "2024-01-02 03:00:00",
        "NaT",
    ]
    assert faults == [None] * 6


def test_times_are_never_guessed() -> None:
    """03/04/2024 is March here and April there: a fault that says what to set; so are numbers and impossible days."""
    stamps, faults = times(["03/04/2024", 1704189600, "2024-02-30"])
    assert stamps == ["NaT"] * 3
    assert all(fault and fault.startswith("bad_timestamp: ") and "timestamp_format" in fault for fault in faults)


def test_a_format_reads_texts_and_years() -> None:
    """Day first where the format says so; whole numbers and 1987.0 are years under %Y; real dates need no format."""
    assert times(["03/04/2024", "nonsense"], timestamp_format="%d/%m/%Y")[0] == ["2024-04-03 00:00:00", "NaT"]
    stamps, faults = times([1987, 1987.0, "1987", None, datetime(1988, 2, 3)], timestamp_format="%Y")  # noqa: DTZ001
    assert stamps == ["1987-01-01 00:00:00"] * 3 + ["NaT", "1988-02-03 00:00:00"]
    assert faults == [None] * 5


def test_a_unit_reads_numbers() -> None:
    """1,704,189,600 s after 1970 is 2024-01-02 10:00 UTC (19,724 days x 86,400 + 36,000); texts of digits as well."""
    assert times([1704189600, "1704189600", "x"], timestamp_unit="s")[0] == ["2024-01-02 10:00:00"] * 2 + ["NaT"]
    assert times([1704189600000], timestamp_unit="ms")[0] == ["2024-01-02 10:00:00"]


def test_a_missing_column_names_those_there_are() -> None:
    """All missing ones at once, among the ones the file has."""
    with pytest.raises(BadInput, match=r"a\.csv has no column 'body', 'score': there are 'id', 'text'\.$"):
        map_columns(chunk(id=["1"], text=["a"]), Columns(id="id", text="body", metadata=("score",)), "a.csv")


@pytest.mark.parametrize("sign", [";", "\t", "|", ","])
def test_a_wrong_delimiter_is_suspected(sign: str) -> None:
    """A header that is one column holding another delimiter is the commonest mistake of all."""
    header = sign.join(["id", "text"])
    with pytest.raises(BadInput) as caught:
        map_columns(chunk(**{header: ["1"]}), Columns(), "a.csv")
    assert f"is the delimiter {sign!r}?" in str(caught.value)


def test_rows_that_could_not_be_read_keep_their_fault() -> None:
    """Also where nothing else is there: no column can be missing from rows nobody could read."""
    mapped = map_columns(chunk(**{FAULT: ["bad_json: x", "bad_json: y"]}), Columns(id="id"), "a.jsonl")
    assert mapped["fault"].tolist() == ["bad_json: x", "bad_json: y"]
    assert mapped["id"].tolist() == ["", ""]


def test_no_rows_give_a_canonical_table_without_rows() -> None:
    """The columns and their types stay."""
    mapped = map_columns(chunk(text=[], at=[]), Columns(timestamp="at"), "a.csv")
    assert len(mapped) == 0
    assert tuple(mapped.columns) == CANONICAL
    assert mapped["timestamp"].dtype == "datetime64[s]"


@pytest.mark.parametrize(
    "settings",
    [
        {"text": []},
        {"timestamp_format": "%Y"},
        {"timestamp": "at", "timestamp_format": "%Y", "timestamp_unit": "s"},
        {"texts": "body"},
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, Any]) -> None:
    """No text, a format without a column, a format and a unit, an unknown key."""
    with pytest.raises(ValidationError):
        Columns.model_validate(settings)
