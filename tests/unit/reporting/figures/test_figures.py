"""Every figure alone."""

import math
from dataclasses import replace

import numpy as np
import plotly.io
import pytest

from evertopic.records import Coverage, Interval
from evertopic.reporting import figures, training_figures
from evertopic.reporting.figures.document_map import MOST_POINTS, sampled
from evertopic.reporting.figures.hierarchy import leaf_order
from evertopic.reporting.measures import Measure, measure_named
from evertopic.reporting.palette import COLOURS, look_of
from tests.unit.reporting.stories import a_corpus, a_linkage, a_map, a_story, a_topic, news, some_trials

# Machado, Oliveira and Fernandes (2009): how linear RGB looks to a deuteranope, a protanope, a tritanope.
BLINDNESS = (
    ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
)
SIGHT = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def lab(
    linear: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]",
) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """CIE L*a*b* (D65) of linear RGB rows."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


def pair(x: str, y: str) -> tuple[Measure, Measure]:
    one, other = measure_named(x), measure_named(y)
    assert one
    assert other
    return one, other


@pytest.mark.parametrize("eyes", [SIGHT, *BLINDNESS])
def test_colours_are_told_apart_by_all_eyes(eyes: tuple[tuple[float, ...], ...]) -> None:
    """Any two of the eight colours differ by 10 or more in L*a*b*, 2.3 being just noticeable."""
    rgb = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in COLOURS])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = lab(np.clip(linear @ np.array(eyes).T, 0, 1))
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=2) + 1000 * np.eye(len(COLOURS))
    assert apart.min() >= 10


def test_forty_topics_look_different() -> None:
    """Colour and sign together are different for 40 topics, and start again at the 41st."""
    assert len({look_of(topic) for topic in range(40)}) == 40
    assert look_of(40) == look_of(0)


def test_a_map_has_a_legend_entry_a_topic_and_is_drawn_with_webgl() -> None:
    """Five topics and the unassigned ones are six WebGL traces; together they hold all dots."""
    story = a_story(5, 300)
    drawn = figures.document_map(story.map, story.topics)
    assert {trace.type for trace in drawn.data} == {"scattergl"}
    assert len(drawn.data) == 6
    assert sum(len(trace.x) for trace in drawn.data) == 300


def test_a_map_shows_the_snippet_and_the_topic() -> None:
    """The hover of a dot begins with its topic's name and holds the beginning of its text and its id."""
    story = a_story(1, 3)
    trace = figures.document_map(replace(story.map, topic=np.zeros(3, dtype=np.int32)), story.topics).data[0]
    assert trace.hovertemplate.startswith("<b>Bushfires around Sydney</b>")
    assert trace.text[0].replace("<br>", " ").startswith("Hundreds of people have been forced to vacate their homes")
    assert trace.text[0].endswith("news-00000")


def test_names_of_topics_are_no_templates() -> None:
    """Plotly would fill in %{x}: a name that holds it is shown as written."""
    story = a_story(1, 3)
    topics = (replace(story.topics[0], name="%{x}"),)
    trace = figures.document_map(replace(story.map, topic=np.zeros(3, dtype=np.int32)), topics).data[0]
    assert "%{x}" not in trace.hovertemplate
    assert "&#37;{x}" in trace.hovertemplate


def test_a_large_map_is_a_sample_and_always_the_same() -> None:
    """Of 100,000 rows 20,000 different ones are drawn, in order, twice the same; of few all."""
    rows = sampled(100_000)
    assert len(set(rows.tolist())) == MOST_POINTS == 20_000
    assert (np.diff(rows) > 0).all()
    assert (rows == sampled(100_000)).all()
    assert sampled(20_000).tolist() == list(range(20_000))
    assert len(sampled(0)) == 0


def test_an_empty_map_and_a_map_of_one_point_are_figures() -> None:
    """No documents leave no trace; a single point has no spread to divide by."""
    assert len(figures.document_map(a_map(news(), 2, 0), ()).data) == 0
    one = replace(a_map(news(), 1, 1), topic=np.zeros(1, dtype=np.int32))
    assert len(figures.document_map(one, (a_topic(0, news()),)).data) == 1


def test_names_on_the_map_do_not_cover_one_another() -> None:
    """Topics that lie on one spot get one name, the largest one's."""
    layout = replace(a_map(news(), 3, 300), x=np.tile([0.0, 1.0], 150), y=np.tile([0.0, 1.0], 150))
    drawn = figures.document_map(layout, a_story(3, 20).topics)
    assert len(drawn.layout.annotations) < 3
    assert "Bushfires" in drawn.layout.annotations[0].text


