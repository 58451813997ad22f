"""The page of a check: at rest in the lake, and with its values in MLflow."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from evertopic.digests import digest_of, digest_of_code
from evertopic.records import DriftReport, DriftVerdict, Performance, Sample
from evertopic.reporting.evidently import evidently_page
from evertopic.storage.lake import Lake

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

PAGE = "drift.html"
"""Its name in the MLflow run: the newest check's; those of earlier checks are in the lake."""


def page_at_rest(
    lake: Lake, reference: Sample, window: Sample, report: DriftReport, topics: Mapping[str, str], seed: int = 42
) -> str:
    """The key of the page in the lake, made unless it is there: a check that is made again has the same page.

    Args:
        lake: where it is put.
        reference: the champion's own held-out documents.
        window: the documents of the check.
        report: the verdicts.
        topics: the names of the topics by key, in the order of the model.
        seed: of the rows that are drawn from large samples.
    """
    said = [[one.detector, one.state, one.p, one.statistic, one.said] for one in report.verdicts]
    of = [report.loop, report.model, report.version, report.at.isoformat(), report.window.digest, seed]
    code = digest_of_code("reporting/evidently", "evidently")
    key = f"checks/{digest_of('drift page', of, said, list(topics.items()), code)}/{PAGE}"
    if not lake.exists(key):
        lake.write_text(key, evidently_page(reference, window, report, topics, seed))
    return key


def log_check(
    registry: "Registry", lake: Lake, report: DriftReport, page: str | None, performance: Performance | None = None
) -> str:
    """The id of the MLflow run `monitoring version N` of the loop, with this check's values and its page.

    Every verdict gives `drift/DETECTOR/p`, `statistic`, `size` and `drifted` (0 or 1), every measure
    `performance/NAME` with its `low` and `high`: MLflow draws them over the checks.
    """
    from evertopic.storage.registry.monitoring import CheckLog

    with TemporaryDirectory() as temporary:
        artifacts = {}
        if page is not None:
            artifacts[PAGE] = Path(temporary) / PAGE
            artifacts[PAGE].write_bytes(lake.read_bytes(page))
        return registry.log_check(
            CheckLog(
                experiment=report.loop,
                model=report.model,
                version=report.version,
                at=report.at,
                metrics=dict(_values(report, performance)),
                tags={"window_digest": report.window.digest, "page": page or ""},
                artifacts=artifacts,
            )
        )


def _values(report: DriftReport, performance: Performance | None) -> Iterator[tuple[str, float]]:
    yield "window/documents", float(report.window.documents)
    for verdict in report.verdicts:
        yield from _of(verdict)
    for measure in performance.measures if performance else ():
        yield f"performance/{measure.name}", measure.now.value
        yield f"performance/{measure.name}/low", measure.now.low
        yield f"performance/{measure.name}/high", measure.now.high


def _of(verdict: DriftVerdict) -> Iterator[tuple[str, float]]:
    """What was measured; a refusal measured nothing."""
    if verdict.state == "refused":
        return
    yield f"drift/{verdict.detector}/drifted", float(verdict.drifted)
    for name in ("p", "statistic", "size"):
        value = getattr(verdict, name)
        if value is not None:
            yield f"drift/{verdict.detector}/{name}", float(value)
