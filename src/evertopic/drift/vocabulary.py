"""`vocabulary`: words that are new, and words that have gone."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveInt

from evertopic.drift.base import Detector, Finding, Look
from evertopic.errors import NotEnoughDocuments
from evertopic.records import About, Sample

UNKNOWN = "unknown_words"
"""The feature that tells which share of its words the fitted documents do not have."""
LEAST_REFERENCE = 20
SHOWN, WORDS = 20, 8


class Vocabulary(Detector):
    """Whether documents have more unknown words than held-out ones had: a rank test of their shares, one-sided.

    Source: H. Mann and D. Whitney, 1947.
    """

    kind: Literal["vocabulary"] = "vocabulary"
    about: ClassVar[About] = "other texts"
    least: PositiveInt = 50

    def measure(self, reference: Sample, window: Sample, look: Look) -> Finding:  # noqa: ARG002
        """The mean share of unknown words; size: how much more often than by chance a document has more of them."""
        from scipy.stats import mannwhitneyu

        missing = [name for name, one in (("reference", reference), ("window", window)) if UNKNOWN not in one.numbers]
        if missing:
            raise NotEnoughDocuments(f"The {' and the '.join(missing)} have no words: train the model again.")
        before, now = reference.numbers[UNKNOWN][reference.held_out], window.numbers[UNKNOWN]
        if len(before) < LEAST_REFERENCE:
            raise NotEnoughDocuments(
                f"vocabulary needs {LEAST_REFERENCE} held-out documents, this model has {len(before)}: train on more."
            )
        found = mannwhitneyu(now, before, alternative="greater")
        more = found.statistic / (len(now) * len(before))
        order = np.argsort(-now, kind="stable")
        new, gone = _changed(reference, window)
        return Finding(
            statistic=float(now.mean()),
            p=float(max(found.pvalue, np.finfo(float).tiny)),
            size=float(np.clip(2 * more - 1, 0, 1)),
            said=f"{now.mean():.1%} of the words are unknown, {before.mean():.1%} in held-out documents. "
            f"New: {', '.join(new) or 'none'}. Gone: {', '.join(gone) or 'none'}.",
            documents=tuple(window.ids[row] for row in order[:SHOWN] if now[row] > 0),
        )


def _changed(reference: Sample, window: Sample) -> tuple[list[str], list[str]]:
    """The commonest words that the fitted documents lack, and the commonest of theirs that should be here and are not.

    A word that would be missing by chance in more than one window of a hundred is not called gone.
    """
    new = sorted((word for word in window.words if word not in reference.words), key=lambda w: (-window.words[w], w))
    fitted = max(1, int((~reference.held_out).sum()), *reference.words.values()) if reference.words else 1
    gone = [
        word
        for word, documents in sorted(reference.words.items(), key=lambda pair: (-pair[1], pair[0]))
        if word not in window.words and (1 - min(1.0, documents / fitted)) ** len(window) < 0.01
    ]
    return [word for word in new if window.words[word] > 1][:WORDS], gone[:WORDS]
