"""`evertopic rules`: what the override rules of a config would do."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from evertopic.cli.consoles import aside, show, show_json
from evertopic.cli.models import registry_at
from evertopic.cli.project import Project, defaults, set_defaults
from evertopic.cli.screens.rules import Checked, rules_screen, warnings
from evertopic.config import BUNDLED, LoopConfig, load_config, with_input
from evertopic.corpus.cleaning import clean
from evertopic.corpus.columns import Columns, map_columns
from evertopic.errors import BadConfig, BadInput
from evertopic.prediction.loading import Model, load_model
from evertopic.prediction.predictor import Predictor
from evertopic.prediction.rule_report import report_rules
from evertopic.prediction.rules import Rules
from evertopic.records import Prediction
from evertopic.storage.lake import Lake
from evertopic.storage.registry import CHAMPION

AT_ONCE = 256
"""Texts answered between two signs of life."""
CHECK = """Examples:

evertopic rules check bundled:lee demo

evertopic rules check tickets.csv

evertopic rules check tickets.parquet demo --json"""

rules = typer.Typer(no_args_is_help=True, help="Words and phrases of a config that overrule the model.")


@rules.command(epilog=CHECK)
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV, JSONL or Parquet file of texts, or bundled:NAME.")],
    config: Annotated[
        str | None,
        typer.Argument(
            metavar="[LOOP]",
            help="A name (demo is configs/demo.yaml) or a path; without one, the only config there is.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
) -> None:
    """Show on which texts the rules of a config fire, and which answers of its model they would change."""
    project = Project.around(Path.cwd(), os.environ)
    path = project.config(config)
    loop = load_config(path, project.root)
    if not loop.rules.categories:
        raise BadConfig(
            f"{project.shown(path)} has no rules to check. Write some under rules.categories, for instance "
            '{name: Refunds, patterns: ["refund*", "money back"]}.'
        )
    documents = project.input(file) or file
    shown = file if file.startswith(BUNDLED) else project.shown(Path(documents))
    checked = _checked(project, with_input(loop, documents), shown)
    if as_json:
        show_json(
            {
                "loop": loop.name,
                "source": checked.source,
                "left_out": checked.left_out,
                "model": checked.version,
                "in_force": checked.in_force,
                "report": checked.report,
                "warnings": warnings(checked),
            }
        )
    else:
        show(rules_screen(checked))


@dataclass(slots=True)
class _Corpus:
    """The texts of a source with the model's own answers, gone through once."""

    loop: LoopConfig
    model: Predictor | None
    left_out: int = 0
    """Rows without a text."""

    def documents(self) -> Iterator[tuple[str, Prediction | None]]:
        for texts in self._texts():
            cleaned = [clean(text, self.loop.cleaning) for text in texts]
            answers = self.model.predict(texts) if self.model else [None] * len(texts)
            yield from zip(cleaned, answers, strict=True)

    def _texts(self) -> Iterator[list[str]]:
        for chunk in self.loop.source.read():
            # Other columns do not matter here, and the file need not have them.
            rows = map_columns(chunk, Columns(text=self.loop.columns.text), self.loop.source.label)
            texts = [text for text in rows.loc[rows["fault"].isna(), "text"] if text and not text.isspace()]
            self.left_out += len(rows) - len(texts)
            yield from (texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE))


def _checked(project: Project, loop: LoopConfig, source: str) -> Checked:
    """The report on all texts of the loop's source, which people call `source`.

    Raises:
        BadInput: the source cannot be read, or holds no text.
    """
    with aside().status("Looking for the model") as status:
        model = _champion(project, loop)
        corpus = _Corpus(loop, None if model is None else _without_rules(model.predictor))
        meta = None if model is None else model.predictor.bundle.meta

        def told() -> Iterator[tuple[str, Prediction | None]]:
            for done, document in enumerate(corpus.documents()):
                if done % AT_ONCE == 0:
                    status.update(f"Checking the rules: {done:,} documents")
                yield document

        report = report_rules(loop.rules, told(), None if meta is None else meta.topics)
    if not report.documents:
        raise BadInput(f"{source} holds no text: there is nothing to check the rules on.")
    return Checked(
        loop=loop.name,
        source=source,
        left_out=corpus.left_out,
        version=None if model is None else model.version,
        in_force=None if meta is None else meta.rules == loop.rules,
        report=report,
    )


def _champion(project: Project, loop: LoopConfig) -> Model | None:
    """The champion of the loop, None where there is none yet; looking makes no registry."""
    place = project.place
    try:
        registry = registry_at(place.tracking_uri, place.artifacts_url)
    except BadInput:
        return None
    if registry.alias_version(loop.model_name, CHAMPION) is None:
        return None
    set_defaults(defaults(place, bundled=False, verbose=False))
    return load_model(registry, Lake(place.lake_url), loop.model_name, CHAMPION, datetime.now(UTC))


def _without_rules(predictor: Predictor) -> Predictor:
    bundle = predictor.bundle
    return Predictor(
        bundle.model_copy(update={"meta": bundle.meta.model_copy(update={"rules": Rules()})}), predictor.encoder
    )
