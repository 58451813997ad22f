"""Topics of documents under the champion, as far as their vectors are known: nothing is encoded for it."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from evertopic.corpus.cleaning import clean
from evertopic.digests import digest_text
from evertopic.errors import Corrupted, Unavailable
from evertopic.models.assignment import assign
from evertopic.prediction.bundle import Bundle, read_bundle
from evertopic.records import UNASSIGNED, Integers
from evertopic.storage.cards import read_card
from evertopic.storage.registry import CHAMPION, open_registry
from tasks.job import Job

logger = logging.getLogger(__name__)


def topics_of_champion(job: Job, documents: pd.DataFrame) -> Integers:
    """The topic of each document (n,), -1 where it has none, or where its vector or the champion is not there.

    `documents` has the columns text and text_digest, that of the text as it came. Those of the champion's training
    are known by it; the others are cleaned as the champion does and looked up among the stored vectors.

    Raises:
        Unavailable: the registry or the vector store does not answer.
    """
    nothing = np.full(len(documents), UNASSIGNED, np.int32)
    place = job.place
    registry = open_registry(place.tracking_uri, place.artifacts_url)
    number = registry.alias_version(job.config.model_name, CHAMPION)
    if number is None:
        logger.info("There is no champion yet: the training takes what the window holds, and no reservoir.")
        return nothing
    champion = registry.resolve(f"{job.config.model_name}/{number}")
    with TemporaryDirectory() as temporary:
        bundle = read_bundle(registry.fetch(champion.model_uri, Path(temporary) / "bundle"))
    cleaned = _cleaned_before(job, champion.digest)
    digests = [
        cleaned.get(source) or digest_text(clean(text, bundle.meta.cleaning))
        for source, text in zip(documents["text_digest"], documents["text"], strict=True)
    ]
    return _topics(job, bundle, digests, nothing)


def _topics(job: Job, bundle: Bundle, digests: list[str], nothing: Integers) -> Integers:
    seen, vectors = job.vectors().lookup(bundle.meta.fingerprint, digests)
    if not seen.any():
        return nothing
    topics = nothing.copy()
    topics[seen] = assign(vectors, bundle.head).topic
    return topics


def _cleaned_before(job: Job, digest: str) -> dict[str, str]:
    """The digest of the cleaned text by that of the text as it came, of the documents of the champion's training."""
    lake = job.lake()
    try:
        card = read_card(lake, digest)
        if card is None:
            return {}
        frame = lake.read_frame(f"{card.documents.key}/documents.parquet", ["source_digest", "text_digest"])
    except (Corrupted, Unavailable) as fault:
        logger.warning("The texts of the champion's training are cleaned again: %s", fault)
        return {}
    return dict(zip(frame["source_digest"], frame["text_digest"], strict=True))
