"""The main walk by its task functions alone, without Prefect's engine; the order is that of flows/train.py."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from evertopic.records import ModelVersion


def imports() -> None:
    """What any walk imports on its way, so that it is not charged to the step that happens to need it first."""
    for name in ("bertopic", "hdbscan", "mlflow", "plotly.graph_objects", "sentence_transformers", "umap"):
        import_module(name)
    import_module("tasks.register")


def silent(step: str) -> None:
    """Tells nobody."""


def walk(config: str, after: Callable[[str], None] = silent) -> ModelVersion:
    """The registered model of one loop; `after` is told the name of each step once it is done."""
    from tasks import build, choice, embed, ingest, job, lineage, parity, preprocess, register, report, space, trials

    def done(step: str, result: Any) -> Any:
        after(step)
        return result

    this = done("read config", job.read_job.fn(config, None, None))
    batch = done("ingest", ingest.ingest_documents.fn(this))
    snapshot = done("snapshot", ingest.take_snapshot.fn(this, batch))
    documents = done("preprocess", preprocess.preprocess_documents.fn(this, snapshot))
    vectors = done("embed", embed.embed_documents.fn(this, documents))
    shared = done("share", space.prepare_search.fn(this, documents, vectors))
    plans = trials.plan_trials.fn(this, shared)
    tried = done("search", [trials.try_embedding.fn(this, shared, plan) for plan in plans])
    scored = done("score", choice.score_candidates.fn(this, shared, tried))
    simple = done("baseline", trials.fit_baseline.fn(this, shared, scored))
    others = choice.plan_reseeding.fn(this, scored)
    again = done("reseed", [trials.try_embedding.fn(this, shared, plan) for plan in others])
    found = choice.Found(
        shared, scored, done("choose", choice.choose_candidate.fn(this, shared, scored, again, simple))
    )
    keys = done("lineage", lineage.align_topics.fn(this, documents, shared, found.choice))
    bundle = done("build", build.build_model.fn(this, documents, vectors, shared, found.choice, keys))
    training = report.gather(documents, vectors, found, keys, bundle)
    measured = done("parity", parity.check_parity.fn(this, vectors, bundle))
    page = done("report", report.write_report.fn(this, batch, training, measured))
    version: ModelVersion = done("register", register.register_model.fn(this, training, page))
    return version
