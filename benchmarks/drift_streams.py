"""Drift on streams in order of time, one with almost none and one with: `python -m benchmarks.drift_streams`.

Hacker News titles of a year must stay quiet; papers of NeurIPS, watched by a model of 1987 to 2005, must not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from benchmarks.corpora import DATA, Corpus, papers, vectors_of
from benchmarks.drift import RATE, wilson
from benchmarks.drift_windows import BUDGET, HELD_OUT, TOPICS
from benchmarks.measure import keep, show
from evertopic.corpus.features import compute_features
from evertopic.corpus.tokens import Tokenizer, take, tokenize
from evertopic.corpus.vocabulary import document_counts, unknown_shares
from evertopic.drift.topic_shares import counts_of, keyed, past_windows
from evertopic.drift.vocabulary import UNKNOWN
from evertopic.drift.watching import MonitorRule, scores_of, watch
from evertopic.embedding import OnnxEncoder
from evertopic.models.assignment import Head, assign, logits
from evertopic.models.head import topic_head
from evertopic.records import About, DriftVerdict, Floats, Sample, Tokens

HACKER_NEWS = DATA / "hackernews_2015_2016.csv"
TITLES, REFERENCE = 8_000, 2_000
SIZES = (100, 200)
LAST_YEAR = 2005
KEYS = tuple((f"t{topic}", f"topic {topic}") for topic in range(TOPICS))
PARTS: tuple[About, ...] = ("new subject", "other proportions", "other texts", "model")
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stream:
    """n documents in order of time, and what a model of the reference among them knows."""

    vectors: Floats
    numbers: Mapping[str, Floats]
    languages: NDArray[np.str_]
    tokens: Tokens
    head: Head
    words: Mapping[str, int]

    def sample(self, rows: Rows, held_out: NDArray[np.bool_] | None = None) -> Sample:
        """These documents as a check sees them; with `held_out`, as the model remembers them."""
        own = self.vectors[rows]
        answers = assign(own, self.head)
        unknown = {UNKNOWN: unknown_shares(take(self.tokens, rows), self.words)}
        return Sample(
            ids=tuple(str(row) for row in rows),
            vectors=own,
            topic=answers.topic,
            nearest=logits(own, self.head).argmax(axis=1).astype(np.int32),
            strength=answers.strength,
            numbers={name: values[rows] for name, values in self.numbers.items()} | unknown,
            languages=tuple(self.languages[rows]),
            times=np.arange(len(rows)).astype("datetime64[s]"),
            held_out=np.ones(len(rows), np.bool_) if held_out is None else held_out,
            words=document_counts(take(self.tokens, rows)) if held_out is None else self.words,
        )


def streamed(corpus: Corpus, reference: Rows) -> tuple[Stream, Sample]:
    """The stream, and what a model of the reference remembers: topics of three quarters, every fourth held out."""
    vectors = vectors_of(corpus, OnnxEncoder())
    held_out = np.arange(len(reference)) % round(1 / HELD_OUT) == 0
    fitted, held = reference[~held_out], reference[held_out]
    labels = KMeans(TOPICS, n_init=1, random_state=0).fit(vectors[fitted]).labels_.astype(np.int32)
    features = compute_features(corpus.texts)
    tokens = tokenize(corpus.texts, Tokenizer(), "en")
    stream = Stream(
        vectors=vectors,
        numbers={str(name): features[name].to_numpy(np.float32) for name in features if name != "language"},
        languages=features["language"].to_numpy(str),
        tokens=tokens,
        head=topic_head(vectors[fitted], labels, vectors[held], BUDGET),
        words=document_counts(take(tokens, fitted)),
    )
    return stream, stream.sample(reference, held_out)


def judged(rule: MonitorRule, reference: Sample, windows: Iterator[Sample]) -> Iterator[tuple[DriftVerdict, ...]]:
    """The verdicts on consecutive windows, as the monitor gives them.

    Of the past it knows the blocks of the held-out documents, and the windows before that raised no alarm.
    """
    history: list[dict[str, int]] = []
    quiet_checks: list[tuple[DriftVerdict, ...]] = []
    for window in windows:
        past = (*past_windows(reference, KEYS, len(window)), *history)
        verdicts = watch(rule, reference, window, KEYS, past, 0, scores_of(quiet_checks))
        if not any(one.drifted for one in verdicts if one.about in PARTS[:2]):
            history.append(keyed(counts_of(window, TOPICS), KEYS))
            quiet_checks.append(verdicts)
        yield verdicts


def quiet() -> dict[str, object]:
    """The share of windows of Hacker News with an alarm: as they came, shuffled, and at the budget of the product."""
    frame = pd.read_csv(HACKER_NEWS).sort_values(["timestamp", "id"]).drop_duplicates("title")
    titles = frame["title"].astype(str).tolist()[:TITLES]
    corpus = Corpus("hackernews by time", titles, [])
    by_time, shuffled = np.arange(len(titles)), np.random.default_rng(0).permutation(len(titles))
    found: dict[str, object] = {}
    for name, order, rule in (
        ("in order of time, at 5 %", by_time, MonitorRule(false_alarms=RATE)),
        ("shuffled, at 5 %", shuffled, MonitorRule(false_alarms=RATE)),
        ("in order of time, at 1 in 30 days of hourly checks", by_time, MonitorRule()),
    ):
        stream, reference = streamed(corpus, order[:REFERENCE])
        for size in SIZES:
            starts = range(REFERENCE, len(titles) - size + 1, size)
            windows = (stream.sample(order[start : start + size]) for start in starts)
            found[f"{size} titles {name}"] = _alarms(
                f"Hacker News, {size} titles a window, {name}", list(judged(rule, reference, windows))
            )
    return found


def _alarms(title: str, checks: list[tuple[DriftVerdict, ...]]) -> dict[str, object]:
    """Alarms of each verdict and of each detector, with their interval; shown, too."""
    alarms: dict[str, int] = {
        about: sum(any(one.drifted for one in check if one.about == about) for check in checks) for about in PARTS
    }
    alarms |= {one.detector: sum(check[at].drifted for check in checks) for at, one in enumerate(checks[0])}
    rows = [(name, count, len(checks), *wilson(count, len(checks))) for name, count in alarms.items()]
    show(title, ["of", "alarms", "windows", "from", "to"], rows)
    return {name: {"alarms": count, "windows": of, "interval": (low, high)} for name, count, of, low, high in rows}


def moving() -> dict[str, object]:
    """What each detector says of the NeurIPS papers of each year after 2005."""
    corpus, years = papers()
    order = np.argsort(years, kind="stable")
    corpus = Corpus(corpus.name, corpus.texts, [])
    old = order[years[order] <= LAST_YEAR]
    kept = old[np.linspace(0, len(old) - 1, min(REFERENCE, len(old))).astype(np.int64)]
    stream, reference = streamed(corpus, kept)
    later = [year for year in np.unique(years) if year > LAST_YEAR]
    checks = list(
        judged(
            MonitorRule(false_alarms=RATE), reference, (stream.sample(np.flatnonzero(years == year)) for year in later)
        )
    )
    said = [
        {v.detector: {"state": v.state, "p": v.p, "size": v.size, "level": v.level, "said": v.said} for v in one}
        for one in checks
    ]
    names = [one.detector for one in checks[0]]
    rows = [
        (year, int((years == year).sum()), *(_cell(one) for one in verdicts))
        for year, verdicts in zip(later, checks, strict=True)
    ]
    show(f"NeurIPS after {LAST_YEAR}: * drift at 5 %, and its size", ["year", "papers", *names], rows)
    return {str(year): one for year, one in zip(later, said, strict=True)}


def _cell(verdict: DriftVerdict) -> str:
    size = "" if verdict.size is None else f"{verdict.size:.0%}"
    return {"drift": f"* {size}", "none": size, "refused": "refused"}[verdict.state]


def main() -> None:
    """Judges both streams, prints the tables and keeps them."""
    if not HACKER_NEWS.exists():
        raise SystemExit(f"Skipped: {HACKER_NEWS} is not there. It is a public corpus kept beside the project.")
    keep("drift_streams", {"rate": RATE, "hacker_news": quiet(), "neurips": moving()})


if __name__ == "__main__":
    main()
