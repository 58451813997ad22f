"""Anchor documents: the fixed texts that every model of a lineage is asked about."""

import numpy as np

from evertopic.records import UNASSIGNED, Integers, Offsets

PER_TOPIC = 30


def wanted(topic: Integers, held: Offsets, order: Offsets) -> Offsets:
    """Rows of the documents that should become anchors, so that every topic holds PER_TOPIC of them if it can.

    An anchor stays one for ever; where the anchors there are cover a topic, none is added.

    Args:
        topic: (n,) the topic of each document under the new model.
        held: (k,) anchors that each topic of the new model already holds.
        order: (n,) distinct numbers, smallest first, that have nothing to do with the content: a digest of the text,
            so that the same documents are chosen on any machine.
    """
    missing = np.maximum(PER_TOPIC - held, 0)
    ranked = np.lexsort((order, topic))
    ranked = ranked[topic[ranked] != UNASSIGNED]
    own = topic[ranked]
    place = np.arange(len(own)) - np.searchsorted(own, own)
    return np.sort(ranked[place < missing[own]]).astype(np.int64)
