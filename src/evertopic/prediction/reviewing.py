"""The edits of a loop held against the model that answers."""

import logging
from collections import Counter
from collections.abc import Sequence

from evertopic.errors import Corrupted, Unavailable
from evertopic.identity.conflicts import Conflict, Ground, conflicts
from evertopic.prediction.editing import keys_of
from evertopic.prediction.loading import Model
from evertopic.prediction.predictor import Predictor
from evertopic.records import Edit, LineageEvent
from evertopic.storage.lake import Lake
from evertopic.storage.store import Store

logger = logging.getLogger(__name__)


def review(model: Model, store: Store, lake: Lake, loop: str) -> tuple[Conflict, ...]:
    """The edits that need a person; see `identity.conflicts`.

    Where the documents of the training are not in this lake, topics that answer none of them are not found.

    Raises:
        Unavailable: the store does not answer.
    """
    edits, keys = store.edits.list(loop, undone=True), keys_of(model.predictor.bundle)
    return conflicts(edits, Ground(keys, _events(store, loop, model), _documents(model, edits, lake)))


def _events(store: Store, loop: str, model: Model) -> tuple[LineageEvent, ...]:
    """The lineage up to this model; later generations are of models that do not answer."""
    own = store.lineage.of_version(loop, model.version.name, model.version.version)
    return tuple(event for event in store.lineage.events(loop) if own is None or event.generation <= own)


def _documents(model: Model, edits: Sequence[Edit], lake: Lake) -> Counter[str] | None:
    predictor: Predictor = model.predictor.with_edits(edits)
    edited, card = predictor.edited, model.card
    if card is None or edited is None:
        return None
    try:
        vectors = lake.read_array(f"{card.vectors.key}/vectors.npy")
        digests = lake.read_frame(f"{card.documents.key}/documents.parquet", ["text_digest"])["text_digest"]
    except (Corrupted, Unavailable) as fault:
        logger.warning("Topics without documents are not looked for: %s", fault)
        return None
    answered = zip(edited.keys(vectors, predictor.bundle), digests, strict=True)
    keys = (edited.moved[digest].value if digest in edited.moved else key for key, digest in answered)
    return Counter(key for key in keys if key is not None)
