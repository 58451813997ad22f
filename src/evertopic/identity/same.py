"""From evidence to the chance that two topics are the same."""

import numpy as np

from evertopic.identity.likeness import Likeness
from evertopic.records import Floats

EVEN, WITHOUT_COSINE = 0.0, -2.0
"""Log-odds from which two topics may be taken for the same: even chances; less between encoders, where no cosine tells
and a likelier rival of the pair is gone already, one-to-one. With a cosine, less would give the keys of topics that are
no more to whatever is nearest."""

# (constant, cosine, words, anchors), by whether there is a cosine and whether there are anchors. A logistic regression
# on 45,181 pairs of topics of 20 Newsgroups, 1,217 of them the same: benchmarks/identity_calibration.py.
WEIGHTS = {
    (True, True): (-7.87, 11.10, 0.12, 4.62),
    (True, False): (-8.54, 13.95, 0.98, 0.0),
    (False, True): (-6.77, 0.0, 6.71, 18.86),
    (False, False): (-6.34, 0.0, 19.57, 0.0),
}


def log_odds(evidence: Likeness) -> Floats:
    """The log-odds (k, l) that topic i and topic j are the same, by what evidence there is for each pair."""
    odds = np.empty(evidence.words.shape, np.float32)
    parts = {"cosine": evidence.cosine, "anchors": evidence.anchors}
    there = {name: ~np.isnan(part) for name, part in parts.items()}
    known = {name: np.nan_to_num(part) for name, part in parts.items()}
    for (with_cosine, with_anchors), (constant, cosine, words, anchors) in WEIGHTS.items():
        chosen = (there["cosine"] == with_cosine) & (there["anchors"] == with_anchors)
        value = constant + cosine * known["cosine"] + words * evidence.words + anchors * known["anchors"]
        odds[chosen] = value[chosen]
    return odds


def least(evidence: Likeness) -> Floats:
    """The log-odds (k, l) below which a pair is never made."""
    return np.where(np.isnan(evidence.cosine), WITHOUT_COSINE, EVEN).astype(np.float32)
