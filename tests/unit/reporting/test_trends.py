"""The page about topic shares over time."""

from dataclasses import replace

from evertopic.reporting import edges_of, render_trends, summarise_trends
from evertopic.reporting.figures import colours_of, trend_lines
from evertopic.reporting.trends import trend_figures
from tests.unit.reporting.courses import DAYS, NAMES, a_trend, no_trend
from tests.unit.reporting.pages import check_sound


def test_both_readings_are_on_the_page() -> None:
    """What one version says comes first, then what was served; the table is of the former."""
    page = check_sound(render_trends(a_trend(), a_trend(restated=True)))
    sections = [named["id"] for tag, named in page.tags if tag == "section"]
    assert sections == ["summary", "restated", "served", "topics"]
    assert "As version 2 says." in page.text
    assert all(name in page.text for name in NAMES.values())


def test_as_served_alone() -> None:
    """Without a model that restates there is one figure, and the table says what it shows."""
    page = check_sound(render_trends(a_trend(), None))
    assert "restated" not in page.ids
    assert "As served." in page.text


def test_nothing_answered() -> None:
    """A loop without answers has a page that says so."""
    page = check_sound(render_trends(no_trend(), no_trend(2)))
    assert "Nothing was answered in this time." in page.text
    assert not any(tag == "figure" for tag, _ in page.tags)


def test_the_summary() -> None:
    """Counts, the days on which the model changed, and what the restated line does not know."""
    restated = a_trend(restated=True, waiting=(3,) * DAYS, without_text=(2,) * DAYS)
    text = " ".join(finding.text for finding in summarise_trends(a_trend(), restated))
    assert "5,600 answers since 2 March 2026 name 3 topics." in text
    assert "Version 2 on 18 March 2026, 09:30 UTC" in text
    assert "Version 2 speaks of 5,600 of 5,740 answers" in text
    assert "84 answers of other versions wait" in text
    assert "56 answers cannot be restated" in text


def test_where_a_topic_began_and_ended() -> None:
    """The first and last share are of periods with answers."""
    trend = a_trend(starts=a_trend().starts[:3], answers=(0, 200, 100))
    topic = replace(trend.topics[0], answers=(0, 50, 10))
    edges = edges_of(trend, topic)
    assert (edges.answers, edges.share, edges.first, edges.last) == (60, 0.2, 0.25, 0.1)


def test_lines_and_changes() -> None:
    """A line for each topic and the unassigned, and one upright at the change; nothing without periods."""
    trend = a_trend()
    figure = trend_lines(trend, colours_of(trend))
    assert [line.name for line in figure.data] == list(NAMES.values())
    assert list(figure.data[0].y) == list(trend.shares(trend.topics[0]))
    assert [shape.x0 for shape in figure.layout.shapes] == ["2026-03-18T09:30:00"]
    assert trend_lines(no_trend(), {}).data == ()


def test_one_topic_has_one_colour() -> None:
    """In both figures a topic has the same colour, whatever its rank; a name from documents is no markup."""
    served = a_trend(topics=(replace(a_trend().topics[1], name="<b>"), *a_trend().topics[:1]))
    drawn = trend_figures(served, a_trend(restated=True))
    colours = {name: {line.name: line.line.color for line in figure.data} for name, figure in drawn.items()}
    assert colours["served"][NAMES["t4k2m9q"]] == colours["restated"][NAMES["t4k2m9q"]]
    assert "&lt;b&gt;" in colours["served"]
