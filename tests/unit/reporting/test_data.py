"""The data report."""

from evertopic.reporting import render_data
from evertopic.reporting.data import bars
from tests.unit.reporting.pages import check_sound
from tests.unit.reporting.stories import a_batch, a_corpus


def test_the_data_report_is_a_page_of_its_own() -> None:
    """It has the data section and, where given, the provenance."""
    page = check_sound(render_data("news", a_batch(), a_corpus(), (("Snapshot", "abc"),)))
    assert [named["id"] for tag, named in page.tags if tag == "section"] == ["data", "provenance"]
    assert "12,480" in page.text
    assert "news.csv:17: text is ''" in page.text


def test_a_data_report_needs_no_batch() -> None:
    """Without rows read it says where the documents came from."""
    page = check_sound(render_data("news", None, a_corpus()))
    assert "it took its documents from the store" in page.text
    assert "provenance" not in page.ids


def test_the_longest_bar_is_one() -> None:
    """4 and 1 give 1 and a quarter; a negative weight gives no bar; nothing gives nothing."""
    assert [bar.part for bar in bars([("a", 4), ("b", 1), ("c", -2)])] == [1.0, 0.25, 0.0]
    assert bars([]) == ()
    assert [bar.part for bar in bars([("a", 0)])] == [0.0]


def test_bars_are_cut_at_the_most() -> None:
    """Of three only the first two are shown."""
    assert [bar.name for bar in bars([("a", 3), ("b", 2), ("c", 1)], most=2)] == ["a", "b"]
