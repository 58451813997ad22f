"""What the programs of `evertopic up` are told, and who has the last word on it."""

from pathlib import Path

from evertopic.cli.surroundings import SAFE, children_variables, settings_of
from evertopic.environment import read_environment

ROOT = Path(__file__).parents[3]
LEASES = "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"


def test_a_project_without_a_word_is_safe(tmp_path: Path) -> None:
    """Leases on disk, batches, retention, heartbeats, nothing sent outside, no other page may call."""
    variables = children_variables({}, read_environment({}, tmp_path), 4311, 5311)
    assert variables[LEASES].endswith(".filesystem")
    assert {name: variables[name] for name in SAFE} == SAFE
    assert variables["PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS"] == "http://127.0.0.1:4311"


def test_the_environment_wins_over_the_file_and_the_file_over_us(tmp_path: Path) -> None:
    """What prefect.toml says is left to Prefect, what a variable says is passed on."""
    (tmp_path / "prefect.toml").write_text("[worker]\nquery_seconds = 9\n[server.events]\nretention_period = '1 day'")
    variables = children_variables(
        {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "60"}, read_environment({}, tmp_path), 4311, 5311
    )
    assert "PREFECT_WORKER_QUERY_SECONDS" not in variables
    assert "PREFECT_SERVER_EVENTS_RETENTION_PERIOD" not in variables
    assert variables["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "60"


def test_a_broken_file_is_prefects_to_complain_about(tmp_path: Path) -> None:
    """It is read for nothing else."""
    (tmp_path / "prefect.toml").write_text("[server")
    assert settings_of(tmp_path / "prefect.toml") == {}


def test_the_projects_own_file_says_all_of_it() -> None:
    """prefect.toml and `up` do not drift apart: what makes Prefect safe stands in both, but for Do Not Track."""
    assert set(SAFE) - set(settings_of(ROOT / "prefect.toml")) == {"DO_NOT_TRACK"}


def test_one_api_is_told_plainly_and_several_by_loop(tmp_path: Path) -> None:
    """Promotions ask the API of their own loop, however many there are; without one nothing is said."""
    place = read_environment({}, tmp_path)
    one = children_variables({}, place, 1, 2, {"demo": "http://h:8000"})
    two = children_variables({}, place, 1, 2, {"demo": "http://h:8000", "papers": "http://h:8001"})
    assert read_environment(one, tmp_path).api_of("demo") == "http://h:8000"
    assert read_environment(two, tmp_path).api_of("papers") == "http://h:8001"
    assert read_environment(two, tmp_path).api_of("other") is None
    assert children_variables({"EVERTOPIC_API": "http://there"}, place, 1, 2)["EVERTOPIC_API"] == "http://there"
    assert "EVERTOPIC_API" not in children_variables({}, place, 1, 2)
