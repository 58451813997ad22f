"""Files in, files out: the same rows in the same order, with answers beside them."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evertopic.corpus.sources import Bundled, Csv
from evertopic.errors import BadInput, Unavailable
from evertopic.prediction.batch import Delimited, Size, file_target
from tests.unit.prediction.batch.batches import AT, Models, predicted

NAMES = [
    "prediction_id", "topic", "topic_name", "topic_words", "strength", "alternatives", "remark", "rule",
    "edit", "model_version", "predicted_at", "error",
]  # fmt: skip


def cells(path: Path, delimiter: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def objects(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_csv_comes_back_with_answers(csv_file: Path, tmp_path: Path, registry: Models, texts: list[str]) -> None:
    """Each row is there once, as it was, and its answer is the Predictor's own; ids are all different."""
    outcome = predicted(csv_file, tmp_path / "out.csv", registry.load)
    header, *rows = cells(tmp_path / "out.csv")
    assert header == ["id", "text", *NAMES]
    assert [row[:2] for row in rows] == [[f"{at:03d}", text] for at, text in enumerate(texts)]
    expected = registry.versions[1].predictor.predict(texts)
    assert [row[3] for row in rows] == [one.key or "" for one in expected]
    assert [row[4] for row in rows] == [one.name for one in expected]
    assert [row[5] for row in rows] == [", ".join(one.words) for one in expected]
    assert [float(row[6]) for row in rows] == pytest.approx([one.strength for one in expected], abs=1e-6)
    assert [json.loads(row[7])[0]["key"] for row in rows] == [one.alternatives[0][0] for one in expected]
    assert {tuple(row[8:]) for row in rows} == {("", "", "", "1", AT.isoformat(), "")}
    assert len({row[2] for row in rows}) == len(rows) == outcome.rows == 40
    assert len({row[3] for row in rows}) == 5


def test_every_kind_gives_the_same_answers(
    csv_file: Path, lines_file: Path, parquet_file: Path, tmp_path: Path, registry: Models
) -> None:
    """Nine ways from a kind to a kind: one answer to a text."""
    found = set()
    for source in (csv_file, lines_file, parquet_file):
        for ending in (".csv", ".jsonl", ".parquet"):
            target = tmp_path / f"out{ending}"
            predicted(source, target, registry.load)
            if ending == ".csv":
                topics = [row[3] or None for row in cells(target)[1:]]
            elif ending == ".jsonl":
                topics = [row["topic"] for row in objects(target)]
            else:
                topics = pq.read_table(target)["topic"].to_pylist()
            found.add(tuple(topics))
    assert len(found) == 1
    assert len(found.pop()) == 40


def test_chunks_make_no_difference(csv_file: Path, tmp_path: Path, registry: Models) -> None:
    """Chunks of 1, of 7 and of all rows, and chunks cut by characters: the same bytes."""
    sizes = (Size(1), Size(7), Size(1_000), Size(1_000, characters=3_000))
    for at, size in enumerate(sizes):
        predicted(csv_file, tmp_path / f"{at}.csv", registry.load, size=size)
    keys = [[(row[2], row[3]) for row in cells(tmp_path / f"{at}.csv")] for at in range(len(sizes))]
    assert all(one == keys[0] for one in keys)


def test_cells_stay_as_they_came(tmp_path: Path, registry: Models) -> None:
    """Leading zeros, blanks, quotes, line ends, empty cells and header, bytes that are no UTF-8, NUL: kept."""
    source, target = tmp_path / "odd.csv", tmp_path / "out.csv"
    lines = ["text,,code", '" a ""b""\nc",007,', "caf\udce9 au lait,1e5,NA", 'nul\0inside,"x\ry","1,5"', "short,"]
    source.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    predicted(source, target, registry.load)
    with source.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        came = list(csv.reader(file))
    assert cells(target)[0][:3] == ["text", "", "code"]
    assert [row[:3] for row in cells(target)[1:]] == [*came[1:4], ["short", "", ""]]
    assert b"caf\xe9 au lait" in target.read_bytes()


def test_formulas_are_defused_and_numbers_stay(tmp_path: Path, registry: Models) -> None:
    """What a spreadsheet would compute gets an apostrophe, in header and cells; -5 and +3.2e1 do not."""
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    harmful = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-", "--5"]
    harmless = ["-5", "+3.2e1", "-.5", "-1,234.5", "a=1", " =1", "", "'=1"]
    with source.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["=head", "text"], *([cell, "some words here"] for cell in harmful + harmless)])
    predicted(source, target, registry.load)
    assert [row[0] for row in cells(target)] == ["'=head", *(f"'{cell}" for cell in harmful), *harmless]


