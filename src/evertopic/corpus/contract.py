"""What a document must be to enter the store. Rows that are not go to quarantine, each with its first reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator

from evertopic.corpus.quarantine import REASONS, quarantined, summarise, unstorable
from evertopic.digests import digest_text
from evertopic.errors import BadInput
from evertopic.records import Quarantined

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

__all__ = ["Checked", "Contract", "check_batch", "check_chunk", "summarise"]

Share = Annotated[float, Field(ge=0, le=1)]


class Contract(BaseModel):
    """The bounds of one row, and of a whole batch."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_characters: PositiveInt = 1
    """Without white space at both ends."""
    max_characters: PositiveInt = 200_000
    labels: tuple[str, ...] | None = None
    """The allowed labels; None allows all. A row without a label is always allowed."""
    max_future: timedelta = timedelta(days=1)
    """How far a timestamp may lie ahead of now: clocks and time zones differ."""
    max_replaced: Share = 0.05
    """Share of U+FFFD, the mark of characters lost before we saw the text. Mojibake is left to cleaning."""
    max_quarantined: Share = 0.2
    """Share of refused rows above which the whole batch is refused."""
    volume: tuple[PositiveFloat, PositiveFloat] | None = None
    """Smallest and largest size of a batch, as a multiple of the mean size of earlier ones."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_characters > self.max_characters:
            raise ValueError(f"min_characters {self.min_characters} is above max_characters {self.max_characters}")
        if self.volume and self.volume[0] >= self.volume[1]:
            raise ValueError(f"volume {self.volume} must be the smaller ratio, then the larger")
        return self


@dataclass(frozen=True, slots=True)
class Checked:
    """One chunk, parted. Every row is in exactly one of the two tables, in its order."""

    accepted: pd.DataFrame
    """id, text, label, timestamp, metadata, origin; digest, that of the text; known, True for a repeated row."""
    rejected: pd.DataFrame
    """origin, id, reason, found, raw: a JSON object of the row in ASCII, so that any database can keep it."""


def check_chunk(frame: pd.DataFrame, contract: Contract, now: datetime, known: Mapping[str, str]) -> Checked:
    """The rows of a canonical table that keep the contract, and those that do not, with their reasons.

    `known` maps ids, stored or met earlier in this batch, to the digests of their texts. The same id with the same
    text is accepted as known, with another text it is `duplicate_id`; the first one met stays, unless it was refused
    for another reason. `now` is naive UTC or carries its zone. An empty table gives two empty tables.
    """
    reasons = _broken(frame, contract, now)
    digests, repeated = _claimed(frame[reasons.isna()], known)
    reasons = reasons.where(reasons.notna() | frame.index.isin(repeated), "duplicate_id")
    accepted = frame[reasons.isna()].drop(columns="fault")
    accepted["digest"] = pd.Series([digests[row] for row in accepted.index], index=accepted.index, dtype=object)
    accepted["known"] = np.array([repeated[row] for row in accepted.index], dtype=bool)
    refused = quarantined(frame[reasons.notna()], list(reasons[reasons.notna()]))
    return Checked(accepted.reset_index(drop=True), refused)


def check_batch(read: int, rejected: Sequence[Quarantined], contract: Contract, earlier: Sequence[int]) -> None:
    """Nothing, when the batch as a whole may enter. `read` counts all rows, `earlier` the rows of earlier batches.

    Without earlier batches there is no volume to compare with.

    Raises:
        BadInput: too large a share was refused, or the size jumps; the message names reasons and first origins.
    """
    refused = sum(group.rows for group in rejected)
    if read and refused / read > contract.max_quarantined:
        reasons = "; ".join(f"{group.reason} {group.rows:,} (first {group.examples[0]})" for group in rejected)
        raise BadInput(
            f"{refused:,} of {read:,} rows ({refused / read:.0%}) break the contract, allowed are "
            f"{contract.max_quarantined:.0%}: {reasons}. Nothing was stored: correct the source or the contract."
        )
    if contract.volume and len(earlier):
        _check_volume(read, contract.volume, float(np.mean(earlier)))


def _check_volume(read: int, bounds: tuple[float, float], mean: float) -> None:
    low, high = bounds[0] * mean, bounds[1] * mean
    if not low <= read <= high:
        raise BadInput(
            f"The batch has {read:,} rows, earlier ones had {mean:,.0f} on average and the contract allows "
            f"{low:,.0f} to {high:,.0f}. Nothing was stored: check the source, or widen contract.volume."
        )


def _claimed(sound: pd.DataFrame, known: Mapping[str, str]) -> tuple[dict[Any, str], dict[Any, bool]]:
    """The text digest of each row, and of each row whose id is free or its own: was it there before?"""
    digests = {row: digest_text(text) for row, text in sound["text"].items()}
    repeated: dict[Any, bool] = {}
    seen: dict[str, str] = {}
    for row, own in sound["id"].items():
        earlier = seen.get(own) or known.get(own)
        if earlier in {None, digests[row]}:
            seen[own], repeated[row] = digests[row], earlier is not None
    return digests, repeated


def _broken(frame: pd.DataFrame, contract: Contract, now: datetime) -> "pd.Series[Any]":
    """The first reason of each row, None where it has none; duplicates are not looked for."""
    from pandera.errors import SchemaErrors

    reasons = frame["fault"].map(lambda fault: fault.partition(": ")[0], na_action="ignore").astype(object)
    reasons = reasons.where(reasons.notna(), None)
    try:
        _schema(contract, now).validate(_measured(frame, contract), lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        place = cases["check"].map(REASONS.index)
        first = place.groupby(cases["index"]).min()
        for row, reason in first.items():
            reasons[row] = reasons[row] or REASONS[int(reason)]
    return reasons


def _schema(contract: Contract, now: datetime) -> "DataFrameSchema":
    """The contract in pandera, over what was measured: texts themselves may hold what no library can print."""
    from pandera.pandas import Check, Column, DataFrameSchema

    utc = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    latest = np.datetime64(utc + contract.max_future, "s")
    lengths = [
        Check.ge(1, error="empty_text"),
        Check.ge(contract.min_characters, error="too_short"),
        Check.le(contract.max_characters, error="too_long"),
    ]
    return DataFrameSchema(
        {
            "has_text": Column(bool, Check.eq(True, error="missing_text")),  # noqa: FBT003  # pandera's signature
            "characters": Column(float, lengths, nullable=True),
            "damage": Column(float, Check.le(contract.max_replaced, error="encoding")),
            "timestamp": Column("datetime64[s]", Check.le(latest, error="future_timestamp"), nullable=True),
            "allowed_label": Column(bool, Check.eq(True, error="unknown_label")),  # noqa: FBT003
        }
    )


def _measured(frame: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """The facts the schema bounds; a row that could not be read passes, its fault is reason enough."""
    readable = frame["fault"].isna()
    allowed = frame["label"].isna() | frame["label"].isin(contract.labels or ()) | (contract.labels is None)
    characters = [len(text.strip()) if isinstance(text, str) else np.nan for text in frame["text"]]
    damage = [_damage(row) for row in zip(frame["text"], frame["id"], frame["label"], frame["metadata"], strict=True)]
    return pd.DataFrame(
        {
            "has_text": frame["text"].notna() | ~readable,
            "characters": pd.Series(characters, index=frame.index, dtype=float),
            "damage": pd.Series(damage, index=frame.index, dtype=float),
            "timestamp": frame["timestamp"],
            "allowed_label": allowed,
        }
    )


def _damage(row: tuple[Any, ...]) -> float:
    """1 where a cell cannot be stored as Unicode text, else the share of U+FFFD in the first cell."""
    cells = [cell for cell in row if isinstance(cell, str)]
    if any(unstorable(cell) for cell in cells):
        return 1.0
    return row[0].count("\ufffd") / len(row[0]) if row[0] else 0.0
