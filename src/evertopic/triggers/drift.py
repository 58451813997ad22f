"""What comes in is no longer what the model was trained on."""

from typing import Annotated, Literal, get_args

from pydantic import Field, PositiveInt

from evertopic.records import About, DriftReport, Evaluation, Level, Situation
from evertopic.triggers.base import Priority, TriggerKind, counted, percent

LEVELS: tuple[Level, ...] = get_args(Level)


class Drift(TriggerKind):
    """Fires when enough detectors say drift, in so many checks in a row."""

    kind: Literal["drift"] = "drift"
    about: Annotated[tuple[About, ...], Field(min_length=1)] = ("new subject",)
    """Other proportions are not among them: an ordinary busy week changes proportions."""
    votes: PositiveInt = 1
    """Detectors that must say drift."""
    checks: PositiveInt = 1
    """Checks in a row in which they must."""
    level: Level = "low"
    """A verdict below this level does not count."""
    priority: Priority = 1

    def evaluate(self, situation: Situation) -> Evaluation:
        """Fires when each of the last `checks` checks has `votes` votes. `value`: the fewest among them.

        A check in which all detectors refused (an empty window, too few documents) says nothing: the newest one must
        speak, earlier silent ones are passed over.
        """
        named = " or ".join(self.about)
        if not situation.drift or not self._speaks(situation.drift[0]):
            why = self._refusal(situation) or f"No check of version {situation.version} has looked for {named} yet."
            return self.says(why, fired=False, value=None, threshold=self.votes)
        last = [report for report in situation.drift if self._speaks(report)][: self.checks]
        votes = [self._votes(report) for report in last]
        fired = len(last) == self.checks and min(votes) >= self.votes
        reason = (
            f"{counted(votes[0], 'detector')} of {self._asked(last[0])} said {named}, at level {self.level} or above "
            f"({self.votes} needed){self._row(votes)}.{self._heard(last[0])}"
        )
        return self.says(reason, fired=fired, value=min(votes), threshold=self.votes)

    def _votes(self, report: DriftReport) -> int:
        return sum(
            verdict.drifted and verdict.about in self.about and LEVELS.index(verdict.level) >= LEVELS.index(self.level)
            for verdict in report.verdicts
        )

    def _asked(self, report: DriftReport) -> int:
        return sum(verdict.about in self.about and verdict.state != "refused" for verdict in report.verdicts)

    def _speaks(self, report: DriftReport) -> bool:
        return self._asked(report) > 0

    def _row(self, votes: list[int]) -> str:
        if self.checks == 1:
            return ""
        row = next((at for at, found in enumerate(votes) if found < self.votes), len(votes))
        return f", in {counted(row, 'check')} in a row ({self.checks} needed)"

    def _heard(self, report: DriftReport) -> str:
        """The words of the detector that counts most."""
        own = [verdict for verdict in report.verdicts if verdict.about in self.about and verdict.state != "refused"]
        heard = max(own, key=lambda verdict: (verdict.drifted, LEVELS.index(verdict.level), verdict.size or 0))
        size = "" if heard.size is None else f" About {percent(heard.size)} of the window is concerned."
        return f" {heard.said}{size if heard.drifted else ''}"

    def _refusal(self, situation: Situation) -> str | None:
        verdicts = situation.drift[0].verdicts if situation.drift else ()
        said = next((verdict.said for verdict in verdicts if verdict.about in self.about), None)
        return None if said is None else f"The last check could not tell: {said}"
