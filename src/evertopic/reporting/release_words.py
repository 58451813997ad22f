"""What a release would change, in plain words. Pure text."""

from collections.abc import Iterable, Sequence

from evertopic.records import EditAtRisk, ReleaseDiff, TopicChange
from evertopic.reporting.formats import between, clip, count, plural, quoted, share
from evertopic.reporting.words import Finding, Tone

FEW, MANY = 0.05, 0.15
"""Shares of documents that move: below the first it is good news, from the second on it asks for a second look."""
NAMED = 4
LETTERS = 60
FATES = {
    "same": "stays",
    "revived": "comes back",
    "split": "comes out of another",
    "merged": "goes into another",
    "born": "is new",
    "gone": "is gone",
}
DANGERS = {"split": "is divided", "merged": "goes into another topic", "gone": "is gone"}


def summarise_release(diff: ReleaseDiff) -> tuple[Finding, ...]:
    """What a person must know before releasing, most important first."""
    found = (_moved(diff), _unassigned(diff), _topics(diff), *_changes(diff), _renamed(diff), _people(diff))
    return tuple(finding for finding in found if finding is not None)


def name_of(topic: TopicChange) -> str:
    """The topic as people would call it: by its new name, or the last it had."""
    return topic.after if topic.after is not None else topic.before or topic.key


def danger_of(risk: EditAtRisk) -> str:
    """What becomes of an edited topic, in words."""
    return DANGERS[risk.fate]


def one_sentence(diff: ReleaseDiff) -> str:
    """The most important in one line."""
    return _moved(diff).text


def _moved(diff: ReleaseDiff) -> Finding:
    if not diff.documents:
        return Finding("Documents", "No recent document is known, so nobody can say how many would move.", "care")
    value = diff.moved.value
    tone: Tone = "good" if value < FEW else "plain" if value < MANY else "care"
    which = f"the last {count(diff.documents)} documents" if diff.documents > 1 else "the one recent document"
    if not value:
        text = f"Of {which} not one moves to another topic (at most {share(diff.moved.high)} of all would)."
    else:
        range_ = between(diff.moved, as_share=True)
        text = f"{share(value)} of {which} move to another topic ({range_} of all would)."
    return Finding("Documents", text, tone)


def _unassigned(diff: ReleaseDiff) -> Finding | None:
    if not diff.documents or not (diff.lost or diff.found):
        return None
    tone: Tone = "care" if diff.lost - diff.found > FEW * diff.documents else "plain"
    lost, found = plural(diff.lost, "document"), plural(diff.found, "document")
    if not diff.found:
        text = f"{lost} with a topic would have none."
    elif not diff.lost:
        text = f"{found} without a topic would get one, and no other would lose its own."
    else:
        text = f"{lost} with a topic would have none, {found} without one would get one."
    return Finding("Unassigned", text, tone)


def _topics(diff: ReleaseDiff) -> Finding:
    before = [topic for topic in diff.topics if topic.before is not None]
    same = [topic for topic in diff.topics if topic.fate == "same"]
    if len(same) == len(diff.topics):
        whole = f"All {count(len(same))} topics stay what they are." if len(same) > 1 else "The only topic stays."
        return Finding("Topics", whole, "good")
    text = f"Of {plural(len(before), 'topic')} {count(len(same))} stay what they are."
    return Finding("Topics", text, "good" if len(same) >= 0.8 * len(before) else "care")


def _changes(diff: ReleaseDiff) -> Iterable[Finding]:
    names = {topic.key: name_of(topic) for topic in diff.topics}
    old = {topic.key: topic.before or name_of(topic) for topic in diff.topics}
    by_fate = {fate: [topic for topic in diff.topics if topic.fate == fate] for fate in FATES}
    stays = {topic.key for topic in diff.topics if topic.after is not None}
    for parent in dict.fromkeys(topic.other for topic in by_fate["split"] if topic.other):
        children = [_said(name_of(topic)) for topic in by_fate["split"] if topic.other == parent]
        rest = f"{_said(old[parent])} goes on, and {_listed(children)} comes out of it."
        parts = f"{_said(old[parent])} is divided: {_listed(children)} {_verb(children)} out of it."
        yield Finding("Divided", rest if parent in stays and len(children) == 1 else parts, "care")
    for into in dict.fromkeys(topic.other for topic in by_fate["merged"] if topic.other):
        gone = [_said(name_of(topic)) for topic in by_fate["merged"] if topic.other == into]
        verb = "goes" if len(gone) == 1 else "go"
        yield Finding("Merged", f"{_listed(gone)} {verb} into {_said(names[into])}.", "care")
    for fate, about, said, tone in (
        ("born", "New", ("is new", "are new"), "plain"),
        ("revived", "Back", ("comes back", "come back"), "plain"),
        ("gone", "Gone", ("is gone", "are gone"), "care"),
    ):
        found = [_said(name_of(topic)) for topic in by_fate[fate]]
        if found:
            yield Finding(about, f"{_listed(found)} {said[len(found) > 1]}.", tone)  # type: ignore[arg-type]


def _renamed(diff: ReleaseDiff) -> Finding | None:
    renamed = [topic for topic in diff.topics if topic.fate == "same" and topic.before != topic.after]
    if not renamed:
        return None
    pairs = [f"{_said(topic.before or '')} is called {_said(topic.after or '')}" for topic in renamed]
    return Finding("Names", f"{_listed(pairs)}; the key stays.", "plain")


def _people(diff: ReleaseDiff) -> Finding | None:
    if not diff.at_risk:
        return None
    edits = len({risk.edit.id for risk in diff.at_risk})
    said = "One edit that a person made is" if edits == 1 else f"{count(edits)} edits that people made are"
    return Finding("People", f"{said} about topics that change: look at them below.", "care")


def _said(name: str) -> str:
    return quoted(clip(name, LETTERS))


def _verb(things: Sequence[str]) -> str:
    return "comes" if len(things) == 1 else "come"


def _listed(things: Sequence[str]) -> str:
    """The first few, in words.

    >>> _listed(["a", "b", "c"]), _listed(list("abcdef"))
    ('a, b and c', 'a, b, c, d and 2 more')
    """
    shown, more = list(things[:NAMED]), len(things) - NAMED
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
