from pathlib import Path

import pytest
from pydantic import ValidationError

from evertopic.config import LoopConfig, load_config, parse_config, with_input
from evertopic.corpus.sources import Bundled, Csv, Jsonl, Parquet
from evertopic.errors import BadConfig

PROJECT = Path(__file__).parents[2]
LEAST = {"name": "news", "source": {"kind": "bundled"}}


@pytest.fixture
def written(tmp_path):
    """Writes a config of the project in tmp_path and says where."""

    def write(text, name="configs/news.yaml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize("path", sorted((PROJECT / "configs").glob("*.yaml")), ids=lambda path: path.name)
def test_every_config_of_the_project_is_one(path):
    """What is in configs/ parses, under its own name."""
    assert load_config(path, PROJECT).name == path.stem


def test_a_name_and_a_source_are_enough():
    """Everything else has a default, and the model is named after the loop."""
    config = parse_config(LEAST, "x", PROJECT)
    assert (config.model_name, config.assignment.unassigned, config.search.kind) == ("news", 0.05, "grid")
    assert parse_config(LEAST | {"registry": {"model": "other"}}, "x", PROJECT).model_name == "other"


def test_all_faults_are_listed_at_once_with_their_places():
    """A missing key, an unknown one, a wrong type and a wrong number, each under its path."""
    content = {
        "source": {"kind": "csv"},
        "colour": "red",
        "search": {"kind": "grid", "trials": "many"},
        "assignment": {"unassigned": 1.5, "budget": 1},
        "model": {"umap": {"n_neighbors": [15, 1]}},
    }
    with pytest.raises(BadConfig) as fault:
        parse_config(content, "configs/x.yaml", PROJECT)
    told = str(fault.value).splitlines()
    assert told[0] == "configs/x.yaml has 7 faults:"
    assert "  name: is missing" in told
    assert "  source.csv.path: is missing" in told
    assert "  colour: is not a known key" in told
    assert "  assignment.budget: is not a known key" in told
    assert any(line.startswith("  search.grid.trials: ") and line.endswith("found 'many'") for line in told)
    assert any(line.startswith("  assignment.unassigned: ") and line.endswith("found 1.5") for line in told)
    assert any(line.startswith("  model.umap.n_neighbors.1: ") and line.endswith("found 1") for line in told)


@pytest.mark.parametrize(
    ("section", "kinds"),
    [
        ("source", ("csv", "jsonl", "parquet", "sql", "http", "bundled")),
        ("embed", ("onnx", "sentence_transformer", "hashing")),
        ("search", ("grid", "random")),
    ],
)
def test_a_wrong_kind_lists_the_kinds_there_are(section, kinds):
    """The message names what was found and all that would do."""
    with pytest.raises(BadConfig) as fault:
        parse_config(LEAST | {section: {"kind": "magic"}}, "x", PROJECT)
    assert all(f"'{kind}'" in str(fault.value) for kind in ("magic", *kinds))


def test_a_long_value_is_not_repeated_in_full():
    """A megabyte in the wrong place gives a short message."""
    with pytest.raises(BadConfig) as fault:
        parse_config(LEAST | {"seed": "9" * 1_000_000 + "x"}, "x", PROJECT)
    assert len(str(fault.value)) < 300


def test_rules_that_span_sections_are_told_without_the_whole_config():
    """An outlier budget without documents to set it by: the sentence alone."""
    with pytest.raises(BadConfig) as fault:
        parse_config(LEAST | {"search": {"kind": "grid", "held_out": 0.01}}, "x", PROJECT)
    rule = "search.held_out is below 0.05: too few documents would set the outlier thresholds"
    assert str(fault.value) == f"x has 1 fault:\n  (top level): {rule}"
    free = {"search": {"kind": "grid", "held_out": 0.01}, "assignment": {"unassigned": 0}}
    assert parse_config(LEAST | free, "x", PROJECT).search.held_out == 0.01


@pytest.mark.parametrize("name", ["News", "", "-news", "a" * 64, "a/b", "a b"])
def test_a_name_must_do_as_a_folder_and_a_model(name):
    """Lower case, digits and hyphens, at most 63."""
    with pytest.raises(BadConfig, match="name: String should"):
        parse_config(LEAST | {"name": name}, "x", PROJECT)


def test_relative_paths_are_taken_from_the_project(tmp_path, monkeypatch):
    """Wherever the command runs; absolute paths and addresses stay as they are."""
    monkeypatch.chdir("/")

    def path_of(path):
        return parse_config({"name": "x", "source": {"kind": "csv", "path": path}}, "x", tmp_path).source.path

    assert path_of("data/news.csv") == str(tmp_path.resolve() / "data" / "news.csv")
    assert path_of("../news.csv") == str(tmp_path.resolve().parent / "news.csv")
    assert path_of("/data/news.csv") == "/data/news.csv"
    assert path_of("s3://bucket/news.csv") == "s3://bucket/news.csv"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.csv", Csv), ("a.TSV", Csv), ("a.jsonl", Jsonl), ("a.ndjson", Jsonl), ("a.parquet", Parquet)],
)
def test_an_input_file_becomes_the_source(tmp_path, name, kind):
    """By its ending, in any case; the rest of the loop stays."""
    config = parse_config(LEAST | {"seed": 7}, "x", PROJECT)
    changed = with_input(config, tmp_path / name)
    assert isinstance(changed.source, kind)
    assert changed.source.path == str(tmp_path.resolve() / name)
    assert changed.model_copy(update={"source": config.source}) == config
    assert isinstance(config.source, Bundled)


