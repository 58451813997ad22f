"""The topics of a model as a table."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evertopic.cli.screens.parts import bar, heading, line, table, word
from evertopic.prediction.bundle import TopicMeta
from evertopic.records import ModelVersion, Topic
from evertopic.reporting.formats import number, plural, share


def title(version: ModelVersion) -> Text:
    """Name, version and aliases."""
    aliases = ", ".join(version.aliases) or "no alias"
    return Text.assemble((f"{version.name} {version.version}", "bold"), f" ({aliases})")


def topics_table(topics: Sequence[Topic], documents: int) -> Padding:
    """Key, name, size, share of all `documents` and coherence of each topic, and what is left unassigned."""
    made = table("key", "name", "documents", "share", "", "NPMI", right=("documents", "share", "NPMI"))
    largest = max((topic.documents for topic in topics), default=0) or 1
    for topic in sorted(topics, key=lambda topic: -topic.documents):
        _add(made, topic.key, topic.name, topic.documents, documents, largest, number(topic.quality.npmi, 2))
    rest = documents - sum(topic.documents for topic in topics)
    if rest > 0:
        _add(made, "", "unassigned", rest, documents, largest, "", style="dim")
    return Padding(made, (0, 0, 0, 2))


def _add(
    made: Table, key: str, name: str, size: int, documents: int, largest: int, coherence: str, style: str = ""
) -> None:
    part = share(size / documents) if documents else share(None)
    made.add_row(Text(key), word(name), f"{size:,}", part, bar(size / largest), coherence, style=style)


def topics_screen(version: ModelVersion, topics: Sequence[Topic], documents: int, words: int) -> RenderableType:
    """The topics of one version with the top words of each."""
    return Group(
        title(version),
        heading(f"{plural(len(topics), 'topic')} in {plural(documents, 'document')}"),
        topics_table(topics, documents),
        heading("Words"),
        _words([(topic.key, topic.words) for topic in topics], words),
    )


def bare_topics_screen(version: ModelVersion, topics: Sequence[TopicMeta], words: int) -> RenderableType:
    """The topics as the model itself knows them, where its training left no card in this lake."""
    made = table("key", "name", "documents", right=("documents",))
    for topic in topics:
        made.add_row(Text(topic.key), word(topic.name), f"{topic.documents:,}")
    note = "This model was trained elsewhere: the lake of this machine holds no card with its quality."
    listed = _words([(topic.key, topic.words) for topic in topics], words)
    return Group(title(version), heading(plural(len(topics), "topic")), made, heading("Words"), listed, line(note))


def _words(rows: Sequence[tuple[str, Sequence[str]]], most: int) -> Padding:
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column()
    for key, words in rows:
        made.add_row(Text(key, style="dim"), word(", ".join(words[:most]), 1_000))
    return Padding(made, (0, 0, 0, 2))
