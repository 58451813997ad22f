"""`evertopic data`: what a source holds, without training and without storing anything."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from evertopic.cli.consoles import aside, complain, show, show_json
from evertopic.cli.project import Project
from evertopic.cli.screens.data import data_screen
from evertopic.config import LoopConfig, load_config, with_input
from evertopic.corpus.columns import map_columns
from evertopic.corpus.contract import check_batch, check_chunk
from evertopic.corpus.preprocess import Preprocessed, preprocess
from evertopic.corpus.quarantine import summarise
from evertopic.digests import digest_of
from evertopic.errors import BadInput, NotEnoughDocuments
from evertopic.records import BatchFacts
from evertopic.reporting import render_data

EXAMPLES = """Examples:

evertopic data demo

evertopic data configs/news.yaml --input today.csv --output today.html

evertopic data demo --json"""


@dataclass(frozen=True, slots=True)
class Looked:
    """One look at a source."""

    batch: BatchFacts
    accepted: pd.DataFrame
    refusal: BadInput | None
    """Why training would refuse the whole batch."""


def data(
    config: Annotated[str, typer.Argument(help="A name (demo is configs/demo.yaml) or a path.")],
    input_file: Annotated[
        str | None,
        typer.Option(
            "--input", help="CSV, JSONL or Parquet file, or bundled:NAME, to read instead of the config's source."
        ),
    ] = None,
    output: Annotated[Path, typer.Option(help="Where the report goes, as one HTML file.")] = Path("data-report.html"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
) -> None:
    """Look at the documents of a config: what would be refused, dropped, kept. Nothing is stored or trained."""
    project = Project.around(Path.cwd(), os.environ)
    loop, now = _loop(project, config, input_file), datetime.now(UTC)
    with _status("Reading the source"):
        looked = look(loop, now)
    corpus = _preprocessed(loop, looked).facts
    target = (project.cwd / output).resolve()
    _write(target, render_data(loop.name, looked.batch, corpus, _provenance(loop, now)))
    if as_json:
        refusal = None if looked.refusal is None else str(looked.refusal)
        show_json(
            {"loop": loop.name, "batch": looked.batch, "corpus": corpus, "refusal": refusal, "report": target.as_uri()}
        )
    else:
        show(data_screen(loop.name, loop.source.label, looked.batch, corpus, target.as_uri()))
    if looked.refusal is not None:
        complain(f"Training would refuse this batch: {looked.refusal}")
        raise typer.Exit(looked.refusal.exit_code)


def look(loop: LoopConfig, now: datetime) -> Looked:
    """Every row of the source, checked as a first ingest would check it.

    Raises:
        BadInput: the source cannot be read.
        Unavailable: it did not answer.
    """
    accepted, rejected, seen = [], [], dict[str, str]()
    read = known = 0
    for chunk in loop.source.read():
        rows = map_columns(chunk, loop.columns, loop.source.label)
        checked = check_chunk(rows, loop.contract, now, seen)
        new = checked.accepted[~checked.accepted["known"]]
        seen |= dict(zip(new["id"], new["digest"], strict=True))
        accepted.append(new)
        rejected.append(checked.rejected)
        read, known = read + len(rows), known + len(checked.accepted) - len(new)
    if not read:
        raise BadInput(f"{loop.source.label} gave no rows: there is nothing to look at.")
    kept, reasons = pd.concat(accepted, ignore_index=True), summarise(rejected)
    times = kept["timestamp"].dropna()
    mark = None if times.empty else times.max().to_pydatetime().replace(tzinfo=UTC)
    facts = BatchFacts(read, len(kept), known, reasons, loop.source.fingerprint() or "", mark)
    return Looked(facts, kept, _refusal(facts, loop))


def _refusal(facts: BatchFacts, loop: LoopConfig) -> BadInput | None:
    try:
        check_batch(facts.read, facts.quarantined, loop.contract, ())
    except BadInput as refusal:
        return refusal
    return None


def _preprocessed(loop: LoopConfig, looked: Looked) -> Preprocessed:
    """The documents cleaned.

    Raises:
        BadInput: every row was refused; the reasons say why.
        NotEnoughDocuments: cleaning leaves nothing.
    """
    if looked.accepted.empty and looked.refusal is not None:
        raise looked.refusal
    if looked.accepted.empty:
        raise NotEnoughDocuments(f"{loop.source.label}: of {looked.batch.read:,} rows not one is a document.")
    with _status(f"Cleaning {looked.batch.new:,} documents"):
        return preprocess(looked.accepted, loop.cleaning, loop.tokenizer)


def _loop(project: Project, config: str, input_file: str | None) -> LoopConfig:
    documents = project.input(input_file)
    loop = load_config(project.config(config), project.root)
    return loop if documents is None else with_input(loop, documents)


def _provenance(loop: LoopConfig, now: datetime) -> tuple[tuple[str, str], ...]:
    return (
        ("source", loop.source.label),
        ("config", digest_of(loop)),
        ("looked at", now.isoformat(timespec="seconds")),
    )


def _write(target: Path, page: str) -> None:
    try:
        target.write_text(page, encoding="utf-8")
    except OSError as fault:
        raise BadInput(f"The report cannot be written to {target}: {fault}. Name another place by --output.") from fault


def _status(what: str) -> AbstractContextManager[object]:
    return aside().status(what)
