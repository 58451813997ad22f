"""The Evidently report of one check. Evidently is spoken here and nowhere else."""

from collections import Counter
from collections.abc import Mapping

from evertopic.records import DriftReport, Sample
from evertopic.reporting.evidently.frames import EMBEDDED_ROWS, LEAST, TABLE_ROWS, table_of, vectors_of

__all__ = ["EMBEDDED_ROWS", "LEAST", "TABLE_ROWS", "evidently_page", "table_of", "vectors_of"]


def evidently_page(
    reference: Sample, window: Sample, report: DriftReport, topics: Mapping[str, str], seed: int = 42
) -> str:
    """One check as a self-contained page of about 4 MB: what was decided on, then what Evidently says.

    First come our own verdicts with their tests; below them Evidently's drift of every text feature, language, topic
    and strength, and its embedding drift. It never sees a raw vector as a column: 384 of them make a page of 30 MB.
    Below `LEAST` documents on either side the verdicts stand alone. Importing Evidently takes about 5 seconds and
    happens here.

    Args:
        reference: the champion's own held-out documents.
        window: the documents of the check.
        report: the verdicts; its window and model are named on the page.
        topics: the names of the topics by key, in the order of the model: topic 0 of the samples is the first.
        seed: of the rows that are drawn from large samples.
    """
    from evertopic.reporting.evidently.page import render

    return render(reference, window, report, _told_apart(topics), seed)


def _told_apart(topics: Mapping[str, str]) -> list[str]:
    """The names, with the key behind those that several topics have."""
    counts = Counter(topics.values())
    return [f"{name} ({key})" if counts[name] > 1 else name for key, name in topics.items()]
