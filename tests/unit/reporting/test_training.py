"""The report of one training."""

import base64
import hashlib
import json
import math
import re
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from evertopic.errors import BadInput
from evertopic.records import Coverage, Interval, LineageEvent, LineageKind, Parity, Score, Topic, TopicQuality
from evertopic.reporting import DocumentMap, TrainingStory, render_training
from tests.unit.reporting.pages import Page, check_sound
from tests.unit.reporting.stories import a_corpus, a_map, a_scorecard, a_story, a_topic, around, news, some_trials

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \"'&amp; {{ 7*7 }} %{x} --> <!--"
NAN = math.nan


@pytest.fixture(scope="module")
def page() -> Page:
    return check_sound(render_training(a_story(12, 200)))


def test_the_sections_come_in_the_order_they_are_read(page: Page) -> None:
    """Summary first, time last, and the table of contents names each of them."""
    sections = [named["id"] for tag, named in page.tags if tag == "section"]
    assert sections == ["summary", "data", "search", "topics", "map", "hierarchy", "quality", "provenance", "time"]
    assert [a[1:] for a in page.attribute("a", "href") if a.startswith("#")] == sections


def test_plotly_is_written_once(page: Page) -> None:
    """A page carries plotly.js one time however many pictures it holds."""
    assert sum("plotly.js v" in script for script in page.scripts) == 1
    assert len(page.attribute("div", "data-figure")) == 6


def test_every_picture_has_its_numbers(page: Page) -> None:
    """Each picture's place names a JSON block of the page that is a plotly figure."""
    blocks = {
        named["id"]: script
        for (_, named), script in zip((t for t in page.tags if t[0] == "script"), page.scripts, strict=True)
        if "id" in named
    }
    for name in page.attribute("div", "data-figure"):
        assert set(json.loads(blocks[name])) >= {"data", "layout"}
    assert len(blocks) == 6


def test_only_its_own_scripts_may_run(page: Page) -> None:
    """The page's policy allows exactly the scripts written here, by their hash, and no address."""
    policy = next(named["content"] or "" for tag, named in page.tags if tag == "meta" and "http-equiv" in named)
    running = [
        script
        for (_, named), script in zip((t for t in page.tags if t[0] == "script"), page.scripts, strict=True)
        if named.get("type") != "application/json"
    ]
    hashes = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in running}
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == hashes
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy


def test_links_of_the_provenance_can_be_clicked_and_digests_copied(page: Page) -> None:
    """An address is a link; anything else is text with a copy button."""
    assert "http://127.0.0.1:4200/runs/flow-run/0a1b" in page.attribute("a", "href")
    assert "5b1f" * 16 in page.attribute("button", "data-copy")
    assert not any(copied.startswith("http") for copied in page.attribute("button", "data-copy"))


def test_a_script_in_an_address_is_no_link() -> None:
    """Only http and https become links."""
    story = a_story(2, 20, provenance=(("Prefect run", "javascript:alert(1)"),))
    page = check_sound(render_training(story))
    assert "javascript:alert(1)" in page.attribute("button", "data-copy")


def test_the_chosen_trial_and_the_baselines_are_marked(page: Page) -> None:
    """One row of the table of trials is the chosen one, two are baselines; 20 trials are listed."""
    marks = [named.get("class") for tag, named in page.tags if tag == "mark"]
    assert marks.count("m-chosen") == 1
    assert marks.count("m-base") == 2
    assert "20candidates tried" in page.text.replace("\n", "")


def test_settings_that_never_vary_are_said_once(page: Page) -> None:
    """`components 5` stands below the table; `neighbours` is a column."""
    assert "The same wherever it applies: components 5, metric cosine." in page.text
    assert "neighbours" in page.text


def hostile_story() -> TrainingStory:
    texts = news()[:30]
    story = a_story(3, 30)
    topics = tuple(
        replace(
            topic,
            name=HOSTILE,
            key=HOSTILE,
            words=(HOSTILE, "b", "c"),
            weights=(3.0, 2.0, 1.0),
            representatives=(HOSTILE,),
        )
        for topic in story.topics
    )
    layout = replace(a_map(texts, 3, 30), titles=(HOSTILE,) * 30, ids=(HOSTILE,) * 30)
    batch = story.batch
    assert batch is not None
    refused = tuple(replace(part, reason=HOSTILE, examples=(HOSTILE,)) for part in batch.quarantined)
    trials = tuple(replace(trial, settings=((HOSTILE, HOSTILE),)) for trial in story.trials)
    return replace(
        story,
        loop=HOSTILE,
        model=HOSTILE,
        topics=topics,
        map=layout,
        batch=replace(batch, quarantined=refused),
        trials=(*trials, *some_trials(2)),
        choice=replace(story.choice, reason=HOSTILE, beaten=(HOSTILE,)),
        corpus=a_corpus(top_words=((HOSTILE, 3),), labels=((HOSTILE, 3),), languages=((HOSTILE, 1),)),
        criteria=("c_v", "diversity", HOSTILE),
        provenance=((HOSTILE, HOSTILE), ("link", f"https://example.org/{HOSTILE}")),
        seconds=((HOSTILE, 1.0),),
    )


