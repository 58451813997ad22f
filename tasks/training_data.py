"""What a training is made of: the documents of the store, the texts that were asked about, what people corrected."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

import numpy as np
import pandas as pd

from evertopic.corpus.contract import check_chunk
from evertopic.corpus.windows import select
from evertopic.digests import digest_text
from evertopic.prediction.canary import FIXED
from evertopic.records import UNASSIGNED, Feedback, Integers
from evertopic.storage.store import Store
from tasks.job import Job
from tasks.known_topics import topics_of_champion

SERVED = "served:"
"""Begins the id of a document that was asked about; its text's digest follows."""
SOURCES = ("api", "batch")
"""Answers on the command line are people trying things out."""


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The documents of a training, and what became of the others."""

    documents: pd.DataFrame
    """id, text, label, timestamp, corrected (what people said it is: a topic's key or a name of their own), in order
    of time, those without one first, and id; text_digest."""
    served: int
    """Of them, texts that were asked about."""
    refused: tuple[tuple[str, int], ...]
    """Texts that were asked about and break the contract: (reason, how many)."""
    left_out: int
    """Documents and texts that the window leaves out."""


def training_data(job: Job, store: Store) -> TrainingData:
    """The documents that the rule of the loop takes, as the store holds them now.

    Rows in quarantine never enter: the store keeps them apart.
    """
    name, rule = job.config.name, job.config.training
    documents = store.documents.read_documents(name)
    when = documents["timestamp"].fillna(documents["ingested_at"].astype("datetime64[s]"))
    documents = documents[["id", "text", "label", "timestamp", "text_digest"]].assign(when=when)
    served, refused = _served(job, store, set(documents["text_digest"]))
    if len(served):
        documents = pd.concat([documents, served.assign(when=served["timestamp"])], ignore_index=True)
        documents = documents.sort_values(["timestamp", "id"], na_position="first", ignore_index=True)
    taken = np.ones(len(documents), np.bool_)
    if rule.windowed and len(documents):
        topics = topics_of_champion(job, documents) if rule.reservoir else _unknown(len(documents))
        times = documents["when"].to_numpy("datetime64[s]")
        taken = select(times, documents["id"].tolist(), topics, rule, job.config.seed)
    said = corrections(store.feedback.words(name))
    corrected = pd.Series([said.get(digest) for digest in documents["text_digest"]], dtype="str")
    found = documents.assign(corrected=corrected)[taken].reset_index(drop=True)
    return TrainingData(
        documents=found.drop(columns="when"),
        served=int(found["id"].str.startswith(SERVED).sum()),
        refused=tuple(sorted(refused.items())),
        left_out=int((~taken).sum()),
    )


def corrections(words: Iterable[tuple[str, str | None, Feedback]]) -> dict[str, str]:
    """What people say texts are instead of what was answered, by the digest of the text.

    Each person has one voice on a text: the last word. Who finds an answer right speaks for it. The correction that
    more people give than anything else counts; where two are given as often, none does.

    Args:
        words: (digest of the text, key answered, word), oldest first.
    """
    last = {(digest, word.by): (answered, word) for digest, answered, word in words}
    voices: dict[str, Counter[str]] = {}
    wrong: dict[str, set[str]] = {}
    for (digest, _), (answered, word) in last.items():
        meant = answered if word.verdict == "right" else word.key or word.label
        if meant is not None:
            voices.setdefault(digest, Counter())[meant] += 1
        if meant is not None and word.verdict == "wrong":
            wrong.setdefault(digest, set()).add(meant)
    found = {}
    for digest, given in wrong.items():
        (best, most), *others = voices[digest].most_common(2)
        if best in given and (not others or others[0][1] < most):
            found[digest] = best
    return found


def _served(job: Job, store: Store, known: set[str]) -> tuple[pd.DataFrame, Counter[str]]:
    """Texts that were asked about, each once, and not among the documents; and why others may not join them."""
    nothing = pd.DataFrame({"id": [], "text": [], "label": [], "timestamp": [], "text_digest": []})
    if not job.config.training.served or job.config.log.text != "full":
        return nothing, Counter()
    kept = store.predictions.texts(job.config.name, job.started, SOURCES)
    fresh = {digest: (text, at) for digest, text, at in kept if digest not in known and asked_by_people(digest, text)}
    if not fresh:
        return nothing, Counter()
    rows = pd.DataFrame(
        {
            "id": [f"{SERVED}{digest}" for digest in fresh],
            "text": [text for text, _ in fresh.values()],
            "label": pd.Series([None] * len(fresh), dtype=object),
            "timestamp": np.array(
                [at.astimezone(UTC).replace(tzinfo=None) for _, at in fresh.values()], "datetime64[s]"
            ),
            "metadata": ["{}"] * len(fresh),
            "origin": ["served"] * len(fresh),
            "fault": pd.Series([None] * len(fresh), dtype=object),
        }
    )
    checked = check_chunk(rows, job.config.contract, job.started, {})
    accepted = checked.accepted.rename(columns={"digest": "text_digest"}).astype({"label": "str"})
    return accepted[list(nothing)], Counter(checked.rejected["reason"].tolist())


def asked_by_people(digest: str, text: str) -> bool:
    """False for the odd texts that canaries ask, and for a text that is not what was asked.

    One that was kept redacted, under an earlier config, does not have the digest it is kept under.
    """
    return text not in FIXED and digest_text(text) == digest


def _unknown(documents: int) -> Integers:
    return np.full(documents, UNASSIGNED, np.int32)
