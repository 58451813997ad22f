"""csv, jsonl, parquet and bundled: what their files may hold, and what is said when they cannot be read."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter, ValidationError

from evertopic.corpus.sources import FAULT, Bundled, Csv, Jsonl, Parquet, Source
from evertopic.corpus.sources.base import expand
from evertopic.digests import digest_bytes
from evertopic.errors import BadConfig, BadInput


def written(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def whole(chunks: Iterator[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(list(chunks))


def test_a_yaml_section_parses_straight_into_the_kind_that_reads() -> None:
    """`kind` chooses the class, and an unknown key is refused."""
    parse = TypeAdapter[Source](Source).validate_python
    assert parse({"kind": "csv", "path": "a.csv", "delimiter": ";"}) == Csv(path="a.csv", delimiter=";")
    with pytest.raises(ValidationError, match="delimeter"):
        parse({"kind": "csv", "path": "a.csv", "delimeter": ";"})


def test_csv_yields_chunks_that_count_their_rows(tmp_path: Path) -> None:
    """Five rows in chunks of two are 2, 2, 1, numbered from 1 below the header; blank lines are no rows."""
    path = written(tmp_path, "a.csv", b"id,text\n1,a\n2,b\n\n3,c\n4,d\n5,e\n")
    chunks = list(Csv(path=path, chunk_rows=2).read())
    assert [chunk.index.tolist() for chunk in chunks] == [[1, 2], [3, 4], [5]]
    assert list(chunks[0].columns) == ["id", "text"]


def test_csv_reads_text_as_text(tmp_path: Path) -> None:
    """NA, null, 007 and quoted delimiters and line ends stay as written; only an empty cell is missing."""
    path = written(tmp_path, "a.csv", b'id,text\n007,NA\n1,null\n2,"a, ""b""\r\nc"\n3,\n4,""\n')
    rows = whole(Csv(path=path).read())
    assert rows["id"].tolist() == ["007", "1", "2", "3", "4"]
    assert rows["text"].tolist()[:3] == ["NA", "null", 'a, "b"\r\nc']
    assert rows["text"].isna().tolist() == [False, False, False, True, True]


def test_csv_keeps_rows_whose_bytes_are_not_utf8(tmp_path: Path) -> None:
    """One Latin-1 byte costs nothing but its own row: it arrives as a lone surrogate, U+DC00 + 0xE9."""
    path = written(tmp_path, "a.csv", b"id,text\n1,good\n2,caf\xe9\n3,also good\n")
    assert whole(Csv(path=path).read())["text"].tolist() == ["good", "caf\udce9", "also good"]
    assert whole(Csv(path=path, encoding="latin-1").read())["text"].tolist() == ["good", "café", "also good"]


def test_csv_keeps_rows_with_nul_bytes(tmp_path: Path) -> None:
    """A NUL byte neither ends the cell nor the row nor the file."""
    path = written(tmp_path, "a.csv", b'id,text\n1,a\x00b\n2,"c\x00"\n\x003,d\n')
    rows = whole(Csv(path=path).read())
    assert rows["text"].tolist() == ["a\0b", "c\0", "d"]
    assert rows["id"].tolist() == ["1", "2", "\0003"]


def test_csv_reads_one_megabyte_in_one_cell(tmp_path: Path) -> None:
    """A cell may be as long as it likes."""
    path = written(tmp_path, "a.csv", b'id,text\n1,"' + b"word, " * 180_000 + b'"\n2,b\n')
    assert [len(text) for text in whole(Csv(path=path).read())["text"]] == [1_080_000, 1]


def test_csv_faults_rows_with_more_cells_than_the_header(tmp_path: Path) -> None:
    """They neither abort the file, nor shift the columns, nor lose their surplus in silence; short rows are padded."""
    path = written(tmp_path, "a.csv", b"id,text\n1,a,b\n2,a,b,c,d\n3\n4,ok\n5,trailing,\n")
    rows = whole(Csv(path=path).read())
    assert rows["id"].tolist() == ["1", "2", "3", "4", "5"]
    assert [fault[:7] if fault else None for fault in rows[FAULT]] == ["bad_row", "bad_row", None, None, None]
    assert "the 2 of the header" in rows[FAULT].iloc[0]


def test_csv_with_a_row_of_cells_without_end_is_refused(tmp_path: Path) -> None:
    """Two cells in the header and 100 in a row: that is another format, and no row is skipped in silence."""
    path = written(tmp_path, "a.csv", b"id,text\n1,a\n2" + b",b" * 99 + b"\n3,c\n")
    with pytest.raises(BadInput, match="saw 100"):
        whole(Csv(path=path).read())


def test_csv_that_a_stray_quote_swallows_is_refused(tmp_path: Path) -> None:
    """An unclosed quotation mark would make one cell of all the rest: better nothing than one giant document."""
    path = written(tmp_path, "a.csv", b'id,text\n1,"never closed\n2,b\n3,c\n')
    with pytest.raises(BadInput, match="quotechar"):
        whole(Csv(path=path).read())


def test_csv_knows_headers_with_marks_gaps_and_repeats(tmp_path: Path) -> None:
    """A byte order mark is not part of a name; nameless and repeated columns get pandas' names."""
    path = written(tmp_path, "a.csv", "\ufeff,text,text\n0,a,b\n".encode())
    assert list(whole(Csv(path=path).read()).columns) == ["Unnamed: 0", "text", "text.1"]


