"""A card and a version with known values, for the screens and the commands."""

from dataclasses import replace
from typing import Any

from evertopic.records import (
    BundleRef,
    CandidateRef,
    Choice,
    Coverage,
    CoveragePoint,
    Interval,
    ModelVersion,
    Parity,
    Scorecard,
    SnapshotRef,
    SpaceRef,
    Topic,
    TopicQuality,
    TrainingCard,
    VectorsRef,
)

NAN = float("nan")


def a_version(**changes: Any) -> ModelVersion:
    version = ModelVersion("demo", 3, ("challenger",), "run-1", "models:/demo/3", "d1", created=True)
    return replace(version, **changes)


def a_scorecard() -> Scorecard:
    return Scorecard(
        topics=2,
        c_v=Interval(0.6, 0.55, 0.65),
        npmi=Interval(0.12, 0.1, 0.14),
        u_mass=Interval(-1.5, -2.0, -1.0),
        diversity=0.9,
        balance=0.97,
        largest=0.5,
        unclustered=0.1,
        unassigned=0.04,
        agreement=Interval(0.84, 0.8, 0.88),
        separation=Interval(0.11, 0.08, 0.14),
        stability=Interval(0.75, 0.65, 0.85),
        nmi=None,
        ari=None,
        documents=20,
        per_topic=(TopicQuality(0.7, 0.2, -1.0, NAN), TopicQuality(0.5, NAN, -2.0, NAN)),
    )


def a_topic(key: str, name: str, documents: int, npmi: float) -> Topic:
    quality = TopicQuality(0.5, npmi, -1.0, 0.8)
    words = ("fire", "smoke", "wind")
    return Topic(key, name, words, (0.3, 0.2, 0.1), documents, ("a text",), quality)


def a_card(**changes: Any) -> TrainingCard:
    candidate = CandidateRef("candidates/c1", "c1", "bertopic", 2)
    card = TrainingCard(
        loop="demo",
        documents=SnapshotRef("documents/s1", "s1", 100),
        vectors=VectorsRef("vectors/v1", "v1", 100, 8, "encoder"),
        space=SpaceRef("spaces/p1", "p1", 80, 20),
        bundle=BundleRef("bundles/d1", "d1", 2),
        report="reports/r1",
        trials=5,
        choice=Choice(candidate, "It won for a reason.", tuple(f"Rival {n}." for n in range(5)), beats_baseline=True),
        coverage=Coverage(0.05, Interval(0.04, 0.01, 0.11), "neighbours", (CoveragePoint(1.0, 0.8),)),
        scorecard=a_scorecard(),
        topics=(a_topic("t1", "bush [red]fires", 25, 0.2), a_topic("t2", "cricket", 50, NAN)),
        parity=Parity(100, 1.0, 0.999),
        findings=(("Learned", "100 documents fall into two topics.", "good"), ("Data", "Be careful.", "care")),
        seconds=(("embed", 1.5),),
        seed=42,
    )
    return replace(card, **changes)