def test_text_of_users_is_text() -> None:
    """Markup in a name, a word, a text, an id, a setting or a reason is shown letter by letter."""
    source = render_training(hostile_story())
    page = check_sound(source)
    assert len(page.scripts) == 6 + 2
    assert "alert(1)" in page.text
    assert "{{ 7*7 }}" in page.text
    assert "<script>alert" not in source


def test_hovers_of_the_map_show_markup_letter_by_letter() -> None:
    """Plotly reads a little HTML in its labels, so what users wrote reaches it escaped."""
    page = Page(render_training(hostile_story()))
    for script in page.scripts[:-2]:
        strings = re.findall(r'"(?:[^"\\]|\\.)*"', script)
        assert not any(re.search(r"<(?!/?b>|br>|extra></extra>|/extra>)", json.loads(string)) for string in strings)


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(a_story(1, 20), id="one topic"),
        pytest.param(a_story(0, 20), id="no topic"),
        pytest.param(a_story(45, 100), id="more topics than looks"),
        pytest.param(a_story(3, 0), id="no map"),
        pytest.param(a_story(3, 20, batch=None), id="nothing read"),
        pytest.param(
            a_story(3, 20, corpus=a_corpus(since=None, until=None, labels=(), dropped=())), id="no times, no labels"
        ),
        pytest.param(
            a_story(3, 20, corpus=a_corpus(documents=0, lengths=(), top_words=(), languages=())), id="no documents"
        ),
        pytest.param(a_story(3, 20, trials=()), id="no trials"),
        pytest.param(a_story(3, 20, criteria=("unheard_of",)), id="a criterion without words"),
        pytest.param(a_story(3, 20, parity=None, provenance=(), seconds=()), id="nothing recorded"),
        pytest.param(a_story(3, 20, coverage=Coverage(0.05, Interval(NAN, NAN, NAN), "labels", ())), id="no coverage"),
    ],
)
def test_what_is_not_there_is_said_or_left_out(story: TrainingStory) -> None:
    """A story with a part missing is still a sound page with all its sections."""
    page = check_sound(render_training(story))
    assert len([tag for tag, _ in page.tags if tag == "section"]) == 9


def test_nothing_refused_is_said() -> None:
    """A batch without quarantine says so in words."""
    batch = a_story(2, 20).batch
    assert batch is not None
    page = check_sound(render_training(a_story(2, 20, batch=replace(batch, quarantined=()))))
    assert "No row was refused." in page.text


def test_a_search_without_a_front_has_its_picture() -> None:
    """Trials may all be off the front; then none is marked so."""
    trials = tuple(replace(trial, on_front=False) for trial in some_trials())
    page = check_sound(render_training(a_story(2, 20, trials=trials)))
    assert "figure-search" in page.attribute("div", "data-figure")


def test_what_was_not_measured_is_a_dash() -> None:
    """Nan never reaches the reader."""
    bad = Interval(NAN, NAN, NAN)
    card = a_scorecard(c_v=bad, npmi=bad, u_mass=bad, diversity=NAN, agreement=bad, stability=bad)
    topics = tuple(replace(a_topic(i, news()), quality=TopicQuality(NAN, NAN, NAN, NAN)) for i in range(2))
    trials = tuple(replace(trial, scorecard=card) for trial in some_trials())
    page = check_sound(render_training(a_story(2, 20, scorecard=card, topics=topics, trials=trials)))
    assert "–" in page.text
    assert "could not be measured" in page.text


def test_any_script_and_any_length_can_be_a_name() -> None:
    """Chinese, Arabic, Hindi and very long names are kept as they are or cut with an ellipsis."""
    names = ("人工智能与机器学习", "الذكاء الاصطناعي", "कृत्रिम बुद्धिमत्ता", "long " * 100)
    topics = tuple(replace(a_topic(i, news()), name=name) for i, name in enumerate(names))
    page = check_sound(render_training(a_story(4, 20, topics=topics)))
    assert all(name in page.text for name in names[:3])
    assert "long long…" in page.text