def test_csv_reads_utf16_and_packed_files(tmp_path: Path) -> None:
    """Two bytes a character and gzip are as good as plain text."""
    path = written(tmp_path, "a.csv", "id;text\n1;grün\n".encode("utf-16"))
    assert whole(Csv(path=path, encoding="utf-16", delimiter=";").read())["text"].tolist() == ["grün"]
    path = written(tmp_path, "a.csv.gz", gzip.compress(b"id,text\n1,a\n"))
    assert whole(Csv(path=path).read())["text"].tolist() == ["a"]


def test_an_archive_cut_short_is_refused(tmp_path: Path) -> None:
    """A half copied .gz names itself instead of ending early."""
    path = written(tmp_path, "a.csv.gz", gzip.compress(b"id,text\n" + bytes(range(48, 58)) * 9)[:-12])
    with pytest.raises(BadInput, match="does not unpack"):
        whole(Csv(path=path).read())


def test_an_unknown_encoding_is_a_fault_of_the_configuration() -> None:
    """It is found before anything is read."""
    with pytest.raises(ValidationError, match="utf-9"):
        Csv(path="a.csv", encoding="utf-9")


@pytest.mark.parametrize("kind", [Csv, Jsonl, Parquet])
def test_a_missing_file_names_its_neighbours(tmp_path: Path, kind: type[Csv]) -> None:
    """The message names the file that is not there and those of the same suffix that are."""
    suffix = kind.model_fields["kind"].default
    written(tmp_path, f"news.{suffix}", b"")
    written(tmp_path, "other.txt", b"")
    source = kind(path=str(tmp_path / f"nwes.{suffix}"))
    with pytest.raises(BadInput, match=rf"nwes\.{suffix} is not there.*there is news\.{suffix}: correct"):
        next(source.read())
    with pytest.raises(BadInput, match="is not there"):
        source.fingerprint()


def test_a_missing_folder_and_a_folder_are_named(tmp_path: Path) -> None:
    """Two ways to point beside a file."""
    with pytest.raises(BadInput, match="neither is the folder"):
        next(Csv(path=str(tmp_path / "no" / "a.csv")).read())
    with pytest.raises(BadInput, match="is a folder"):
        next(Csv(path=str(tmp_path)).read())


@pytest.mark.parametrize("content", [b"", b"\n\n", b"id,text\n", b"id,text"])
def test_an_empty_csv_and_a_header_alone_have_no_rows(tmp_path: Path, content: bytes) -> None:
    """Both are refused with the same words."""
    with pytest.raises(BadInput, match=r"a\.csv has no rows"):
        whole(Csv(path=written(tmp_path, "a.csv", content)).read())


def test_an_empty_jsonl_and_an_empty_parquet_have_no_rows(tmp_path: Path) -> None:
    """Whatever the kind, a file without a row is refused."""
    with pytest.raises(BadInput, match="has no rows"):
        whole(Jsonl(path=written(tmp_path, "a.jsonl", b"\n")).read())
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), path)
    with pytest.raises(BadInput, match="has no rows"):
        whole(Parquet(path=str(path)).read())


def test_a_file_is_read_from_any_fsspec_url() -> None:
    """The path may be a URL; its fingerprint is the digest of its bytes and its name hides a password."""
    content = b"id,text\n1,a\n"
    with fsspec.open("memory://room/a.csv", "wb") as file:
        file.write(content)
    source = Csv(path="memory://room/a.csv")
    assert whole(source.read())["text"].tolist() == ["a"]
    assert source.fingerprint() == digest_bytes(content)
    assert Csv(path="ftp://ann:secret@host/a.csv").label == "ftp://host/a.csv"
    with pytest.raises(BadInput, match=r"b\.csv is not there.*there is a\.csv"):
        next(Csv(path="memory://room/b.csv").read())
    with pytest.raises(BadConfig, match="quux"):
        next(Csv(path="quux://room/b.csv").read())


