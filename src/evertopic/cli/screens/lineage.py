"""The lineage of topics as tables."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from evertopic.cli.screens.parts import heading, line, table, word
from evertopic.identity.ledger import GONE, alive, tally
from evertopic.records import Generation, LineageEvent, LineageKind, Score
from evertopic.reporting.formats import moment, number, plural, share

KINDS: tuple[LineageKind, ...] = ("kept", "born", "split", "revived", "merged", "retired")


def lineage_screen(generations: Sequence[Generation], events: Sequence[LineageEvent]) -> RenderableType:
    """All generations in a table, and what the last one changed."""
    last = generations[-1]
    changes = [event for event in events if event.generation == last.number and event.kind != "kept"]
    parts: list[RenderableType] = [_generations(generations, events)]
    if last.number > 1:
        said = f"What generation {last.number} changed" if changes else f"Generation {last.number} kept every topic"
        parts += [heading(said), *([_events(changes)] if changes else [])]
    return Group(*parts, heading(f"The {plural(last.topics, 'topic')} now"), _events(alive(events, last.number)))


def alive_screen(generation: Generation, events: Sequence[LineageEvent]) -> RenderableType:
    """The topics of one generation."""
    made = f"{plural(generation.topics, 'topic')} of generation {generation.number}, {moment(generation.at)}"
    return Group(Text(made, style="bold"), _events(events))


def topic_screen(key: str, generations: Sequence[Generation], events: Sequence[LineageEvent]) -> RenderableType:
    """The life of one topic: one line a generation, with the evidence."""
    versions = {generation.number: generation.version for generation in generations}
    made = table(
        "generation",
        "version",
        "when",
        "what",
        "name",
        "documents",
        "sure",
        "cosine",
        "words",
        "anchors",
        right=("documents", "sure", "cosine", "words", "anchors"),
    )
    for event in events:
        version = versions.get(event.generation)
        made.add_row(
            str(event.generation),
            "" if version is None else str(version),
            moment(event.at),
            _happened(event, key),
            word(event.name, 40),
            f"{event.documents:,}" if event.documents else "",
            *_evidence(event.score),
        )
    note = "sure: the chance that both are the same topic. anchors: how far they hold the same anchor documents."
    own = [event.name for event in events if event.key == key]
    return Group(Text(f"{key}, {own[-1]}", style="bold"), Padding(made, (0, 0, 0, 2)), line(note, "dim"))


def _generations(generations: Sequence[Generation], events: Sequence[LineageEvent]) -> RenderableType:
    counts = tally(events)
    made = table("generation", "version", "when", "topics", *KINDS, right=("topics", *KINDS))
    for one in generations:
        own = counts.get(one.number, Counter())
        version = "not registered" if one.version is None else str(one.version)
        made.add_row(
            str(one.number), version, moment(one.at), str(one.topics), *(str(own.get(kind, 0) or "") for kind in KINDS)
        )
    return made


def _events(events: Sequence[LineageEvent]) -> RenderableType:
    made = table("key", "name", "documents", "what", "sure", right=("documents", "sure"))
    for event in events:
        documents = "" if event.kind in GONE else f"{event.documents:,}"
        made.add_row(
            Text(event.key), word(event.name, 40), documents, _happened(event, event.key), _evidence(event.score)[0]
        )
    return Padding(made, (0, 0, 0, 2))


def _happened(event: LineageEvent, key: str) -> str:
    """What happened, as seen from the topic `key`."""
    if event.key != key:
        return f"{event.key} split off" if event.kind == "split" else f"{event.key} merged into it"
    if event.kind == "split":
        return f"split off {event.other}"
    if event.kind == "merged":
        return f"merged into {event.other}"
    return event.kind


def _evidence(score: Score | None) -> tuple[str, str, str, str]:
    if score is None:
        return "", "", "", ""
    return share(score.probability), number(score.cosine, 2), number(score.words, 2), number(score.anchors, 2)
