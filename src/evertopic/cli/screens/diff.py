"""Two versions side by side."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from evertopic.cli.screens.parts import addresses, bar, heading, line, table, word
from evertopic.records import EditAtRisk, Flow, ReleaseDiff, TopicChange
from evertopic.reporting import summarise_release
from evertopic.reporting.formats import clip, count, harmless, plural, share
from evertopic.reporting.release_words import FATES, danger_of, name_of

FLOWS = 8
EXAMPLE = 90
TONES = {"good": "green", "plain": "", "care": "yellow"}
SIGNS = {"good": "✓", "plain": "·", "care": "!"}


def diff_screen(diff: ReleaseDiff, page: str) -> RenderableType:
    """The findings in words, every topic, the largest flows with examples, people's edits, and where the page is."""
    moving = [flow for flow in diff.flows if flow.source != flow.target]
    parts: list[RenderableType] = [
        Text(f"{diff.model}: version {diff.before} → {diff.after}", style="bold"),
        _findings(diff),
        heading("Topics before and after"),
        _topics(diff),
    ]
    if moving:
        parts += [heading("Documents with another answer"), _flows(moving[:FLOWS], diff.documents)]
        parts += [_example(flow) for flow in moving[:FLOWS]]
    if len(moving) > FLOWS:
        parts.append(line(f"and {plural(len(moving) - FLOWS, 'smaller flow')}", "dim"))
    if diff.at_risk:
        parts += [heading("People's edits at risk"), _risks(diff.at_risk)]
    return Group(*parts, Text(), addresses([("page", page)]))


def _findings(diff: ReleaseDiff) -> Padding:
    told = Text()
    for finding in summarise_release(diff):
        told.append(f"{SIGNS[finding.tone]} ", TONES[finding.tone]).append(f"{harmless(finding.text)}\n")
    told.right_crop(1)
    return Padding(told, (1, 0, 0, 2))


def _topics(diff: ReleaseDiff) -> Padding:
    names = {topic.key: name_of(topic) for topic in diff.topics}
    columns = (f"version {diff.before}", f"version {diff.after}", "what happens", "recent", "trained on")
    made = table("key", *columns, right=("recent", "trained on"))
    for topic in diff.topics:
        made.add_row(
            Text(topic.key),
            word(topic.before or "–", 40),
            word("same" if topic.after == topic.before else topic.after or "–", 40),
            Text(_happens(topic, names)),
            _step(topic.recent_before, topic.recent_after),
            _step(topic.trained_before, topic.trained_after),
            style="" if topic.fate != "same" else "dim",
        )
    return Padding(made, (0, 0, 0, 2))


def _happens(topic: TopicChange, names: dict[str, str]) -> str:
    other = clip(harmless(names.get(topic.other or "", "")), 40)
    if topic.fate == "split" and other:
        return f"comes out of {other}"
    return f"goes into {other}" if topic.fate == "merged" and other else FATES[topic.fate]


def _step(before: int, after: int) -> str:
    return count(after) if before == after else f"{count(before)} → {count(after)}"


def _flows(flows: list[Flow], documents: int) -> Padding:
    made = table("from", "to", "documents", "share", "", right=("documents", "share"))
    for flow in flows:
        part = flow.documents / flows[0].documents
        names = (word(flow.source_name, 40), word(flow.target_name, 40))
        made.add_row(*names, count(flow.documents), share(flow.documents / documents), bar(part))
    return Padding(made, (0, 0, 1, 2))


def _example(flow: Flow) -> Padding:
    text = Text()
    text.append(f"{clip(harmless(flow.source_name), 30)} → {clip(harmless(flow.target_name), 30)}  ", style="dim")
    return Padding(text.append(clip(harmless(flow.examples[0]), EXAMPLE)), (0, 0, 0, 2))


def _risks(risks: tuple[EditAtRisk, ...]) -> Padding:
    made = table("topic", "becomes", "edit", "by", "id")
    for risk in risks:
        edit = f"{risk.edit.kind} {risk.edit.name or ''}".strip()
        made.add_row(word(risk.name, 40), Text(danger_of(risk)), word(edit, 40), word(risk.edit.by), Text(risk.edit.id))
    return Padding(made, (0, 0, 0, 2))