def test_a_row_that_cannot_be_read_is_kept(tmp_path: Path, registry: Models) -> None:
    """Too many cells: the row keeps its place, its cells and the reason, with the cells beyond; no text: a remark."""
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("id,text\n1,fine words here\n2,a,b,c\n3,\n4,!!!\n", encoding="utf-8")
    outcome = predicted(source, target, registry.load)
    rows = cells(target)[1:]
    assert [row[:2] for row in rows] == [["1", "fine words here"], ["2", "a"], ["3", ""], ["4", "!!!"]]
    assert rows[1][2:13] == [""] * 11
    assert rows[1][13].startswith("bad_row: more cells than the 2 of the header")
    assert rows[1][13].endswith("b,c")
    assert [row[8] for row in rows] == ["", "", "empty", "no words"]
    assert all(row[2] for at, row in enumerate(rows) if at != 1)
    assert (outcome.tally.errors, outcome.tally.remarks) == (1, {"empty": 1, "no words": 1})


def test_lines_of_json_are_left_as_they_are(tmp_path: Path, registry: Models) -> None:
    """Nested values, long numbers, escapes and key order stay byte for byte; the answer is put behind."""
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [
        r'{"text": "rain \u00fcber \ud800", "deep": {"b": [1, {"c": null}], "a": 0.10}, "big": 12345678901234567890}',
        "{}",
        "[1, 2]",
        '{"text": 7}',
        '{"text": "broken',
    ]
    source.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    predicted(source, target, registry.load)
    written = target.read_text(encoding="utf-8").splitlines()
    assert written[0].startswith(lines[0][:-1] + ', "prediction_id": "')
    assert written[1].startswith('{"prediction_id": "')
    found = objects(target)
    assert [row.get("unreadable_line") for row in found] == [None, None, "[1, 2]", None, '{"text": "broken']
    assert found[1]["remark"] == "empty"
    assert [row["error"] and row["error"].split(":")[0] for row in found] == [
        None, None, "bad_json", "wrong_type", "bad_json",
    ]  # fmt: skip
    assert found[3]["prediction_id"] is None
    assert isinstance(found[0]["topic_words"], list)
    assert set(found[0]["alternatives"][0]) == {"key", "probability"}


def test_parquet_keeps_its_types(tmp_path: Path, registry: Models) -> None:
    """Small integers, dictionaries, lists, times, missing values and metadata come back; the answer has types too."""
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    table = pa.table(
        {
            "text": pa.array(["rain over the hills", None, "wind", "rain over the hills"]),
            "small": pa.array([1, None, 3, 4], pa.int8()),
            "kind": pa.array(["a", "b", "a", None]).dictionary_encode(),
            "list": pa.array([[1.5], [], None, [2.5, None]], pa.list_(pa.float32())),
            "when": pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * 4, pa.timestamp("ms", "Europe/Berlin")),
        }
    ).replace_schema_metadata({"ours": "kept"})
    pq.write_table(table, source)
    predicted(source, target, registry.load, size=Size(3))
    found = pq.read_table(target)
    assert found.select(table.column_names).equals(table)
    assert found.schema.metadata[b"ours"] == b"kept"
    assert found.schema.field("topic_words").type == pa.list_(pa.string())
    assert found.schema.field("predicted_at").type == pa.timestamp("us", "UTC")
    assert found["remark"].to_pylist() == [None, "empty", "short", None]
    assert len(set(found["prediction_id"].to_pylist())) == 4


def test_lines_become_typed_columns(tmp_path: Path, registry: Models) -> None:
    """Each key becomes the column that holds all its values, wherever it is first seen."""
    source, target = tmp_path / "in.jsonl", tmp_path / "out.parquet"
    rows = [{"text": "a b c", "n": 1, "x": 1, "flag": True}, {"n": 2.5, "x": "y", "late": {"a": [1]}}]
    source.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    predicted(source, target, registry.load, size=Size(1))
    found = pq.read_table(target).select(["text", "n", "x", "flag", "late"])
    assert found.to_pylist() == [
        {"text": "a b c", "n": 1.0, "x": "1", "flag": True, "late": None},
        {"text": None, "n": 2.5, "x": "y", "flag": None, "late": '{"a": [1]}'},
    ]
    assert [str(kind) for kind in found.schema.types] == ["string", "double", "string", "bool", "string"]


def test_taken_names_get_a_prefix(tmp_path: Path, registry: Models) -> None:
    """A file that has a column of that name gets all eleven with a prefix; answered again, with the next one."""
    source = tmp_path / "in.csv"
    source.write_text("text,Topic\nsome words here,mine\n", encoding="utf-8")
    predicted(source, tmp_path / "1.csv", registry.load)
    outcome = predicted(tmp_path / "1.csv", tmp_path / "2.csv", registry.load)
    header, row = cells(tmp_path / "2.csv")
    prefixed = [[f"{prefix}{name}" for name in NAMES] for prefix in ("evertopic_", "evertopic_2_")]
    assert header == ["text", "Topic", *prefixed[0], *prefixed[1]]
    assert row[1] == "mine"
    assert outcome.columns == tuple(prefixed[1])


def test_several_columns_make_the_text(tmp_path: Path, registry: Models) -> None:
    """Title and abstract are joined as in training, missing parts left out."""
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"a": "bush fires", "b": "burn in the hills"}\n{"b": "rain"}\n', encoding="utf-8")
    predicted(source, target, registry.load, texts=("a", "b"))
    expected = registry.versions[1].predictor.predict(["bush fires\n\nburn in the hills", "rain"])
    assert [row["strength"] for row in objects(target)] == pytest.approx([one.strength for one in expected], abs=1e-6)