def test_jsonl_turns_bad_lines_into_faults(tmp_path: Path) -> None:
    """Broken JSON and JSON that is no object cost their own line only; the index is the line number."""
    lines = b'\xef\xbb\xbf{"text": "a", "n": 1}\n\n{"text": "b"\n[1]\n{"text": "c", "more": {"x": 1}}\n'
    rows = whole(Jsonl(path=written(tmp_path, "a.jsonl", lines)).read())
    assert rows.index.tolist() == [1, 3, 4, 5]
    assert rows["text"].tolist() == ["a", None, None, "c"]
    assert [fault and fault.partition(":")[0] for fault in rows[FAULT]] == [None, "bad_json", "bad_json", None]
    assert "list instead of an object" in rows[FAULT].iloc[2]
    assert rows["n"].tolist() == [1, None, None, None]


def test_jsonl_survives_nesting_without_end_and_bad_bytes(tmp_path: Path) -> None:
    """100,000 brackets are a bad line, not the end of the process; a Latin-1 byte stays visible."""
    path = written(tmp_path, "a.jsonl", b"[" * 100_000 + b'\n{"text": "caf\xe9"}\n')
    rows = whole(Jsonl(path=path).read())
    assert rows["text"].tolist() == [None, "caf\udce9"]
    assert rows[FAULT].iloc[0].startswith("bad_json: ")


def test_jsonl_keeps_a_column_once_seen(tmp_path: Path) -> None:
    """A later chunk in which no line has the key still has the column."""
    path = written(tmp_path, "a.jsonl", b'{"text": "a", "label": "x"}\n{"text": "b"}\n')
    first, second = Jsonl(path=path, chunk_rows=1).read()
    assert list(second.columns) == list(first.columns) == ["text", "label"]


def test_parquet_keeps_types_and_reads_in_chunks(tmp_path: Path) -> None:
    """A whole number beside a missing one stays whole, and rows count on across chunks."""
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"n": [1, None, 3], "text": ["a", None, "c"]}), path)
    chunks = list(Parquet(path=str(path), chunk_rows=2).read())
    assert [chunk.index.tolist() for chunk in chunks] == [[1, 2], [3]]
    assert whole(iter(chunks))["n"].tolist() == [1, None, 3]


def test_parquet_with_bytes_that_are_no_text_keeps_its_rows(tmp_path: Path) -> None:
    """Some writers put Latin-1 into text columns; the row arrives with a lone surrogate."""
    column = pa.array([b"good", b"caf\xe9", None], pa.binary()).view(pa.string())
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": column}), path)
    assert whole(Parquet(path=str(path)).read())["text"].tolist() == ["good", "caf\udce9", None]


def test_a_file_that_is_no_parquet_says_so(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(BadInput, match=r"a\.parquet is not a Parquet file"):
        next(Parquet(path=written(tmp_path, "a.parquet", b"id,text\n")).read())


def test_a_damaged_parquet_says_so(tmp_path: Path) -> None:
    """Bytes overwritten in the middle are a damaged file, not a place that did not answer."""
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [f"document {n}" for n in range(1_000)]}), path, compression="snappy")
    content = bytearray(path.read_bytes())
    content[40:400] = b"\xff" * 360
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"a\.parquet is"):
        whole(Parquet(path=str(path)).read())


@pytest.mark.parametrize(("name", "rows"), [("lee_background", 300), ("lee", 50), ("pang_lee_polarity", 200)])
def test_the_bundled_corpora_are_whole(name: str, rows: int) -> None:
    """Each has its known number of documents, without byte damage, and a fingerprint that stays."""
    source = Bundled.model_validate({"name": name})
    read = whole(source.read())
    assert len(read) == rows
    assert not read["text"].str.contains("[\ufffd\udc80-\udcff]").any()
    assert source.fingerprint() == source.fingerprint()


def test_the_bundled_reviews_have_their_labels() -> None:
    """The sign in front of each line is the label, not a word of the text: 100 of each."""
    read = whole(Bundled(name="pang_lee_polarity").read())
    assert read["label"].value_counts().to_dict() == {"neg": 100, "pos": 100}
    assert not read["text"].str.startswith("__label__").any()


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """`${NAME}` is replaced, or refused by name."""
    monkeypatch.setenv("THE_HOST", "db1")
    monkeypatch.delenv("THE_USER", raising=False)
    assert expand("x://${THE_HOST}/y") == "x://db1/y"
    with pytest.raises(BadConfig, match="THE_USER"):
        expand("x://${THE_USER}@${THE_HOST}/y")
