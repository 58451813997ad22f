"""c_v, NPMI and u_mass of topics from counts made beforehand, with intervals from a bootstrap over documents."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evertopic.quality.frequencies import ABSENT, Frequencies, Layout, lay_out, resampled, totals
from evertopic.quality.occurrences import Longs
from evertopic.quality.resampling import Doubles, interval, resample
from evertopic.quality.windows import Counts
from evertopic.records import Interval

EPSILON = 1e-12
"""Keeps the logarithm of a pair that never meets finite."""


@dataclass(frozen=True, slots=True)
class Coherence:
    """Coherence of k topics; nan where fewer than two of a topic's words occur in the documents."""

    c_v: Doubles
    """(k,) about 0 (words unrelated) to 1."""
    npmi: Doubles
    """(k,) in [-1, 1]: -1 never together, 0 as by chance, 1 always together."""
    u_mass: Doubles
    """(k,) natural logarithm, at most about 0, higher is better."""
    absent_words: Longs
    """(k,) words of the topic that never occur; what is measured are the others."""

    @property
    def unmeasured(self) -> int:
        """How many topics could not be measured."""
        return int(np.isnan(self.c_v).sum())


@dataclass(frozen=True, slots=True)
class GlobalCoherence:
    """Means over the measured topics of one candidate, with 95 % intervals; nan when no topic was measured."""

    c_v: Interval
    npmi: Interval
    u_mass: Interval


def measure(counts: Counts, topics: Sequence[Sequence[int]]) -> Coherence:
    """The coherence of each topic; `topics` index into the grams that were counted, best word first.

    Words that occur in no document are left out of their topic, in all three measures alike: they are no evidence
    for or against it. With fewer than two words left the topic is nan.

    Raises:
        KeyError: two words stand in one topic that no topic had when the counts were made.

    Source: Röder, Both, Hinneburg (2015), "Exploring the space of topic coherence measures"; Mimno et al. (2011) for
    u_mass. Equal to gensim's CoherenceModel ("c_v", "c_npmi", "u_mass") with a dictionary of the same documents.
    """
    layout = lay_out(counts, topics)
    c_v = c_v_of(totals(counts.wide, layout), layout)[0]
    npmi = npmi_of(totals(counts.narrow, layout))[0]
    whole = totals(counts.whole, layout)
    absent = (layout.words != ABSENT).sum(axis=1) - (whole.words[0] > 0).sum(axis=1)
    return Coherence(c_v, npmi, u_mass_of(whole, layout)[0], absent)


def measure_globally(
    counts: Counts, topics: Sequence[Sequence[int]], seed: int, resamples: int = 200
) -> GlobalCoherence:
    """The mean coherence over measured topics, and how far it would move with other documents.

    Each resample draws as many documents as there are, with replacement, and measures all three anew on the same
    draw; the same seed gives the same intervals. Raises KeyError as `measure` does.
    """
    layout, point = lay_out(counts, topics), measure(counts, topics)
    weights = resample(counts.documents, resamples, seed)
    c_v = c_v_of(resampled(counts.wide, layout, weights), layout)
    npmi = npmi_of(resampled(counts.narrow, layout, weights))
    u_mass = u_mass_of(resampled(counts.whole, layout, weights), layout)
    return GlobalCoherence(
        c_v=interval(float(mean_of_known(point.c_v)), mean_of_known(c_v)),
        npmi=interval(float(mean_of_known(point.npmi)), mean_of_known(npmi)),
        u_mass=interval(float(mean_of_known(point.u_mass)), mean_of_known(u_mass)),
    )


def mean_of_known(values: Doubles) -> Doubles:
    """The mean along the last axis of what is not nan; nan where nothing is."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=-1) / known.sum(axis=-1))


def npmi_of(frequencies: Frequencies) -> Doubles:
    """Normalised pointwise mutual information, mean over pairs: (b, k)."""
    return mean_of_known(_pairwise_npmi(frequencies))


def u_mass_of(frequencies: Frequencies, layout: Layout) -> Doubles:
    """Logarithm of P(later and earlier word) / P(earlier word), mean over pairs: (b, k)."""
    earlier = frequencies.words[..., layout.first]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (frequencies.pairs + EPSILON * frequencies.total[:, None, None]) / earlier
        values = np.where(_both_occur(frequencies, layout), np.log(ratio), np.nan)
    return mean_of_known(values)


def c_v_of(frequencies: Frequencies, layout: Layout) -> Doubles:
    """Cosine between each word's NPMI with the topic's words and the sum of these over words, mean: (b, k)."""
    width = layout.words.shape[1]
    vectors = np.zeros((*frequencies.words.shape, width))
    pairwise = np.nan_to_num(_pairwise_npmi(frequencies))
    vectors[..., layout.first, layout.second] = pairwise
    vectors[..., layout.second, layout.first] = pairwise
    occurs = frequencies.words > 0
    vectors[..., np.arange(width), np.arange(width)] = np.where(occurs, _own_npmi(frequencies), 0.0)
    whole = vectors.sum(axis=-2)
    dots = np.einsum("bkij,bkj->bki", vectors, whole)
    norms = np.sqrt(np.einsum("bkij,bkij->bki", vectors, vectors) * np.einsum("bkj,bkj->bk", whole, whole)[..., None])
    with np.errstate(divide="ignore", invalid="ignore"):
        cosines = np.where(occurs & (occurs.sum(axis=-1, keepdims=True) > 1), dots / norms, np.nan)
    return mean_of_known(cosines)


def _pairwise_npmi(frequencies: Frequencies) -> Doubles:
    """(b, k, q) nan where a word of the pair does not occur."""
    first, second = np.triu_indices(frequencies.words.shape[-1], 1)
    total = frequencies.total[:, None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        alone = np.log(frequencies.words / total)
        together = np.log(frequencies.pairs / total + EPSILON)
        values = (together - alone[..., first] - alone[..., second]) / -together
    return np.where(np.isfinite(values), values, np.nan)


def _own_npmi(frequencies: Frequencies) -> Doubles:
    """(b, k, w) a word's NPMI with itself: 1, or -1 for a word in every window, where it says nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = frequencies.words / frequencies.total[:, None, None]
        together = np.log(share + EPSILON)
        return np.asarray((together - 2 * np.log(share)) / -together)


def _both_occur(frequencies: Frequencies, layout: Layout) -> NDArray[np.bool_]:
    return (frequencies.words[..., layout.first] > 0) & (frequencies.words[..., layout.second] > 0)
