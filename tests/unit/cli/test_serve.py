from pathlib import Path

import pytest
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.cli.serve import require_model
from evertopic.errors import BadInput, EvertopicError, Unavailable


def test_without_a_model_the_command_says_what_makes_one(project: Path) -> None:
    """Nothing was trained: exit code 3, and looking made no registry."""
    refused = CliRunner().invoke(app, ["serve"])
    assert refused.exit_code == 3
    assert "evertopic train" in refused.stderr
    assert not (project / ".evertopic").exists()


def test_of_several_configs_one_must_be_named(project: Path) -> None:
    """Exit code 2 and the list; with none at all as well."""
    (project / "configs" / "other.yaml").write_text("name: other\n")
    refused = CliRunner().invoke(app, ["serve"])
    assert refused.exit_code == 2
    assert "demo, other" in refused.stderr
    for config in (project / "configs").iterdir():
        config.unlink()
    assert "this project: none" in CliRunner().invoke(app, ["serve"]).stderr


def test_an_unknown_loop_is_refused_with_those_there_are(project: Path) -> None:
    """As in `evertopic train`."""
    refused = CliRunner().invoke(app, ["serve", "nothing"])
    assert refused.exit_code == 2
    assert "configs/demo.yaml" in refused.stderr


def test_without_a_model_somebody_may_wait_for_one() -> None:
    """It is asked again after each pause until there is one; where nobody waits, what is missing is raised."""
    missing: list[EvertopicError] = [BadInput("no model"), Unavailable("no registry")]
    pauses: list[int] = []
    require_model(lambda: missing.pop() if missing else None, lambda: pauses.append(1))
    assert len(pauses) == 2
    with pytest.raises(BadInput, match="no model"):
        require_model(lambda: BadInput("no model"), None)
