import json
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.cli.screens.rules import Checked, rules_screen
from evertopic.prediction.rule_report import CategoryReport, RulesReport
from tests.projects import Project, Walk, content, walk
from tests.unit.cli.cards import a_version
from tests.unit.cli.test_screens import lines_with, shown

CATEGORIES = [
    {"name": "Cricket", "patterns": ["wicket", "umpire*"], "over_confident": True},
    {"name": "Sure", "patterns": ["volcano", "absent"]},
    {"name": "Gone", "patterns": ["ballot"], "topic": "tgone99", "over_confident": True},
]


@pytest.fixture(scope="module")
def walked(fresh_mlflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """A project with a champion, to read."""
    return walk(Project.make(tmp_path_factory.mktemp("ruled") / "project", fresh_mlflow).job())


@pytest.fixture
def trained(project: Path, walked: Walk, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of that project, which the command runs in, with three rules. `project` gives the environment back."""
    place = walked.job.place
    monkeypatch.setenv("EVERTOPIC_HOME", str(place.home))
    monkeypatch.chdir(place.root)
    write(place.root / "configs" / "tiny.yaml", CATEGORIES)
    return place.root


def write(path: Path, categories: list[dict[str, object]]) -> None:
    path.write_text(yaml.safe_dump({**content(), "rules": {"categories": categories}}))


def check(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["rules", "check", *arguments], env={"COLUMNS": "140"})


def test_the_champion_is_asked(trained: Path) -> None:
    """120 texts: counted by hand where the words are; each bold rule changes all of them, silent ones none."""
    texts = [line.split(",", 1)[1].split() for line in (trained / "documents.csv").read_text().splitlines()[1:]]
    fires = {name: sum(bool(words & set(text)) for text in texts) for name, words in {
        "Cricket": {"wicket", "umpire"}, "Sure": {"volcano"}, "Gone": {"ballot"},
    }.items()}  # fmt: skip
    done = check("documents.csv", "--json")
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["loop"], answer["model"]["name"], answer["in_force"]) == ("tiny", "tiny", False)
    report = {each["name"]: each for each in answer["report"]["categories"]}
    assert answer["report"]["documents"] == len(texts) == 120
    assert {name: each["fires"] for name, each in report.items()} == fires
    assert report["Cricket"]["decides"] == report["Cricket"]["changes"] == fires["Cricket"] > 0
    assert report["Sure"]["changes"] < fires["Sure"]
    assert (report["Gone"]["silent"], report["Gone"]["changes"]) == (True, 0)
    assert report["Sure"]["patterns"] == [["volcano", fires["Sure"]], ["absent", 0]]


def test_the_screen_shows_figures_examples_and_warnings(trained: Path) -> None:
    """A person reads what fires, by which pattern, where, and what to look at again."""
    done = check("documents.csv", "tiny")
    assert done.exit_code == 0, done.stderr
    assert "tiny: 3 rules on 120 documents" in done.stdout
    assert "answers with others; these come with the next training" in done.stdout
    assert "“wicket”" in done.stdout
    assert "Gone means the topic tgone99, which tiny/1 does not have: it never speaks." in done.stdout
    assert "Checking" not in done.stdout


def test_a_rule_of_a_common_word_is_warned_of(project: Path) -> None:
    """Without a model: only what would fire, and a line for what fires on more than a fifth; no registry is made."""
    rules = "rules: {categories: [{name: Fires, patterns: [fire*, flood]}, {name: Hail, patterns: [hail]}]}\n"
    config = project / "configs" / "demo.yaml"
    config.write_text(config.read_text() + rules)
    done = check("texts.csv")
    assert done.exit_code == 0, done.stderr
    assert "none: this is only what would fire, until `evertopic train demo` makes one" in done.stdout
    assert "Fires fires on 100 % of the documents, “fire*” alone on 9: is so common a word meant?" in done.stdout
    assert "Hail fires" not in done.stdout
    assert "1 row without a text" in done.stdout
    assert "changes" not in done.stdout
    assert not (project / ".evertopic").exists()
    told = json.loads(check("texts.csv", "demo", "--json").stdout)
    assert (told["model"], told["in_force"], told["left_out"], len(told["warnings"])) == (None, None, 1, 1)
    assert told["report"]["categories"][0]["changes"] is None


def test_only_the_column_of_the_text_is_needed(trained: Path, tmp_path: Path) -> None:
    """The config names an id; the file to check has none, and is of another kind."""
    (tmp_path / "new.jsonl").write_text('{"text": "the wicket fell"}\n{"text": " "}\n{"text": 5}\n')
    answer = json.loads(check(str(tmp_path / "new.jsonl"), "--json").stdout)
    assert (answer["report"]["documents"], answer["left_out"]) == (1, 2)


def test_a_config_without_rules_says_how_to_write_some(project: Path) -> None:
    """Ends with 2 and an example."""
    done = check("texts.csv", "demo")
    assert done.exit_code == 2
    assert "configs/demo.yaml has no rules to check" in done.stderr
    assert '{name: Refunds, patterns: ["refund*", "money back"]}' in done.stderr


def test_of_several_configs_one_must_be_named(trained: Path) -> None:
    """Ends with 2 and lists them; with a name it goes on."""
    other = trained / "configs" / "other.yaml"
    write(other, CATEGORIES)
    try:
        done = check("documents.csv")
    finally:
        other.unlink()
    assert done.exit_code == 2
    assert "Say which loop is meant. Configs of this project: other, tiny." in done.stderr


@pytest.mark.parametrize(
    ("name", "text", "code", "told"),
    [
        ("gone.csv", None, 3, "There is no file"),
        ("texts.txt", "text\nfire\n", 2, "ends in '.txt'"),
        ("other.csv", "body\nfire\n", 3, "no column 'text'"),
        ("blank.csv", "text,n\n,1\n ,2\n", 3, "holds no text"),
    ],
)
def test_a_file_that_cannot_be_checked_is_a_clear_fault(
    project: Path, name: str, text: str | None, code: int, told: str
) -> None:
    """Not there, of no known kind, without the column, without a text: said, with the exit code of its cause."""
    config = project / "configs" / "demo.yaml"
    config.write_text(config.read_text() + "rules: {categories: [{name: Fires, patterns: [fire]}]}\n")
    if text is not None:
        (project / name).write_text(text)
    done = check(name)
    assert done.exit_code == code
    assert told in done.stderr


def test_a_pattern_that_is_none_is_a_fault_of_the_config(project: Path) -> None:
    """Nothing is read: the place and the reason are told."""
    config = project / "configs" / "demo.yaml"
    config.write_text(config.read_text() + 'rules: {categories: [{name: Fires, patterns: ["*"]}]}\n')
    done = check("texts.csv")
    assert done.exit_code == 2
    assert "rules.categories.0.patterns.0: " in done.stderr


def test_the_screen_says_when_the_rules_are_in_force_and_keeps_a_long_list_short() -> None:
    """The champion has these very rules; of ten patterns the eight commonest are named; brackets are just letters."""
    patterns = tuple((f"word{n}", n) for n in range(10))
    found = CategoryReport("[red]Many", "rule:[red]Many", 10, 7, 6, patterns, (), silent=False, suspicious=False)
    checked = Checked("demo", "texts.csv", 0, a_version(), True, RulesReport(1_000, 10, 6, (found,)))
    text = shown(rules_screen(checked), width=160)
    assert "demo/3, champion, answers with these rules" in text
    assert "“word9” 9, “word8” 8" in text
    assert "“word2” 2 and 2 others" in text
    assert lines_with(text, "[red]Many")[0].split()[-4:] == ["1.0", "%", "7", "6"]
    assert "For example" not in text
    assert "Look again" not in text


@pytest.mark.usefixtures("trained")
def test_bundled_documents() -> None:
    """Documents that come with gensim can be checked by their name; a name nobody has is a fault that lists them."""
    found = CliRunner().invoke(app, ["rules", "check", "bundled:lee", "tiny", "--json"])
    assert json.loads(found.stdout)["report"]["documents"] == 50
    fault = CliRunner().invoke(app, ["rules", "check", "bundled:leo", "tiny"])
    assert fault.exit_code == 3
    assert "There are no bundled documents 'leo': there are" in fault.stderr
