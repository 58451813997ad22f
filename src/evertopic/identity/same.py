"""From evidence to the chance that two topics are the same."""

import numpy as np

from evertopic.identity.likeness import Likeness
from evertopic.records import Floats

SAME = 0.0
"""Log-odds from which two topics are taken for the same: even chances."""

# (constant, cosine, words, anchors), nan where a model of the evidence lacks one.
WEIGHTS = {
    (True, True): (-7.08, 7.17, 4.30, 6.80),
    (True, False): (-7.30, 9.54, 6.28, 0.0),
    (False, True): (-6.47, 0.0, 9.73, 14.35),
    (False, False): (-6.27, 0.0, 21.59, 0.0),
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
