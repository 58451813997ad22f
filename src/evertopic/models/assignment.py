"""The one assignment function. Evaluation, batch, API and dashboard all answer with `assign`."""

from dataclasses import dataclass

import numpy as np

from evertopic.records import UNASSIGNED, Assignment, Floats

BLOCK = 65_536


@dataclass(frozen=True, slots=True)
class Head:
    """What turns a unit vector into a topic: logits = x W' + b, P = softmax(logits / T)."""

    weight: Floats
    """(k, d): unit centroids of the topics."""
    bias: Floats
    """(k,): zero for topics."""
    threshold: Floats
    """(k,): the least logit with which a document still belongs to the topic."""
    temperature: float
    """T > 0, fitted so that P is calibrated."""


def assign(vectors: Floats, head: Head) -> Assignment:
    """The topic and strength of each document; what else is in the batch changes them by rounding (1e-6) at most.

    The best topic is the largest logit, the smaller index on a tie. Below its threshold the document is unassigned
    (-1); its strength is still the probability of that best topic. `n` may be 0.

    Args:
        vectors: unit rows, float32 (n, d).
        head: the numbers of one model.
    """
    topic = np.empty(len(vectors), np.int32)
    strength = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), BLOCK):
        block = slice(start, start + BLOCK)
        scores = logits(vectors[block], head)
        best = scores.argmax(axis=1)
        top = np.take_along_axis(scores, best[:, None], axis=1)[:, 0]
        strength[block] = 1.0 / np.exp((scores - top[:, None]) / head.temperature).sum(axis=1)
        topic[block] = np.where(top < head.threshold[best], UNASSIGNED, best)
    return Assignment(topic, strength)


def logits(vectors: Floats, head: Head) -> Floats:
    """The score of each topic for each document, float32 (n, k); for topics the cosine to the centroid."""
    return vectors @ head.weight.T + head.bias


def probabilities(vectors: Floats, head: Head) -> Floats:
    """The calibrated probability of each topic for each document, float32 (n, k); rows sum to 1."""
    scaled = logits(vectors, head) / head.temperature
    scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True), np.float32)


def margin(vectors: Floats, head: Head) -> Floats:
    """How far each document is above the threshold of its best topic, float32 (n,); negative = unassigned."""
    scores = logits(vectors, head)
    best = scores.argmax(axis=1)
    return np.asarray(np.take_along_axis(scores, best[:, None], axis=1)[:, 0] - head.threshold[best], np.float32)
