"""Invented trainings on real news texts; every number is made up, none is drawn at random without a seed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gensim
import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage

from evertopic.records import (
    BatchFacts,
    CandidateRef,
    Choice,
    CorpusFacts,
    Coverage,
    CoveragePoint,
    Interval,
    Parity,
    Quarantined,
    Scorecard,
    Topic,
    TopicQuality,
    Trial,
)
from evertopic.reporting import DocumentMap, TrainingStory

THEMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Bushfires around Sydney", ("fire", "firefighters", "bushfire", "winds", "blaze", "homes", "south", "wales")),
    ("Israel and the Palestinians", ("palestinian", "israeli", "arafat", "gaza", "militants", "sharon", "suicide")),
    ("War in Afghanistan", ("afghan", "taliban", "bin", "laden", "al", "qaeda", "kabul", "bora", "pakistan")),
    ("Cricket tests", ("test", "cricket", "wicket", "innings", "africa", "bowler", "mcgrath", "runs", "day")),
    ("Sydney to Hobart yacht race", ("hobart", "yacht", "race", "sydney", "nicorette", "line", "honours")),
    ("Kashmir tension", ("india", "pakistan", "kashmir", "indian", "delhi", "musharraf", "parliament")),
    ("Asylum seekers", ("asylum", "seekers", "detention", "woomera", "island", "nauru", "boat")),
    ("Air travel and airlines", ("airlines", "qantas", "ansett", "flight", "union", "passengers", "plane")),
    ("Davis Cup and tennis", ("cup", "hewitt", "rafter", "tennis", "davis", "match", "set", "final")),
    ("Argentina in crisis", ("argentina", "economy", "president", "debt", "peso", "bank", "saa")),
    ("Interest rates and jobs", ("rate", "economy", "reserve", "unemployment", "per", "cent", "growth")),
    ("Hospitals and health", ("hospital", "patients", "doctors", "nurses", "health", "midwives")),
)


LENGTHS = (12, 160, 540, 980, 1500, 1900, 1720, 1400, 1100, 820, 600, 430, 300, 210, 140, 95, 60, 40, 28, 25)


def news() -> tuple[str, ...]:
    """The 300 news texts that gensim brings along."""
    path = Path(gensim.__file__).parent / "test" / "test_data" / "lee_background.cor"
    return tuple(path.read_text("utf-8").splitlines())


def around(value: float, half: float = 0.03) -> Interval:
    return Interval(value, value - half, value + half)


def a_scorecard(**changes: Any) -> Scorecard:
    card = Scorecard(
        topics=12,
        c_v=around(0.583),
        npmi=around(0.121, 0.02),
        u_mass=around(-1.84, 0.2),
        diversity=0.914,
        balance=0.872,
        largest=0.243,
        unclustered=0.187,
        unassigned=0.052,
        agreement=around(0.846, 0.02),
        separation=around(0.162, 0.01),
        stability=around(0.741, 0.05),
        nmi=None,
        ari=None,
        documents=2_412,
        per_topic=(),
    )
    return replace(card, **changes)


def a_topic(index: int, texts: Sequence[str], **changes: Any) -> Topic:
    name, words = THEMES[index % len(THEMES)]
    name = name if index < len(THEMES) else f"{name} {index // len(THEMES) + 1}"
    weights = tuple(round(0.11 / (i + 1.6), 4) for i in range(len(words)))
    topic = Topic(
        key=f"t_{index:02d}7f3a9",
        name=name,
        words=words,
        weights=weights,
        documents=max(2_200 - 160 * index, 40),
        representatives=tuple(texts[(3 * index + i) % len(texts)] for i in range(3)),
        quality=TopicQuality(0.7 - 0.02 * index, 0.18 - 0.01 * index, -1.2 - 0.1 * index, 0.9 - 0.04 * index),
    )
    return replace(topic, **changes)


def a_candidate(index: int, kind: str = "bertopic") -> CandidateRef:
    return CandidateRef(f"candidates/{index:04d}", f"{index:064x}", kind, 8 + index)


def some_trials(count: int = 18) -> tuple[Trial, ...]:
    """A grid whose coherence rises while its diversity falls; the last two are the baseline."""
    noise = np.random.default_rng(3)
    trials = []
    for i in range(count):
        lift = i / max(count - 1, 1)
        card = a_scorecard(
            topics=8 + i,
            c_v=around(round(0.47 + 0.12 * lift + noise.normal(0, 0.015), 4)),
            diversity=round(0.97 - 0.16 * lift + noise.normal(0, 0.02), 4),
            balance=round(0.9 - 0.1 * lift, 4),
            separation=around(round(0.09 + 0.08 * lift + noise.normal(0, 0.008), 4), 0.01),
            agreement=around(round(0.82 + noise.normal(0, 0.02), 4)),
            stability=around(0.7 + 0.01 * i, 0.05) if i % 5 == 2 else None,
        )
        settings: tuple[tuple[str, str | int | float], ...] = (
            ("neighbours", (10, 15, 30)[i % 3]),
            ("components", 5),
            ("min_cluster_size", 12 + 4 * (i // 3)),
            ("metric", "cosine"),
        )
        trials.append(Trial(a_candidate(i), settings, card, on_front=i % 4 == 0 or i == 12, finalist=i % 5 == 2))
    for i, topics in enumerate((10, 16), count):
        card = a_scorecard(topics=topics, separation=around(0.03 + i / 1000, 0.01), diversity=0.8, stability=None)
        trials.append(Trial(a_candidate(i, "nmf"), (("topics", topics),), card, on_front=False, finalist=False))
    return tuple(trials)


def a_map(texts: Sequence[str], topics: int, documents: int = 1_500) -> DocumentMap:
    noise = np.random.default_rng(1)
    topic = noise.integers(-1, topics, documents)
    angle = 2.4 * topic
    radius = 2 + 0.9 * np.sqrt(np.maximum(topic, 0) + 1)
    spread = np.where(topic < 0, 3.0, 0.55)
    return DocumentMap(
        x=(radius * np.cos(angle) + noise.normal(0, 1, documents) * spread).astype(np.float32),
        y=(radius * np.sin(angle) + noise.normal(0, 1, documents) * spread).astype(np.float32),
        topic=topic,
        titles=tuple(texts[i % len(texts)][:160] for i in range(documents)),
        ids=tuple(f"news-{i:05d}" for i in range(documents)),
    )


def a_linkage(topics: int) -> NDArray[np.float64]:
    if topics < 2:
        return np.empty((0, 4))
    tree: NDArray[np.float64] = linkage(np.random.default_rng(2).normal(size=(topics, 6)), "average")
    return tree


def a_batch() -> BatchFacts:
    return BatchFacts(
        read=12_480,
        new=11_903,
        known=402,
        quarantined=(
            Quarantined("the text is empty", 131, ("news.csv:17: text is ''", "news.csv:964: text is '  '")),
            Quarantined("the time cannot be read", 44, ("news.csv:88: '2024-13-01' is no date",)),
        ),
        source_digest="9f2c" * 16,
        watermark=datetime(2024, 5, 31, 22, 10, tzinfo=UTC),
    )


def a_corpus(**changes: Any) -> CorpusFacts:
    corpus = CorpusFacts(
        documents=12_060,
        duplicates=318,
        dropped=(Quarantined("fewer than 3 words after cleaning", 57, ("news-00812: 'Watch live'",)),),
        lengths=tuple((20 * i, n) for i, n in enumerate(LENGTHS)),
        top_words=tuple((word, 4_000 - 190 * i) for i, (_, (word, *_)) in enumerate(THEMES)),
        languages=(("en", 11_890), ("de", 96), ("hi", 41), ("ar", 33)),
        since=datetime(2001, 10, 2, tzinfo=UTC),
        until=datetime(2024, 5, 31, tzinfo=UTC),
        labels=(("world", 4_210), ("sport", 3_120), ("business", 2_730), ("health", 2_000)),
    )
    return replace(corpus, **changes)


def a_story(topics: int = 12, documents: int = 1_500, /, **changes: Any) -> TrainingStory:
    texts = news()
    trials = some_trials()
    chosen = trials[12]
    story = TrainingStory(
        loop="news-desk",
        model="news-topics",
        batch=a_batch(),
        corpus=a_corpus(),
        criteria=("separation", "diversity", "agreement", "stability"),
        trials=trials,
        choice=Choice(
            chosen.candidate,
            "Trial 13 won: within one interval of the most coherent candidate, it is the one with the most distinct "
            "topics (diversity 0.91) and it came back alike with three other seeds.",
            ("Trial 17 is more coherent by 0.012, but two of its topics share most of their words.",),
            beats_baseline=True,
        ),
        topics=tuple(a_topic(i, texts) for i in range(topics)),
        scorecard=replace(chosen.scorecard, topics=topics, stability=around(0.741, 0.05)),
        coverage=Coverage(
            0.05,
            Interval(0.052, 0.044, 0.061),
            "neighbours",
            tuple(CoveragePoint(i / 20, 0.98 - 0.2 * (i / 20) ** 3) for i in range(4, 21)),
        ),
        parity=Parity(500, 1.0, 0.999),
        map=a_map(texts, topics, documents),
        linkage=a_linkage(topics),
        provenance=(
            ("Started", "2024-06-01 02:00:11 UTC"),
            ("Snapshot", "5b1f" * 16),
            ("Configuration", "c0ff" * 16),
            ("Seed", "42"),
            ("Encoder", "all-MiniLM-L6-v2@" + "ab12" * 10),
            ("Code", "evertopic 0.1.0, 3f8a1c2"),
            ("Versions", "bertopic 0.17.4, torch 2.13.0, umap-learn 0.5.12"),
            ("Prefect run", "http://127.0.0.1:4200/runs/flow-run/0a1b"),
            ("MLflow run", "http://127.0.0.1:5000/#/experiments/1/runs/9c"),
        ),
        seconds=(
            ("ingest", 1.42),
            ("preprocess", 8.3),
            ("embed", 74.1),
            ("search", 41.7),
            ("evaluate", 22.9),
            ("register", 3.2),
            ("report", 0.6),
        ),
    )
    return replace(story, **changes)
