"""What override rules would do to a corpus: where they fire, what they decide, what they change."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from evertopic.prediction.matching import span
from evertopic.prediction.rules import Category, Named, Rules
from evertopic.records import Prediction

EXAMPLES = 3
"""Excerpts kept of each category."""
AROUND = 30
"""Characters of the text shown before and behind the words."""
SUSPICIOUS = 0.2
"""Share of the documents above which a category fires suspiciously often."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A place where a pattern was found, as the text has it."""

    pattern: str
    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class CategoryReport:
    """What one category would do."""

    name: str
    key: str
    """Of the answers it would give."""
    fires: int
    """Documents with one of its patterns."""
    decides: int | None
    """Documents it would decide: of the categories that fire and may speak, it comes first. None without a model."""
    changes: int | None
    """Those among them for which the model has another answer."""
    patterns: tuple[tuple[str, int], ...]
    """(pattern, documents with it), in the order of the config."""
    examples: tuple[Excerpt, ...]
    silent: bool
    """It means a topic that the model does not have, and never speaks."""
    suspicious: bool
    """It fires on more than a fifth of the documents."""


@dataclass(frozen=True, slots=True)
class RulesReport:
    """What all categories would do, in the order of the config."""

    documents: int
    fires: int
    """Documents in which any of them fires."""
    changes: int | None
    """Documents that would get another answer than the model's. None without a model."""
    categories: tuple[CategoryReport, ...]


@dataclass(slots=True)
class _Count:
    fires: int = 0
    decides: int = 0
    changes: int = 0
    patterns: Counter[str] = field(default_factory=Counter)
    examples: list[Excerpt] = field(default_factory=list)


def report_rules(
    rules: Rules, documents: Iterable[tuple[str, Prediction | None]], topics: Sequence[Named] | None
) -> RulesReport:
    """What the rules would do to the documents, which are gone through once and not kept.

    Args:
        rules: at least one category, else there is nothing to report.
        documents: cleaned text and the model's own answer of each; None without a model.
        topics: those of the model; None without one.
    """
    counts = [_Count() for _ in rules.categories]
    finder, known = rules.finder(), {topic.key: topic for topic in topics or ()}
    read = fires = 0
    for text, answer in documents:
        read += 1
        found = finder.find(text)
        fires += bool(found)
        for at, patterns in found.items():
            _count_found(counts[at], patterns, text)
        speaker = rules.deciding(found, answer, known) if answer is not None else None
        if speaker is not None and answer is not None:
            counts[speaker].decides += 1
            counts[speaker].changes += rules.categories[speaker].key != answer.key
    silent = rules.silent(known.values()) if topics is not None else ()
    parts = zip(rules.categories, counts, strict=True)
    return RulesReport(
        documents=read,
        fires=fires,
        changes=None if topics is None else sum(count.changes for count in counts),
        categories=tuple(
            _category_report(each, count, read, model=topics is not None, silent=each in silent)
            for each, count in parts
        ),
    )


def _count_found(count: _Count, patterns: Sequence[str], text: str) -> None:
    count.fires += 1
    count.patterns.update(set(patterns))
    if len(count.examples) < EXAMPLES:
        count.examples.append(excerpt(patterns[0], text))


def _category_report(category: Category, count: _Count, read: int, *, model: bool, silent: bool) -> CategoryReport:
    return CategoryReport(
        name=category.name,
        key=category.key,
        fires=count.fires,
        decides=count.decides if model else None,
        changes=count.changes if model else None,
        patterns=tuple((pattern, count.patterns[pattern]) for pattern in dict.fromkeys(category.patterns)),
        examples=tuple(count.examples),
        silent=silent,
        suspicious=count.fires > SUSPICIOUS * read,
    )


def excerpt(pattern: str, text: str) -> Excerpt:
    """The first place where the pattern stands in the text, with some of the text around it."""
    start, end = span(pattern, text)
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return Excerpt(
        pattern,
        before if start <= AROUND else "…" + before[1:],
        text[start:end],
        after if end + AROUND >= len(text) else after[:-1] + "…",
    )
