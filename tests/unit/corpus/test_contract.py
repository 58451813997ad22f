"""The contract: which rows and batches may enter, and why the others may not."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from evertopic.corpus.columns import Columns, map_columns
from evertopic.corpus.contract import Checked, Contract, check_batch, check_chunk, summarise
from evertopic.corpus.quarantine import REASONS, REJECTED
from evertopic.corpus.sources import FAULT
from evertopic.digests import digest_text
from evertopic.errors import BadInput
from evertopic.records import Quarantined

NOW = datetime(2024, 6, 1, 12)  # noqa: DTZ001  # naive UTC


def checked(contract: Contract | None = None, known: Mapping[str, str] | None = None, **columns: list[Any]) -> Checked:
    rows = pd.DataFrame(columns, dtype=object)
    rows.index = pd.RangeIndex(1, len(rows) + 1)
    names = Columns(
        id="id" if "id" in rows else None,
        label="label" if "label" in rows else None,
        timestamp="at" if "at" in rows else None,
    )
    return check_chunk(map_columns(rows, names, "a.csv"), contract or Contract(), NOW, known or {})


def reasons(result: Checked) -> dict[str, str]:
    return dict(zip(result.rejected["origin"], result.rejected["reason"], strict=True))


def test_sound_rows_are_accepted_with_the_digest_of_their_text() -> None:
    """Everything canonical stays but the fault; nothing is known yet."""
    result = checked(text=["a", "b"], label=["x", None])
    assert list(result.accepted.columns) == [
        *("id", "text", "label", "timestamp", "metadata", "origin"),
        *("digest", "known"),
    ]
    assert result.accepted["digest"].tolist() == [digest_text("a"), digest_text("b")]
    assert result.accepted["known"].tolist() == [False, False]
    assert result.rejected.empty
    assert tuple(result.rejected.columns) == REJECTED


@pytest.mark.parametrize(
    ("text", "reason", "found"),
    [
        (None, "missing_text", "no text"),
        ("", "empty_text", "0 characters"),
        (" \n\t\u00a0", "empty_text", "4 characters of white space"),
        (" ab ", "too_short", "2 characters: 'ab'"),
        ("a" * 11, "too_long", "11 characters"),
        ("a\0bcd", "encoding", "NUL byte"),
        ("caf\udce9", "encoding", r"undecodable '\udce9' at character 4"),
        ("a\ufffdc", "encoding", "1 lost characters"),
        (5, "wrong_type", "int 5 instead of text"),
    ],
)
def test_each_broken_text_has_its_reason(text: Any, reason: str, found: str) -> None:
    """The row before and the row after it are accepted."""
    result = checked(Contract(min_characters=3, max_characters=10), text=["first", text, "last"])
    assert result.accepted["text"].tolist() == ["first", "last"]
    assert reasons(result) == {"a.csv:2": reason}
    assert found in result.rejected["found"].iloc[0]


def test_bounds_are_inclusive_and_count_without_outer_blanks() -> None:
    """Three to ten characters: 3 and 10 pass, 2 and 11 do not."""
    result = checked(Contract(min_characters=3, max_characters=10), text=["  abc ", "a" * 10, "ab", "a" * 11])
    assert reasons(result) == {"a.csv:3": "too_short", "a.csv:4": "too_long"}


def test_mojibake_and_rare_losses_are_left_to_cleaning() -> None:
    """cafÃ© can be repaired; one lost character in twenty is on the bound of 0.05, two are above it."""
    result = checked(text=["cafÃ©", "\ufffd" + "a" * 19, "\ufffd\ufffd" + "a" * 18])
    assert reasons(result) == {"a.csv:3": "encoding"}


def test_damage_in_id_or_label_is_damage() -> None:
    """A database would refuse these rows in the middle of a batch."""
    result = checked(text=["a", "b", "c"], id=["1", "2\0", "3"], label=["x", "x", "\udce9"])
    assert reasons(result) == {"a.csv:2": "encoding", "a.csv:3": "encoding"}


def test_labels_outside_the_set_are_refused() -> None:
    """A row without a label is not outside; without a set every label is inside."""
    labels: list[Any] = ["tech", "tehc", None]
    result = checked(Contract(labels=("tech", "sport")), text=["a", "b", "c"], label=labels)
    assert reasons(result) == {"a.csv:2": "unknown_label"}
    assert "'tehc'" in result.rejected["found"].iloc[0]
    assert checked(text=["a", "b", "c"], label=labels).rejected.empty


def test_timestamps_may_lie_one_allowance_ahead() -> None:
    """Now is June 1, 12:00, the allowance one day: June 2, 12:00 passes, a second later does not; unreadable is bad."""
    at = ["2024-06-02 12:00:00", "2024-06-02 12:00:01", "soon", None]
    result = checked(text=["a", "b", "c", "d"], at=at)
    assert reasons(result) == {"a.csv:2": "future_timestamp", "a.csv:3": "bad_timestamp"}
    zoned = NOW.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=5)))
    frame = map_columns(pd.DataFrame({"text": ["a"], "at": [at[1]]}), Columns(timestamp="at"), "a.csv")
    assert len(check_chunk(frame, Contract(), zoned, {}).rejected) == 1
    assert len(check_chunk(frame, Contract(max_future=timedelta(days=2)), zoned, {}).accepted) == 1


def test_the_same_id_with_another_text_is_a_duplicate() -> None:
    """The first one met stays; a word for word repetition is accepted as known."""
    result = checked(text=["a", "b", "a", "c"], id=["1", "1", "1", "2"])
    assert reasons(result) == {"a.csv:2": "duplicate_id"}
    assert result.accepted["known"].tolist() == [False, True, False]


def test_ids_of_earlier_chunks_and_of_the_store_count() -> None:
    """Id 1 is stored with text a: a again is known, b is a duplicate, and nothing is written into `known`."""
    known = {"1": digest_text("a")}
    assert checked(known=known, text=["a"], id=["1"]).accepted["known"].tolist() == [True]
    assert reasons(checked(known=known, text=["b"], id=["1"])) == {"a.csv:1": "duplicate_id"}
    checked(known=known, text=["new"], id=["2"])
    assert known == {"1": digest_text("a")}


def test_a_refused_row_claims_no_id() -> None:
    """The first row with id 1 is empty, the second is sound: the second is the document."""
    result = checked(text=["", "b"], id=["1", "1"])
    assert reasons(result) == {"a.csv:1": "empty_text"}
    assert result.accepted["id"].tolist() == ["1"]


def test_a_row_with_several_faults_has_the_first_reason() -> None:
    """In the order of REASONS: encoding before too_short, too_short before future_timestamp before unknown_label."""
    result = checked(
        Contract(min_characters=3, labels=("x",)),
        text=["a\0", "a", "abc", None],
        at=["2030-01-01"] * 3 + ["soon"],
        label=["y"] * 4,
        id=["1"] * 4,
    )
    assert list(reasons(result).values()) == ["encoding", "too_short", "future_timestamp", "bad_timestamp"]


def test_rows_that_the_source_could_not_read_are_refused_for_it() -> None:
    """The fault is the reason; what was found is its second half."""
    result = checked(text=["a", None], **{FAULT: [None, "bad_json: Expecting value in {"]})
    assert reasons(result) == {"a.csv:2": "bad_json"}
    assert result.rejected["found"].tolist() == ["Expecting value in {"]


def test_a_rejected_row_is_kept_whole_in_ascii() -> None:
    """Its JSON can be stored by any database and gives the row back, damage included."""
    raw = checked(text=["caf\udce9 \0"], id=["7"], label=["é"]).rejected["raw"].iloc[0]
    assert raw.isascii()
    assert "\0" not in raw
    assert json.loads(raw) == {"id": "7", "text": "caf\udce9 \0", "label": "é", "timestamp": None, "metadata": "{}"}


def test_an_empty_chunk_gives_two_empty_tables() -> None:
    """No row, no reason."""
    result = checked(text=[])
    assert len(result.accepted) == len(result.rejected) == 0


def test_a_chunk_without_one_sound_row_is_all_rejected() -> None:
    """Nothing is accepted, nothing breaks."""
    assert len(checked(text=[None, None]).rejected) == 2


def test_one_megabyte_in_one_cell_is_quick_and_too_long() -> None:
    """A megabyte, sound or damaged, takes a fraction of a second and leaves only its beginning in `found`."""
    start = time.process_time()
    result = checked(text=["word " * 200_000, "\udce9" * 1_000_000, "ok"])
    assert time.process_time() - start < 2
    assert list(reasons(result).values()) == ["too_long", "encoding"]
    assert result.rejected["found"].str.len().max() < 200


def test_a_summary_counts_reasons_and_keeps_first_examples() -> None:
    """Most frequent first, at most five examples, over all chunks."""
    chunks = [checked(text=[""] * 4 + [None]).rejected, checked(text=[""] * 3).rejected]
    empty, missing = summarise(chunks)
    assert (empty.reason, empty.rows, len(empty.examples)) == ("empty_text", 7, 5)
    assert missing == Quarantined("missing_text", 1, ("a.csv:5: no text",))
    assert summarise([]) == ()


def test_a_batch_above_the_allowed_share_is_refused() -> None:
    """2 of 10 are the allowed fifth; 3 of 10 are refused, with reasons, counts and first origins."""
    quarantined = [Quarantined("empty_text", 2, ("a.csv:4: x", "a.csv:9: x"))]
    check_batch(10, quarantined, Contract(), [])
    more = [*quarantined, Quarantined("too_long", 1, ("a.csv:7: y",))]
    with pytest.raises(BadInput, match=r"3 of 10 .*20%: empty_text 2 \(first a\.csv:4: x\); too_long 1 "):
        check_batch(10, more, Contract(), [])
    check_batch(0, [], Contract(), [])


def test_a_jump_of_the_volume_is_refused() -> None:
    """Earlier batches had 100 rows on average, half to double are allowed: 50 and 200 pass, 49 and 201 do not."""
    contract = Contract(volume=(0.5, 2.0))
    for read in (50, 200):
        check_batch(read, [], contract, [90, 110])
    for read in (49, 201):
        with pytest.raises(BadInput, match=rf"{read} rows.*100 on average.*50 to 200"):
            check_batch(read, [], contract, [90, 110])
    check_batch(1, [], contract, [])
    check_batch(1, [], Contract(), [1000])


@pytest.mark.parametrize(
    "settings",
    [
        {"min_characters": 0},
        {"min_characters": 5, "max_characters": 4},
        {"volume": (2.0, 0.5)},
        {"max_quarantined": 1.5},
        {"min_length": 3},
    ],
)
def test_bounds_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    """Also a key nobody knows."""
    with pytest.raises(ValidationError):
        Contract.model_validate(settings)


def test_every_fault_that_is_written_is_a_reason() -> None:
    """Sources and columns speak the same words as the contract."""
    assert {"bad_json", "bad_row", "wrong_type", "bad_timestamp"} <= set(REASONS)
    assert len(set(REASONS)) == len(REASONS)
