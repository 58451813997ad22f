"""The card of each training: beside its model in the lake, found by the model's digest."""

from evertopic.records import TrainingCard
from evertopic.storage.lake import Lake


def write_card(lake: Lake, card: TrainingCard) -> None:
    """Store the card under the digest of its model; a card that is there stays."""
    lake.write_record(_key(card.bundle.digest), card)


def read_card(lake: Lake, digest: str) -> TrainingCard | None:
    """The card of the model with this digest, None where this lake has none.

    Raises:
        Corrupted: it cannot be read.
    """
    key = _key(digest)
    return lake.read_record(key, TrainingCard) if lake.exists(key) else None


def _key(digest: str) -> str:
    return f"cards/{digest}/card.json"
