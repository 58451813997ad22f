"""The page itself: our verdicts on top, then Evidently's own look at the same documents."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from evertopic.records import DriftReport, DriftVerdict, Sample
from evertopic.reporting.evidently.categories import two_sample_chi_square
from evertopic.reporting.evidently.embedding import QUANTILE, Score, embedding_scores
from evertopic.reporting.evidently.frames import EMBEDDED_ROWS, LEAST, TABLE_ROWS, table_of

COLUMNS = ["detector", "about", "verdict", "size", "level", "p", "drift from p", "statistic", "documents needed"]
CATEGORICAL = ("language", "topic")
NOTHING = pd.DataFrame({"documents": [0]})
"""Evidently makes no report without data, and stumbles over empty tables."""
RATE = 0.05
"""False alarms of Evidently's column tests together, shared out among the columns."""


def render(reference: Sample, window: Sample, report: DriftReport, topics: Sequence[str], seed: int) -> str:
    """The page as HTML."""
    with _their_own_warnings():
        from evidently import DataDefinition, Dataset, Report

        metrics, data = _ours(report, reference, window), [Dataset.from_pandas(NOTHING)]
        if min(len(reference), len(window)) < LEAST:
            metrics.append(_too_few(reference, window))
        else:
            then, now = table_of(reference, window, topics, seed)
            metrics += _theirs(reference, window, now.columns.tolist(), seed)
            categorical = [name for name in CATEGORICAL if name in now]
            numerical = [name for name in now if name not in categorical]
            definition = DataDefinition(categorical_columns=categorical, numerical_columns=numerical)
            data = [Dataset.from_pandas(side, data_definition=definition) for side in (now, then)]
        snapshot = Report(metrics, include_tests=True).run(*data, timestamp=report.at)
        return str(snapshot.get_html_str(as_iframe=False))


def _ours(report: DriftReport, reference: Sample, window: Sample) -> list[Any]:
    from evertopic.reporting.evidently import metrics

    verdicts = report.verdicts
    drifted = sum(verdict.drifted for verdict in verdicts)
    counters = [
        ("say drift", f"{drifted} of {len(verdicts)}"),
        ("documents of the window", f"{report.window.documents:,}"),
        ("of the reference", f"{len(reference):,}"),
    ]
    single = [
        metrics.Verdict(
            title=f"{verdict.detector} ({verdict.about})",
            p=verdict.p,
            tests=[metrics.Said(outcome=_outcome(verdict), sentence=verdict.said)],
        )
        for verdict in verdicts
        if verdict.p is not None
    ]
    lines = [(f"{one.detector}: {one.about}", one.said, _outcome(one)) for one in verdicts]
    table = metrics.Verdicts(
        drifted=drifted, lines=lines, columns=COLUMNS, rows=[_row(verdict) for verdict in verdicts]
    )
    return [metrics.Head(drifted=drifted, counters=counters, text=_intro(report, window)), table, *single]


def _intro(report: DriftReport, window: Sample) -> str:
    since = f"{report.window.since:%Y-%m-%d %H:%M}" if report.window.since else "the first document"
    return (
        f"**{report.loop}, version {report.version} of {report.model}**, checked {report.at:%Y-%m-%d %H:%M} UTC: "
        f"documents from {since} to {report.window.until:%Y-%m-%d %H:%M}, {report.window.ingested:,} ingested and "
        f"{report.window.served:,} served, {len(window):,} with enough words. The decision is taken on the verdicts "
        "here: they are calibrated to the false-alarm budget of the loop. What follows below them is Evidently's "
        f"own look at the same documents: its column tests see at most {TABLE_ROWS:,} documents of each side, its "
        f"embedding drift at most {EMBEDDED_ROWS:,}, drawn by chance with a fixed seed."
    )


def _theirs(reference: Sample, window: Sample, columns: list[str], seed: int) -> list[Any]:
    from evidently.presets import DataDriftPreset

    from evertopic.reporting.evidently import metrics

    heading = metrics.Heading(
        text=f"**Evidently's own look at the same documents.** Each column is tested at {RATE:.0%} shared out among "
        "all; what it calls dataset drift is half of the columns. No decision hangs on what stands below."
    )
    drift = DataDriftPreset(
        columns=columns,
        num_method="ks",
        cat_method=two_sample_chi_square(),
        threshold=RATE / max(len(columns), 1),
    )
    return [heading, *([drift] if columns else []), *_embedding(reference, window, seed)]


def _embedding(reference: Sample, window: Sample, seed: int) -> list[Any]:
    from evertopic.reporting.evidently import metrics

    scores = embedding_scores(reference, window, seed)
    shown = [(f"{score.name}: {_beside_chance(score)}", f"{score.value:.4f}") for score in scores]
    return [
        metrics.EmbeddingScore(
            title=f"Embedding drift by Evidently, {score.name}",
            score=score.value,
            shown=[] if at else shown,
            tests=[
                metrics.Said(
                    outcome="WARNING" if score.drifted else "SUCCESS",
                    sentence=f"{score.value:.4f}, {_beside_chance(score)}; for comparison only.",
                )
            ],
        )
        for at, score in enumerate(scores)
    ]


def _beside_chance(score: Score) -> str:
    return f"above the {QUANTILE:.0%} quantile of chance" if score.drifted else "as by chance"


def _too_few(reference: Sample, window: Sample) -> Any:
    from evertopic.reporting.evidently import metrics

    return metrics.Heading(
        text=f"**Evidently was not asked**: it needs {LEAST} documents on both sides, the window has {len(window):,} "
        f"and the reference {len(reference):,}."
    )


def _outcome(verdict: DriftVerdict) -> str:
    return {"drift": "FAIL", "none": "SUCCESS", "refused": "SKIPPED"}[verdict.state]


def _row(verdict: DriftVerdict) -> list[str]:
    size = "" if verdict.size is None else f"{verdict.size:.1%}"
    numbers = ["" if one is None else f"{one:.4g}" for one in (verdict.p, verdict.threshold, verdict.statistic)]
    return [
        verdict.detector,
        verdict.about,
        {"drift": "drift", "none": "no drift", "refused": "not asked"}[verdict.state],
        size,
        verdict.level,
        *numbers,
        f"{verdict.least:,}",
    ]


@contextmanager
def _their_own_warnings() -> Iterator[None]:
    """Lets Evidently 0.7.23 be used where warnings are errors: these say what its authors have to mend.

    It divides by the spread of a column also where all values are one, and shows that nothing came of it.
    """
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.filterwarnings("ignore", "numpy.core is deprecated", DeprecationWarning)
        warnings.filterwarnings("ignore", "(?s).*Deprecated in litestar", DeprecationWarning)
        yield
