"""What one version says to texts that other versions have answered, so that trends are told by one model."""

from collections.abc import Callable
from datetime import datetime

from evertopic.prediction.predictor import Predictor
from evertopic.records import Restated, Restatement
from evertopic.storage.store.trends import TrendStore

AT_ONCE = 500


def restate(
    trends: TrendStore,
    predictor: Predictor,
    loop: str,
    version: int,
    since: datetime,
    tell: Callable[[int], None] = lambda _: None,
) -> Restated:
    """What was restated: every answer since then that another version gave and whose text was kept.

    A part at a time, each at rest before the next: a killed run is gone on with by the next one, and what is restated
    stays as it is. Texts that were kept redacted are restated from what was kept.

    Args:
        trends: where answers are found and restatements go.
        predictor: of the version, rules and edits included.
        loop: whose answers.
        version: its number.
        since: older answers are left as they are.
        tell: told after each part how many were restated so far.
    """
    done, after = 0, None
    while part := trends.pending(loop, version, since, after=after, limit=AT_ONCE):
        answers = predictor.predict([one.text for one in part])
        done += trends.add(
            [
                Restatement(one.id, version, loop, one.at, answer.key, answer.name, answer.strength)
                for one, answer in zip(part, answers, strict=True)
            ]
        )
        after = part[-1]
        tell(done)
    return Restated(version, since, done, trends.without_text(loop, version, since))
