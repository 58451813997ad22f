import io
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType

from evertopic.cli.screens.edits import edits_screen
from evertopic.cli.screens.parts import bar, line, pairs, word
from evertopic.cli.screens.quality import quality_screen
from evertopic.cli.screens.topics import topics_screen
from evertopic.cli.screens.training import training_screen
from evertopic.records import Edit
from tests.unit.cli.cards import a_card, a_scorecard, a_version


def shown(screen: RenderableType, width: int = 100) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(Group(screen), crop=False)
    return out.getvalue()


def lines_with(text: str, words: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if words in line]


def test_shares_are_of_all_documents_and_the_rest_is_unassigned() -> None:
    """25 and 50 of 100 documents are 25 and 50 per cent, largest first, and 25 are left; brackets are just letters."""
    text = shown(topics_screen(a_version(), a_card().topics, 100, 2))
    assert "25.0 %" in lines_with(text, "bush [red]fires")[0]
    assert "50.0 %" in lines_with(text, "cricket")[0]
    assert "25.0 %" in lines_with(text, "unassigned")[0]
    assert text.index("cricket") < text.index("bush [red]fires")
    assert lines_with(text, "fire, smoke")
    assert "wind" not in text


def test_foreign_words_do_not_steer_the_terminal() -> None:
    """Names and documents of others may hold what clears a screen, goes back on a line or turns the text around."""
    foreign = "\x1b[2Ja\rb\x9b1m\u202ec\u2028d\x07"
    text = shown(Group(word(foreign), line(foreign), pairs([("told", foreign)])))
    assert text.count("?[2Ja b?1m?c d?") == 3


def test_an_id_is_never_markup() -> None:
    """Whatever a store holds, its edits can be listed."""
    edit = Edit("a[/b]", "news", datetime(2026, 3, 1, tzinfo=UTC), "ann", "hide", "t1")
    assert "a[/b]" in shown(edits_screen([edit]))


def test_a_coherence_that_was_not_measured_is_a_dash() -> None:
    """Nan never reaches the screen."""
    text = shown(topics_screen(a_version(), a_card().topics, 100, 3))
    assert lines_with(text, "cricket")[0].endswith("–")
    assert "nan" not in text


def test_an_unchanged_model_is_told_from_a_new_one() -> None:
    """The first line says whether anything was registered, and under which aliases."""
    new = shown(training_screen(a_version(), a_card(), "file:///r.html", 12.3))
    same = shown(training_screen(a_version(created=False, aliases=()), a_card(), "file:///r.html", 2.0))
    assert "demo, version 3, is registered. Aliases: challenger. 12 s." in new
    assert "nothing changed" in same
    assert "Aliases: none" in same


def test_rivals_beyond_the_third_are_counted() -> None:
    """Of five rivals three are told and two counted."""
    text = shown(training_screen(a_version(), a_card(), "file:///r.html", 1.0))
    assert "Rival 2." in text
    assert "Rival 3." not in text
    assert "and 2 others, in the report" in text


def test_an_address_is_never_broken() -> None:
    """A report's address longer than the terminal stays on one line, to be copied."""
    address = "file:///" + "a" * 120 + "/report.html"
    assert address in shown(training_screen(a_version(), a_card(), address, 1.0), width=60)


def test_the_outlier_budget_says_whether_chance_explains_the_difference() -> None:
    """5 % asked for lies between 1 % and 11 %."""
    text = shown(training_screen(a_version(), a_card(), "file:///r.html", 1.0))
    assert "Asked for 5.0 % unassigned, new documents get 4.0 % (1.0 % to 11.0 %): within chance of it." in text


def test_every_measure_has_its_interval_and_meaning() -> None:
    """Quality shows value, interval and words; stability is the training's, and the screen says so."""
    card = a_card()
    now = replace(a_scorecard(), stability=None)
    text = shown(quality_screen(a_version(), card, now, card.coverage, card.parity), width=160)
    assert "0.550 to 0.650" in lines_with(text, "Coherence (c_v)")[0]
    assert "0.650 to 0.850" in lines_with(text, "Stability")[0]
    assert lines_with(text, "Stability was measured when the model was trained")
    assert "NMI" not in text
    assert lines_with(text, "100 % of 100 documents get the answer")


def test_a_bar_is_as_long_as_its_part() -> None:
    """Half of 12 characters is 6; nothing is nothing; more than all is all; a trace is seen."""
    assert bar(0.5).plain == "█" * 6
    assert bar(0.0).plain == ""
    assert bar(7.0).plain == "█" * 12
    assert bar(1e-6).plain == "▏"