def test_an_input_of_the_same_kind_keeps_the_settings(tmp_path):
    """A loop that reads semicolons reads them in the other file too."""
    source = {"kind": "csv", "path": "old.csv", "delimiter": ";", "encoding": "cp1252"}
    changed = with_input(parse_config({"name": "x", "source": source}, "x", PROJECT), tmp_path / "new.csv").source
    assert (changed.delimiter, changed.encoding, changed.path) == (";", "cp1252", str(tmp_path.resolve() / "new.csv"))


@pytest.mark.parametrize("source", [{"kind": "bundled"}, {"kind": "csv", "path": "old.csv"}])
def test_tabs_are_read_as_tabs(tmp_path, source):
    """A .tsv file has tabs, also where the loop reads .csv."""
    changed = with_input(parse_config({"name": "x", "source": source}, "x", PROJECT), tmp_path / "new.tsv")
    assert changed.source.delimiter == "\t"


@pytest.mark.parametrize("name", ["a.xlsx", "a", "a.csv.gz"])
def test_an_input_that_nobody_reads_is_refused(name):
    """The message lists the endings that are read."""
    with pytest.raises(BadConfig, match=r"expected one of \.csv, \.tsv, \.jsonl, \.ndjson, \.parquet"):
        with_input(parse_config(LEAST, "x", PROJECT), Path(name))


def test_a_missing_config_lists_those_there_are(written, tmp_path):
    """By name, sorted, or none."""
    with pytest.raises(BadConfig, match=r"There is no config .*gone.yaml. Configs of this project: none\."):
        load_config(tmp_path / "gone.yaml", tmp_path)
    written("name: b", "configs/b.yaml")
    written("name: a", "configs/a.yaml")
    with pytest.raises(BadConfig, match=r"project: configs/a.yaml, configs/b.yaml\."):
        load_config(tmp_path / "gone.yaml", tmp_path)


@pytest.mark.parametrize("content", [b"name: [", b"\xff\xfe\x00", b"a: b: c", b"!!python/object:os.system {}"])
def test_what_is_not_yaml_is_refused(written, tmp_path, content):
    """Broken syntax, wrong encoding, and YAML that would run code."""
    with pytest.raises(BadConfig, match="cannot be read as YAML"):
        load_config(written(content), tmp_path)


def test_a_folder_is_not_a_config(tmp_path):
    """It is named, not opened."""
    with pytest.raises(BadConfig, match="cannot be read"):
        load_config(tmp_path, tmp_path)


@pytest.mark.parametrize(("content", "kind"), [("- name", "list"), ("", "NoneType"), ("news", "str"), ("7", "int")])
def test_yaml_that_is_no_mapping_is_refused(written, tmp_path, content, kind):
    """A list, nothing at all, a word, a number."""
    with pytest.raises(BadConfig, match=f"holds {kind}, expected keys such as name: and source:"):
        load_config(written(content), tmp_path)


def test_a_config_cannot_be_changed():
    """Neither the loop nor a section."""
    config = parse_config(LEAST, "x", PROJECT)
    with pytest.raises(ValidationError, match="frozen"):
        config.seed = 1  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        config.assignment.unassigned = 0.5  # type: ignore[misc]


def test_a_config_survives_being_written():
    """Dumped as JSON, as Prefect and the registry do, and read again: the same loop."""
    config = load_config(PROJECT / "configs" / "demo.yaml", PROJECT)
    assert LoopConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize(
    "source",
    [
        {"kin": "sql", "url": "postgresql://ann:secret@host/a", "query": "select 1"},
        {"kind": "sqlite", "url": "postgresql://ann:secret@host/a", "query": "select 1"},
        {"kind": "http", "url": "https://host", "headers": "Bearer secret"},
        {"kind": "http", "url": "https://host", "headers": {"Authorization": ["Bearer secret"]}},
        {"kind": "http", "url": ["https://ann:secret@host"]},
    ],
)
def test_a_fault_shows_no_password(source, tmp_path):
    """Where addresses and headers stand, a fault says what is wrong and not what was found."""
    with pytest.raises(BadConfig, match="source") as fault:
        parse_config({"name": "news", "source": source}, "news.yaml", tmp_path)
    assert "secret" not in str(fault.value)


def test_a_model_folder_is_found_from_anywhere(tmp_path):
    """A relative folder of an encoder is one of the project, whatever the working directory; names stay names."""
    content = {"name": "news", "source": {"kind": "bundled"}}
    there = parse_config({**content, "embed": {"kind": "sentence_transformer", "model": "./models/x"}}, "it", tmp_path)
    assert there.embed.model == str(tmp_path / "models" / "x")
    assert parse_config(content, "it", tmp_path).embed.model == "bundled"
