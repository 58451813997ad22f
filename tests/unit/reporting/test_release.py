"""The page before a release."""

from dataclasses import replace

from evertopic.quality.classification import wilson
from evertopic.reporting import one_sentence, render_release, summarise_release
from evertopic.reporting.figures import release_flows
from evertopic.reporting.figures.release_flows import MOST_TOPICS, MOVES, STAYS
from tests.unit.reporting.diffs import TEXT, a_diff, a_flow, a_topic
from tests.unit.reporting.pages import check_sound


def said(**changes: object) -> str:
    """The summary as one text."""
    return "\n".join(f"{finding.about}: {finding.text}" for finding in summarise_release(a_diff(**changes)))


def test_everything_is_on_the_page() -> None:
    """Shares, every topic with its key, what happens to it, examples, people's edits and the evidence."""
    page = check_sound(render_release(a_diff()))
    assert "4.1" in page.text
    assert all(topic.key in page.text for topic in a_diff().topics)
    assert "comes out of “refund · money · return”" in page.text
    assert TEXT.format(1_044) in page.text
    assert "The evidence by which topics were recognised" in page.text
    assert "rename “Refunds”" in page.text
    assert [named["id"] for tag, named in page.tags if tag == "section"] == [
        "summary",
        "topics",
        "flows",
        "moves",
        "people",
    ]


def test_the_summary_is_in_plain_words() -> None:
    """82 of 2,000 are 4.1 %, Wilson's interval is 3.3 % to 5.1 %; each kind of change has its sentence."""
    text = said()
    assert "4.1 % of the last 2,000 documents move to another topic (3.3 % to 5.1 % of all would)." in text
    assert "18 documents with a topic would have none, 22 documents without one would get one." in text
    assert "Of 6 topics 4 stay what they are." in text
    assert "Divided: “refund · money · return” goes on, and “refunds abroad” comes out of it." in text
    assert "Merged: “courier · driver · rude” goes into “delivery · late · parcel”." in text
    assert "New: “app · crash · update” is new." in text
    assert "Back: “gift cards” comes back." in text
    assert "Gone: “christmas · opening hours” is gone." in text
    assert "“password · login · reset” is called “login · password · code”; the key stays." in text
    assert "One edit that a person made is about topics that change" in text


def test_nothing_changes() -> None:
    """Two equal versions: short, and good news; still no promise that of all documents none would move."""
    topics = (a_topic("t9w8c1d", "same", (500, 500)),)
    flows = (a_flow("t9w8c1d", "t9w8c1d", 500),)
    diff = a_diff(topics=topics, flows=flows, documents=500, moved=wilson(0, 500), lost=0, found=0, at_risk=())
    assert [(finding.about, finding.tone) for finding in summarise_release(diff)] == [
        ("Documents", "good"),
        ("Topics", "good"),
    ]
    assert "at most 0.8 % of all would" in one_sentence(diff)
    assert "Every document is answered as before." in check_sound(render_release(diff)).text


def test_no_documents_and_no_topics() -> None:
    """Without documents there is no figure and no share; without topics an empty table."""
    diff = a_diff(topics=(), flows=(), documents=0, moved=wilson(0, 0), lost=0, found=0, at_risk=())
    page = check_sound(render_release(diff))
    assert "No recent document is known" in page.text


def test_foreign_words_are_no_markup() -> None:
    """Names and texts from documents are shown letter by letter."""
    evil = "<script>alert(1)</script>"
    topic = replace(a_topic("t9w8c1d", "same", (5, 5)), before=evil, after=evil)
    flow = replace(a_flow("t9w8c1d", "t4k2m9q", 5), source_name=evil, examples=(evil,))
    page = check_sound(render_release(a_diff(topics=(topic,), flows=(flow,))))
    assert "alert(1)" not in page.scripts
    assert evil in page.text


def test_a_flow_is_orange_where_the_key_changes() -> None:
    """Staying is pale, moving is orange, and each band is as broad as it has documents."""
    (sankey,) = release_flows([a_flow("t9w8c1d", "t9w8c1d", 5), a_flow("t9w8c1d", "t4k2m9q", 2)]).data
    assert list(sankey.link.value) == [5, 2]
    assert list(sankey.link.color) == [STAYS, MOVES]
    assert list(sankey.node.label) == [
        "delivery · late · parcel",
        "delivery · late · parcel",
        "refund · money · return",
    ]


def test_many_topics_are_drawn_as_one() -> None:
    """Beyond twenty topics the smallest share one node on either side; no document is left out."""
    flows = [replace(a_flow("t9w8c1d", "t9w8c1d", 100 - at), source=f"t{at}", target=f"t{at}") for at in range(30)]
    (sankey,) = release_flows(flows).data
    assert len(sankey.node.label) == 2 * (MOST_TOPICS + 1)
    assert sum(sankey.link.value) == sum(flow.documents for flow in flows)
    assert release_flows([]).data == ()


def test_one_way_to_unassigned() -> None:
    """Where documents only lose their topic, or only get one, the sentence speaks of that alone."""
    assert "Unassigned: 18 documents with a topic would have none." in said(found=0)
    assert "Unassigned: 22 documents without a topic would get one, and no other would lose its own." in said(lost=0)
