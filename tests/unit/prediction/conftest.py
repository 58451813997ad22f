from pathlib import Path

import numpy as np
import pytest

from evertopic.corpus.cleaning import Cleaning
from evertopic.embedding import HashingEncoder
from evertopic.models.assignment import Head
from evertopic.models.head import cut_for, fit_topics, head_at, standing
from evertopic.prediction.bundle import Bundle, Meta, TopicMeta
from evertopic.prediction.reference import Reference

ENCODER = HashingEncoder(width=64)


def topic(at: int) -> TopicMeta:
    return TopicMeta(
        key=f"key-{at}", name=f"name {at}", words=(f"w{at}", "x"), weights=(0.1 + at / 3, 1e-9), documents=at
    )


@pytest.fixture(scope="session")
def news() -> list[str]:
    """300 news texts that come with gensim."""
    from gensim.test.utils import datapath

    return Path(datapath("lee_background.cor")).read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="session")
def bundle(news: list[str]) -> Bundle:
    """Five topics of real texts as k-means finds them, thresholds at a budget of a tenth, hashing encoder."""
    from sklearn.cluster import KMeans

    vectors = ENCODER.encode(news)
    labels = KMeans(5, n_init=1, random_state=0).fit_predict(vectors[:200]).astype(np.int32)
    fit = fit_topics(vectors[:200], labels)
    head = head_at(fit, cut_for(standing(vectors[200:], fit)[1], 0.1))
    return Bundle(meta=meta(head), head=head, reference=Reference.of_vectors(vectors[200:]))


def meta(head: Head) -> Meta:
    return Meta(
        loop="news",
        topics=tuple(topic(at) for at in range(len(head.weight))),
        temperature=head.temperature,
        cleaning=Cleaning(),
        encoder=ENCODER,
        fingerprint=ENCODER.fingerprint(),
    )