def test_leaves_are_ordered_so_that_branches_do_not_cross() -> None:
    """Each join covers neighbouring leaves, whatever the tree."""
    tree = a_linkage(9)
    order = leaf_order(tree)
    assert sorted(order) == list(range(9))
    members = {leaf: {leaf} for leaf in range(9)}
    for step, (one, other) in enumerate(tree[:, :2].astype(int).tolist()):
        members[9 + step] = members[one] | members[other]
        places = sorted(order.index(leaf) for leaf in members[9 + step])
        assert places == list(range(places[0], places[-1] + 1))


def test_a_dendrogram_joins_at_the_distances_of_the_linkage() -> None:
    """Leaves 0 and 1 join at 0.2, then 2 at 0.5: the bends are at 0.2 and 0.5."""
    tree = np.array([[0, 1, 0.2, 2], [2, 3, 0.5, 3]])
    drawn = figures.topic_hierarchy(tree, a_story(3, 20).topics)
    assert list(drawn.data[1].x) == [0.2, 0.5]
    assert set(drawn.layout.yaxis.ticktext) == {
        "Bushfires around Sydney  ",
        "Israel and the Palestinians  ",
        "War in Afghanistan  ",
    }


def test_a_chain_of_a_thousand_topics_is_drawn() -> None:
    """A tree as deep as it is wide does not exhaust the stack."""
    k = 1_000
    tree = np.array([[i if i == 0 else k + i - 1, i + 1, 0.1 * (i + 1), i + 2] for i in range(k - 1)])
    assert sorted(leaf_order(tree)) == list(range(k))


def test_a_hierarchy_of_one_topic_is_empty() -> None:
    """One topic has nothing to join."""
    assert len(figures.topic_hierarchy(a_linkage(1), a_story(1, 20).topics).data) == 0


def test_the_search_picture_marks_front_baseline_and_chosen() -> None:
    """18 trials and 2 baselines; 5 on the front, one of them chosen: 13, 4, 2 and 1 dots."""
    trials = some_trials()
    drawn = figures.pareto_picture(trials, a_story(2, 20).choice, pair("c_v", "diversity"))
    assert {trace.name: len(trace.x) for trace in drawn.data} == {
        "tried": 13,
        "on the front": 4,
        "baseline (NMF)": 2,
        "chosen": 1,
    }


def test_the_search_picture_has_a_whisker_where_there_is_an_interval() -> None:
    """c_v of the chosen reaches 0.03 to both sides; diversity has no interval, so no length."""
    drawn = figures.pareto_picture(some_trials(), a_story(2, 20).choice, pair("c_v", "diversity"))
    chosen = next(trace for trace in drawn.data if trace.name == "chosen")
    assert chosen.error_x.array == pytest.approx((0.03,))
    assert chosen.error_y.array[0] is None or math.isnan(chosen.error_y.array[0])


def test_lengths_are_named_by_their_bins() -> None:
    """Edges 0, 5, 6 are 0 to 4, 5 alone, and 6 or more."""
    drawn = figures.length_histogram(a_corpus(lengths=((0, 3), (5, 2), (6, 1))))
    assert list(drawn.data[0].x) == ["0–4", "5", "6 +"]
    assert list(drawn.data[0].y) == [3, 2, 1]
    assert list(figures.length_histogram(a_corpus(lengths=())).data[0].x) == []


def test_the_coverage_curve_runs_from_left_to_right() -> None:
    """Points are drawn by coverage whatever their order, and the budget of 5 % stands at 95 %."""
    curve = a_story(2, 20).coverage.curve
    drawn = figures.coverage_curve(Coverage(0.05, Interval(0.05, 0.04, 0.06), "labels", curve[::-1]))
    assert list(drawn.data[0].x) == [point.coverage for point in curve]
    assert drawn.layout.shapes[0].x0 == 0.95


def test_steps_of_the_same_name_keep_their_own_bars() -> None:
    """Two steps called `fit` are two bars."""
    drawn = figures.step_seconds([("fit", 1.0), ("fit", 2.0)])
    assert list(drawn.data[0].x) == [1.0, 2.0]
    assert len(set(drawn.data[0].y)) == 2


def test_all_figures_of_a_training_can_be_written() -> None:
    """A full story has six figures, each of them JSON; a bare one has none of those without data."""
    drawn = training_figures(a_story(3, 50))
    assert list(drawn) == ["lengths", "search", "map", "hierarchy", "coverage", "seconds"]
    assert all(len(plotly.io.to_json(figure)) > 100 for figure in drawn.values())
    bare = a_story(1, 0, corpus=a_corpus(lengths=()), trials=(), seconds=())
    assert list(training_figures(bare)) == ["coverage"]
