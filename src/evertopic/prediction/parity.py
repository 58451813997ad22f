"""The parity gate: a model that answers differently once it was saved must not be registered."""

from collections.abc import Sequence

from evertopic.errors import Refusal
from evertopic.records import Parity, Prediction

REQUIRED = 0.999


def parity(in_memory: Sequence[Prediction], reloaded: Sequence[Prediction], required: float = REQUIRED) -> Parity:
    """How often two models give the same document the same key. Both answer the same documents in the same order.

    No documents are no evidence: equal is 0.
    """
    same = sum(a.key == b.key for a, b in zip(in_memory, reloaded, strict=True))
    return Parity(documents=len(in_memory), equal=same / len(in_memory) if in_memory else 0.0, required=required)


def require_parity(measured: Parity, what: str) -> None:
    """Passes when enough answers are equal.

    Raises:
        Refusal: the model is not registrable; `what` says which two models were compared.
    """
    if measured.equal < measured.required:
        raise Refusal(
            f"{what}: {measured.equal:.2%} of {measured.documents} documents get the same answer, "
            f"{measured.required:.1%} must. The model was not registered and no alias moved."
        )
