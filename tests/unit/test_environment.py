from pathlib import Path

import pytest
from fastapi.encoders import jsonable_encoder

from evertopic.environment import find_root, read_environment
from evertopic.errors import BadConfig


def test_without_variables_everything_lies_beside_the_project(tmp_path):
    """Defaults: all of it under .evertopic in the project, nothing created."""
    found = read_environment({}, tmp_path)
    home = tmp_path / ".evertopic"
    assert (found.root, found.home) == (tmp_path, home)
    assert (found.lake_url, found.vectors_url) == (str(home / "lake"), str(home / "vectors"))
    assert found.store_url == f"sqlite:///{home}/store.db"
    assert found.tracking_uri == f"sqlite:///{home}/mlflow.db"
    assert found.artifacts_url == f"file://{home}/artifacts"
    assert found.mlflow_ui.startswith("http://127.0.0.1")
    assert not home.exists()


def test_home_moves_what_is_not_named(tmp_path):
    """EVERTOPIC_HOME moves the defaults; what has a variable of its own stays where that says."""
    variables = {"EVERTOPIC_HOME": str(tmp_path / "elsewhere"), "EVERTOPIC_STORE": "postgresql://host/base"}
    found = read_environment(variables, tmp_path)
    assert found.lake_url == str(tmp_path / "elsewhere" / "lake")
    assert found.store_url == "postgresql://host/base"


def test_passwords_are_not_written_out(tmp_path):
    """Neither the text of an environment nor what Prefect keeps of a flow's parameters shows a password."""
    variables = {"EVERTOPIC_STORE": "postgresql://ann:secret@host/a", "EVERTOPIC_TRACKING": "mysql://ann:secret@host/b"}
    found = read_environment(variables, tmp_path)
    assert found.store_url == "postgresql://ann:secret@host/a"
    assert found.tracking_uri == "mysql://ann:secret@host/b"
    assert "secret@" not in f"{found!r} {jsonable_encoder(found)}"


@pytest.mark.parametrize(
    ("variable", "field"),
    [
        ("LAKE", "lake_url"),
        ("VECTORS", "vectors_url"),
        ("STORE", "store_url"),
        ("TRACKING", "tracking_uri"),
        ("ARTIFACTS", "artifacts_url"),
        ("MLFLOW_UI", "mlflow_ui"),
    ],
)
def test_each_place_has_its_variable(tmp_path, variable, field):
    """One variable, one field, taken as it is."""
    assert getattr(read_environment({f"EVERTOPIC_{variable}": "s3://there"}, tmp_path), field) == "s3://there"


def test_an_empty_variable_is_no_variable(tmp_path):
    """`EVERTOPIC_HOME= evertopic train` means the default, not the working directory."""
    names = ("HOME", "LAKE", "VECTORS", "STORE", "TRACKING", "ARTIFACTS", "MLFLOW_UI", "ROOT")
    empty = {f"EVERTOPIC_{name}": "" for name in names}
    assert read_environment(empty, tmp_path) == read_environment({}, tmp_path)


def test_the_api_key_is_kept_as_it_was_set(tmp_path):
    """Not set, set to nothing and set are three things; none of them is written out."""
    assert read_environment({}, tmp_path).api_key is None
    empty, given = (read_environment({"EVERTOPIC_API_KEY": value}, tmp_path) for value in ("", "a-secret-of-mine"))
    assert empty.api_key is not None
    assert empty.api_key.get_secret_value() == ""
    assert given.api_key is not None
    assert given.api_key.get_secret_value() == "a-secret-of-mine"
    assert "a-secret-of-mine" not in f"{given!r} {jsonable_encoder(given)}"


def test_a_relative_home_is_made_absolute(tmp_path, monkeypatch):
    """Relative to the working directory, as a shell means it."""
    monkeypatch.chdir(tmp_path)
    assert read_environment({"EVERTOPIC_HOME": "here"}, Path("/project")).home == tmp_path / "here"


def test_unknown_variables_are_refused(tmp_path):
    """All typos at once, beside what there is; other programs' variables are none of our business."""
    variables = {"EVERTOPIC_LAEK": "x", "EVERTOPIC_STOER": "y", "PATH": "/bin", "MY_EVERTOPIC_X": "z"}
    with pytest.raises(BadConfig, match=r"Unknown .* EVERTOPIC_LAEK, EVERTOPIC_STOER: .*EVERTOPIC_LAKE") as fault:
        read_environment(variables, tmp_path)
    assert "PATH" not in str(fault.value)


def test_the_workers_variable_is_allowed(tmp_path):
    """EVERTOPIC_ROOT is known, and does not move the project."""
    assert read_environment({"EVERTOPIC_ROOT": "/elsewhere"}, tmp_path).root == tmp_path


def test_the_root_is_found_from_below(tmp_path):
    """From the project itself and from any folder in it; the nearest one counts."""
    inner = tmp_path / "inner" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "prefect.yaml").touch()
    assert find_root(tmp_path) == find_root(inner) == tmp_path.resolve()
    (tmp_path / "inner" / "prefect.yaml").touch()
    assert find_root(inner) == (tmp_path / "inner").resolve()


def test_outside_a_project_there_is_no_root(tmp_path):
    """The message names the folder and the file that marks a project; a folder of that name does not."""
    (tmp_path / "prefect.yaml").mkdir()
    with pytest.raises(BadConfig, match=rf"No prefect.yaml in {tmp_path.resolve()} or above"):
        find_root(tmp_path)
