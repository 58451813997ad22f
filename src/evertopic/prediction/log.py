"""What is kept of a prediction, and how it is called."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from evertopic.digests import digest_text
from evertopic.prediction.redaction import redact
from evertopic.records import LoggedPrediction, Prediction
from evertopic.storage.store.rows import spelled

if TYPE_CHECKING:
    from evertopic.prediction.loading import Model

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LogRule(BaseModel):
    """What the prediction log keeps, and for how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Literal["full", "redacted", "digest"] = "full"
    """The text as it came; without e-mail, phone, card, IP and IBAN numbers (names of persons stay); or its digest."""
    retention_days: Annotated[int, Field(ge=1)] | None = 90
    """Older predictions and their feedback are deleted; None: never."""
    memory: PositiveInt = 10_000
    """Predictions kept in memory while neither the database nor the disk takes them; more are lost, and counted."""


def new_id(at: datetime, randomness: Random) -> str:
    """A new UUID of version 7: ids sort as their times do, to the microsecond; 62 bits are drawn.

    Pass `random.SystemRandom()` in production. Source: RFC 9562, section 6.2, method 3.

    Args:
        at: now, with a zone, not before 1970.
        randomness: where the bits come from.
    """
    milliseconds, rest = divmod((at - EPOCH) // timedelta(microseconds=1), 1000)
    bits = milliseconds << 80 | 7 << 76 | (rest * 4096 // 1000) << 64 | 2 << 62 | randomness.getrandbits(62)
    return str(UUID(int=bits))


def logged(
    prediction: Prediction,
    text: str,
    *,
    id: str,  # noqa: A002
    at: datetime,
    loop: str,
    source: Literal["api", "batch", "cli"],
    by: str,
    model: "Model",
    rule: LogRule,
) -> LoggedPrediction:
    """What the log keeps of an answer to `text`, the text as `rule` says.

    What no database takes (NUL, half characters) is spelled out; the digest is that of the text as it came.

    `text` is what was asked, in full; see `new_id` for `id`, `LoggedPrediction` for the rest.
    """
    overruled = prediction.overruled
    own = overruled or prediction
    return LoggedPrediction(
        id=id,
        loop=loop,
        at=at,
        source=source,
        by=by,
        model=model.version.name,
        version=model.version.version,
        alias=model.alias,
        text=_kept(text, rule),
        text_digest=digest_text(text),
        key=prediction.key,
        name=prediction.name,
        strength=prediction.strength,
        alternatives=prediction.alternatives,
        remark=prediction.remark,
        rule=overruled.rule if overruled else None,
        model_key=own.key,
        model_name=own.name,
        model_strength=own.strength,
        edit=overruled.edit if overruled else None,
    )


def _kept(text: str, rule: LogRule) -> str | None:
    if rule.text == "digest":
        return None
    return spelled(redact(text) if rule.text == "redacted" else text)
