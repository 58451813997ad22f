"""What was learned, at the end of a training."""

from rich.console import Group, RenderableType
from rich.text import Text

from evertopic.cli.screens.parts import addresses, heading, line
from evertopic.cli.screens.quality import budget_line, quality_lines
from evertopic.cli.screens.topics import topics_table
from evertopic.records import ModelVersion, TrainingCard
from evertopic.reporting.formats import duration, plural

RIVALS = 3
TONES = {"good": "green", "care": "yellow", "plain": ""}


def training_screen(version: ModelVersion, card: TrainingCard, report: str, took_s: float) -> RenderableType:
    """The model, its topics, its quality, why it was chosen, and where to look next."""
    topics = f"{plural(len(card.topics), 'topic')} in {plural(card.documents.documents, 'document')}"
    return Group(
        _head(version, took_s),
        heading("In plain words"),
        *(line(text, TONES.get(tone, "")) for _, text, tone in card.findings),
        heading(topics),
        topics_table(card.topics, card.documents.documents),
        heading(f"Quality on {plural(card.scorecard.documents, 'held-out document')}"),
        quality_lines(card.scorecard),
        line(budget_line(card.coverage)),
        heading(f"Why this one of {card.trials}"),
        line(card.choice.reason),
        *(line(f"· {sentence}", "dim") for sentence in card.choice.beaten[:RIVALS]),
        *_more(len(card.choice.beaten) - RIVALS),
        heading("Where to look"),
        looks(version, report),
    )


def looks(version: ModelVersion, report: str) -> RenderableType:
    """What to open or type next."""
    reference = f"{version.name}/{version.version}"
    return addresses(
        (
            ("report", report),
            ("topics", f"evertopic topics {reference}"),
            ("quality", f"evertopic evaluate {reference}"),
            ("browser", "make up    (Prefect: runs and parameters; MLflow: models and trials)"),
        )
    )


def _more(rivals: int) -> list[RenderableType]:
    return [line(f"and {plural(rivals, 'other')}, in the report", "dim")] if rivals > 0 else []


def _head(version: ModelVersion, took_s: float) -> Text:
    aliases = ", ".join(version.aliases) or "none"
    state = "is registered" if version.created else "stays: nothing changed, this very model was registered before"
    name = f"{version.name}, version {version.version},"
    return Text.assemble(("✓ ", "green"), (name, "bold"), f" {state}. Aliases: {aliases}. {duration(took_s)}.")
