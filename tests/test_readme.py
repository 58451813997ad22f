"""What the README promises exists."""

import re
from pathlib import Path

import pytest
import yaml

from evertopic.config import parse_config
from evertopic.environment import read_environment

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_linked_path_is_there(path: str) -> None:
    """No link of the README points into nothing."""
    assert (ROOT / path).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make ([a-z]+)`", README))))
def test_every_make_target_is_there(target: str) -> None:
    """Each `make X` that the README names is a target of the Makefile."""
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_example_config_is_a_whole_one() -> None:
    """The YAML of the README parses as a loop."""
    (example,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert parse_config(yaml.safe_load(example), "README.md", ROOT).name == "papers"


def test_every_command_is_there() -> None:
    """Each `evertopic X` of the README is a command, and each command stands in the README."""
    from typer.main import get_command

    from evertopic.cli.main import app

    named = set(re.findall(r"`evertopic ([a-z-]+)", README))
    assert named == set(get_command(app).commands)  # type: ignore[attr-defined]


def test_every_variable_is_known() -> None:
    """The variables of the README are those the environment reads, but for the one that Prefect's workers need."""
    named = set(re.findall(r"EVERTOPIC_[A-Z_]+", README))
    assert read_environment(dict.fromkeys(named, "/x"), ROOT)
    with pytest.raises(Exception, match="EVERTOPIC_HOMES") as refused:
        read_environment({"EVERTOPIC_HOMES": "/x"}, ROOT)
    assert set(re.findall(r"EVERTOPIC_[A-Z_]+", str(refused.value))) - {"EVERTOPIC_HOMES"} == named | {"EVERTOPIC_ROOT"}