def test_a_missing_column_is_named(csv_file: Path, tmp_path: Path, registry: Models) -> None:
    """It says which column is missing, which there are and what to do; nothing is left beside the output."""
    with pytest.raises(BadInput, match=r"no column 'body': there are 'id', 'text'.*--text-column"):
        predicted(csv_file, tmp_path / "out.csv", registry.load, texts=("body",))
    assert {path.name for path in tmp_path.iterdir()} == {"news.csv"}


def test_an_unclosed_quotation_mark_is_no_row(tmp_path: Path, registry: Models) -> None:
    """It would swallow all rows behind it: refused before anything is predicted."""
    source = tmp_path / "in.csv"
    source.write_text('text\n"never closed\nrow\nrow\n', encoding="utf-8")
    with pytest.raises(BadInput, match="a quotation mark is never closed"):
        predicted(source, tmp_path / "out.csv", registry.load)
    assert registry.asked == []


def test_in_one_column_an_empty_line_is_an_empty_cell(tmp_path: Path, registry: Models) -> None:
    """Between two rows it is a row without text; at the end of the file, and beside other columns, it is none."""
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("text\n\nrain falls\n\nwind blows\n\n\n", encoding="utf-8")
    two.write_text("text,n\n\nrain falls,1\n\nwind blows,2\n\n", encoding="utf-8")
    assert predicted(one, tmp_path / "1.csv", registry.load).rows == 4
    assert [row[0] for row in cells(tmp_path / "1.csv")[1:]] == ["", "rain falls", "", "wind blows"]
    assert predicted(two, tmp_path / "2.csv", registry.load).rows == 2


def test_another_dialect_is_read_and_written(tmp_path: Path, registry: Models) -> None:
    """Semicolons in Windows letters come back with semicolons in UTF-8; a .tsv has tabs."""
    source = tmp_path / "in.csv"
    source.write_bytes("text;n\ncafé; 1\n".encode("cp1252"))
    documents = Csv(path=str(source), delimiter=";", encoding="cp1252")
    predicted(documents, file_target(tmp_path / "out.csv", Delimited(delimiter=";")), registry.load)
    predicted(documents, tmp_path / "out.tsv", registry.load)
    assert cells(tmp_path / "out.csv", ";")[1][:2] == ["café", " 1"]
    assert cells(tmp_path / "out.tsv", "\t")[1][:2] == ["café", " 1"]


def test_documents_that_are_no_file_are_predicted_too(tmp_path: Path, registry: Models) -> None:
    """The 50 news bundled with gensim: fetched, answered, and the same ids when it is done again."""
    for name in ("1.csv", "2.csv"):
        assert predicted(Bundled(name="lee"), tmp_path / name, registry.load).rows == 50
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()


@pytest.mark.parametrize("name", ["out.xlsx", "out"])
def test_an_unknown_ending_is_refused(tmp_path: Path, name: str) -> None:
    """Only what can be written is promised; the message lists the endings there are."""
    with pytest.raises(BadInput, match=r"expected one of \.csv, \.tsv, \.jsonl, \.ndjson, \.parquet"):
        file_target(tmp_path / name, Delimited())


def test_an_output_is_replaced_only_by_a_whole_one(csv_file: Path, tmp_path: Path, registry: Models) -> None:
    """While chunks are made the old file is there; a folder that is missing, and one of that name, are named."""
    target = tmp_path / "out.csv"
    target.write_text("old")
    seen = []
    load = registry.load

    def loading(choice: str):
        seen.append(target.read_text())
        return load(choice)

    predicted(csv_file, target, loading)
    assert seen == ["old"]
    assert len(cells(target)) == 41
    with pytest.raises(BadInput, match="folder that is there"):
        predicted(csv_file, tmp_path / "gone" / "out.csv", load)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(BadInput, match="folder that is there"):
        predicted(csv_file, tmp_path / "folder.csv", load)


def test_an_input_that_changes_meanwhile_is_refused(csv_file: Path, tmp_path: Path, registry: Models) -> None:
    """A row added while the others are answered: no output, and the next run begins anew."""
    load = registry.load

    def loading(choice: str):
        with csv_file.open("a", encoding="utf-8") as file:
            file.write("040,one more row\n")
        return load(choice)

    with pytest.raises(BadInput, match="was changed while it was read"):
        predicted(csv_file, tmp_path / "out.csv", loading)
    assert not (tmp_path / "out.csv").exists()
    assert predicted(csv_file, tmp_path / "out.csv", load).rows == 41


def test_two_runs_do_not_write_one_file(csv_file: Path, tmp_path: Path, registry: Models) -> None:
    """The second is refused while the first is at it, and nothing of the first is lost."""
    load = registry.load
    refused = []

    def loading(choice: str):
        with pytest.raises(Unavailable, match="Another run is writing") as fault:
            predicted(csv_file, tmp_path / "out.csv", load)
        refused.append(str(fault.value))
        return load(choice)

    assert predicted(csv_file, tmp_path / "out.csv", loading).rows == 40
    assert len(refused) == 1