def test_half_characters_can_be_written() -> None:
    """A lone surrogate, as broken exports have it, is a question mark: the page is valid UTF-8."""
    broken = "half \ud83d a smile"
    topics = tuple(replace(a_topic(i, news()), name=broken, words=(broken,), weights=(1.0,)) for i in range(2))
    story = a_story(2, 20, topics=topics, loop=broken, seconds=((broken, 1.0),))
    story = replace(story, map=replace(story.map, titles=(broken,) * 20))
    assert "half ? a smile" in render_training(story).encode("utf-8").decode("utf-8")


def test_a_large_map_says_that_it_is_a_sample() -> None:
    """Of 20,001 documents 20,000 are drawn, and the caption says so."""
    text = render_training(a_story(2, 20_001))
    assert "Shown are 20,000 of 20,001 documents" in text


def test_a_reloaded_model_that_answers_otherwise_is_pointed_out() -> None:
    """Parity below what is required is marked as bad, not as fine."""
    page = Page(render_training(a_story(2, 20, parity=Parity(500, 0.99, 0.999))))
    assert "bad" in page.attribute("p", "class")


def test_the_same_story_is_the_same_page() -> None:
    """Two renderings do not differ in a byte: no clock, no chance."""
    assert render_training(a_story(3, 50)) == render_training(a_story(3, 50))


def test_a_linkage_of_other_topics_is_refused() -> None:
    """Three topics need two joins; the message says both shapes."""
    with pytest.raises(BadInput, match=r"3 topics need a linkage of shape \(2, 4\), found \(1, 4\)"):
        a_story(3, 20, linkage=np.zeros((1, 4)))


def test_a_map_of_other_topics_is_refused() -> None:
    """A map that names topic 7 of 3 is refused."""
    layout = replace(a_map(news(), 3, 20), topic=np.full(20, 7))
    with pytest.raises(BadInput, match="expected -1 to 2"):
        a_story(3, 20, map=layout)


def test_a_map_with_columns_of_different_length_is_refused() -> None:
    """Two places for one document: the message counts each column."""
    with pytest.raises(BadInput, match="x 2, y 2, topic 1, titles 1, ids 1"):
        DocumentMap(np.zeros(2), np.zeros(2), np.zeros(1, dtype=np.int32), ("a",), ("1",))


def test_times_are_written_as_people_do() -> None:
    """The span of the documents is two dates in words."""
    corpus = a_corpus(since=datetime(2020, 2, 3, 4, 5, tzinfo=UTC), until=datetime(2021, 1, 1, tzinfo=UTC))
    page = Page(render_training(a_story(2, 20, corpus=corpus)))
    assert "3 February 2020, 04:05 to 1 January 2021" in page.text


def test_a_topic_without_words_is_a_card() -> None:
    """An empty list of words leaves a card with its name and size."""
    bare = Topic("t_x", "bare", (), (), 5, (), TopicQuality(NAN, NAN, NAN, NAN))
    page = check_sound(render_training(a_story(1, 20, topics=(bare,), scorecard=a_scorecard(stability=around(0.3)))))
    assert "5 documents" in page.text


def an_event(kind: LineageKind, key: str, name: str = HOSTILE) -> LineageEvent:
    score = Score(0.987, None, 0.5, math.nan, 3) if kind != "born" else None
    return LineageEvent(2, datetime(2026, 3, 1, tzinfo=UTC), kind, key, name, 12, "tother", score)


def test_what_became_of_earlier_topics_is_told() -> None:
    """A later model's page counts what happened and has a row for each topic, gone ones too; a first one's has none."""
    kinds: tuple[LineageKind, ...] = ("kept", "kept", "born", "split", "revived", "merged", "retired")
    events = tuple(an_event(kind, f"t{at}") for at, kind in enumerate(kinds))
    page = check_sound(render_training(replace(a_story(4, 20), lineage=events)))
    assert "2 topics go on under their keys, 1 new, 1 split off another, 1 back after models without it" in page.text
    assert all(f"t{at}" in page.text for at in range(len(kinds)))
    assert "merged into tother" in page.text
    assert "98.7" in page.text
    assert "lineage" in [named["id"] for tag, named in page.tags if tag == "section"]
