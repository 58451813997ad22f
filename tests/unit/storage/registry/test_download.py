import pandas as pd
import pytest

from evertopic.errors import BadInput, Unavailable

TEXTS = pd.DataFrame({"text": ["shares rose", None, ""]})


@pytest.fixture
def version(registry, training):
    return registry.register(registry.log_training(training()), "news", {})


def test_fetch(registry, version, tmp_path):
    """The bundle comes back as it was logged, by logged model, version, alias or address."""
    logged = f"models:/{registry.tags(version)['model_id']}"
    for number, uri in enumerate([logged, version.model_uri, "news@challenger", "news/1"]):
        folder = registry.fetch(uri, tmp_path / "to" / str(number))
        assert folder == tmp_path / "to" / str(number)
        assert [path.name for path in folder.iterdir()] == ["meta.json"]
        assert (folder / "meta.json").read_text() == '{"name": "named b"}'
    assert len(list((tmp_path / "to").iterdir())) == 4  # nothing else is left beside them


def test_fetch_onto(registry, version, tmp_path):
    """A folder that is there already is never mixed with another bundle."""
    with pytest.raises(BadInput, match="exists already"):
        registry.fetch(version.model_uri, tmp_path)


def test_fetch_unknown(registry, version, tmp_path):
    """An unknown model is refused and nothing is written."""
    for uri in ("news/2", "models:/m-0123"):
        with pytest.raises(BadInput):
            registry.fetch(uri, tmp_path / "to")
    assert not (tmp_path / "to").exists()


def test_fetch_lost(registry, version, tmp_path):
    """Files that are gone are unavailable, and nothing half-written stays."""
    for path in list((tmp_path / "artifacts").rglob("meta.json")):
        path.unlink()
        path.parent.rmdir()
    with pytest.raises(Unavailable, match="cannot be read"):
        registry.fetch(version.model_uri, tmp_path / "to" / "here")
    assert list((tmp_path / "to").iterdir()) == []


def test_pyfunc(registry, version, monkeypatch):
    """The loaded model answers one row per text, missing ones included, with pickle forbidden."""
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    answers = registry.load_pyfunc("news@challenger").predict(TEXTS)
    assert list(answers.columns) == ["topic", "name", "words", "strength"]
    assert answers["topic"].tolist() == ["shares", "unassigned", "unassigned"]
    assert answers["words"].tolist() == [["shares", "rose"], [], []]


def test_no_pickle(registry, version, tmp_path):
    """No pickle lies in what is logged."""
    suffixes = {path.suffix for path in (tmp_path / "artifacts").rglob("*") if path.is_file()}
    assert not suffixes & {".pkl", ".pickle", ".joblib", ".pt", ".bin"}


def test_signature(registry, version):
    """The model states its columns, carries an example and pins what answering needs."""
    model = registry.load_pyfunc("news/1")
    inputs, outputs = model.metadata.signature.inputs.to_dict(), model.metadata.signature.outputs.to_dict()
    assert [(column["name"], column["type"]) for column in inputs] == [("text", "string")]
    assert [(column["name"], column["type"]) for column in outputs] == [
        ("topic", "string"),
        ("name", "string"),
        ("words", "array"),
        ("strength", "double"),
    ]
    assert model.input_example["text"].tolist() == ["shares rose", "a late goal"]


def test_wrong_column(registry, version):
    """A frame without the column `text` is refused by the signature, not deep inside."""
    from mlflow.exceptions import MlflowException

    with pytest.raises(MlflowException, match=r"text|body"):
        registry.load_pyfunc("news/1").predict(pd.DataFrame({"body": ["x"]}))
