"""Profiles that are easily told apart: topic i lies on axis i and is about word i."""

import numpy as np

from evertopic.identity.profile import Profile

WIDTH = 8


def profile(
    *subjects: int, keys: str = "", encoder: str = "e", anchors: list[int] | None = None, width: int = WIDTH
) -> Profile:
    """A model with a topic about each of these subjects; ten anchor documents a subject unless they are given."""
    centroids = np.eye(width, dtype=np.float32)[list(subjects)] if subjects else np.empty((0, width), np.float32)
    held = np.repeat(np.arange(width), 10)
    place = {subject: topic for topic, subject in enumerate(subjects)}
    answers = [place.get(int(subject), -1) for subject in held] if anchors is None else anchors
    return Profile(
        keys=tuple(keys),
        encoder=encoder,
        centroids=centroids,
        words=tuple((f"word{subject}", f"more{subject}") for subject in subjects),
        weights=tuple((2.0, 1.0) for _ in subjects),
        anchors=np.array(answers, np.int32),
    )
