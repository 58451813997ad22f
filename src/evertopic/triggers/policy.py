"""One retraining at a time, and not too often: what to do when the triggers have spoken."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from evertopic.records import Action, Episode, Evaluation

Span = Annotated[timedelta, Field(ge=timedelta(0))]
WEEK = timedelta(days=7)


class RetrainRule(BaseModel):
    """How often a loop may be retrained, and how failures are answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cool_down: Span = timedelta(days=1)
    """After a retraining ended, however it did."""
    weekly_budget: PositiveInt = 3
    """Retrainings that may begin in seven days."""
    max_attempts: PositiveInt = 3
    """Of one retraining."""
    back_off: Span = timedelta(minutes=10)
    """After the first failure; doubled after each further one."""
    longest_back_off: Span = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Course:
    """What to do, and why in a sentence or two; empty for nothing."""

    action: Action
    reason: str


def course(
    rule: RetrainRule, evaluations: Sequence[Evaluation], episodes: Sequence[Episode], now: datetime, *, fired: bool
) -> Course:
    """What to do about one loop.

    Args:
        rule: of the config.
        evaluations: what the triggers said; a person's request passes cool-down, budget and back-off, but not the
            retraining that is open.
        episodes: of the loop, the last seven days' at least; the open one and the last one at any age.
        now: the time.
        fired: the triggers together.

    Times after `now` (a clock was set back) count as now: the whole wait begins again, and ends.
    """
    past = sorted((as_of(episode, now) for episode in episodes), key=lambda one: one.opened_at)
    asked = any(one.trigger == "manual" and one.fired for one in evaluations)
    opened = next((episode for episode in past if episode.state == "open"), None)
    if opened is not None:
        return going_on(rule, opened, now, asked=asked)
    if not fired:
        return Course("nothing", "")
    if asked:
        return Course("request", "A retraining is asked for: cool-down and weekly budget do not count for a person.")
    return _allowed(rule, past, now) or Course("request", "A retraining is asked for.")


def going_on(rule: RetrainRule, episode: Episode, now: datetime, *, asked: bool = False) -> Course:
    """What to do about a loop whose retraining is open."""
    since = f"The retraining opened {_told(episode.opened_at)}"
    if episode.failed_at is None:
        if episode.attempts == 0:
            return Course("open", f"{since} waits to be asked for.")
        return Course("open", f"{since} is asked for or running already, attempt {episode.attempts}.")
    failed = f"{since} failed {_told(episode.failed_at)}, attempt {episode.attempts} of {rule.max_attempts}"
    if asked:
        return Course("request", f"{failed}. A person asked, so it is tried again now.")
    if episode.attempts >= rule.max_attempts:
        return Course("gave up", f"{failed}: {episode.outcome or 'no reason is known'}")
    again = min(episode.failed_at, now) + back_off(rule, episode.attempts)
    if now < again:
        return Course("backing off", f"{failed}; it is tried again from {_told(again)} on.")
    return Course("request", f"{failed}; the wait is over, it is tried again.")


def back_off(rule: RetrainRule, failures: int) -> timedelta:
    """How long to wait after so many failures in a row.

    >>> [str(back_off(RetrainRule(), failures)) for failures in (1, 2, 3, 50)]
    ['0:10:00', '0:20:00', '0:40:00', '1 day, 0:00:00']
    """
    doubled: timedelta = rule.back_off * 2 ** min(max(failures - 1, 0), 20)
    return min(doubled, rule.longest_back_off)


def as_of(episode: Episode, now: datetime) -> Episode:
    """The episode, its times no later than now."""
    return replace(
        episode,
        opened_at=min(episode.opened_at, now),
        requested_at=episode.requested_at and min(episode.requested_at, now),
        failed_at=episode.failed_at and min(episode.failed_at, now),
        closed_at=episode.closed_at and min(episode.closed_at, now),
    )


def _allowed(rule: RetrainRule, past: Sequence[Episode], now: datetime) -> Course | None:
    """Why a retraining must wait; None: it need not."""
    closed = [(episode.closed_at, episode) for episode in past if episode.closed_at is not None]
    if closed:
        at, last = max(closed, key=lambda pair: pair[0])
        if now < at + rule.cool_down:
            action: Action = "gave up" if last.state == "gave up" else "cooling down"
            ended = f"The last retraining ended {_told(at)} ({last.outcome or 'no outcome is known'})"
            return Course(action, f"{ended}: the next one may begin from {_told(at + rule.cool_down)} on.")
    lately = [episode for episode in past if episode.opened_at > now - WEEK]
    if len(lately) >= rule.weekly_budget:
        free = lately[-rule.weekly_budget].opened_at + WEEK
        many = f"{len(lately)} retrainings in the last seven days, the budget is {rule.weekly_budget}"
        return Course("over budget", f"{many}: the next one may begin from {_told(free)} on.")
    return None


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
