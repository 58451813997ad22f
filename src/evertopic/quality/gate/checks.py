"""The checks of the gate, one by one: value, threshold, verdict, and a sentence."""

from dataclasses import dataclass

from evertopic.quality.gate.paired import Paired
from evertopic.records import GateCheck, Interval

CHANCE = 0.05
"""Below it, chance is no explanation."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a challenger has shown, beside the champion; None: it could not be measured, or there is no champion."""

    quality: Paired | None
    measures: tuple[Paired, ...]
    """The parts of the quality, for the reader."""
    held_out: int
    foreign: bool
    """Whether the champion was fitted on some of the held-out documents, because too few others are there."""
    refits: int
    """Fits that differ from the challenger in the seed alone."""
    stability: Interval | None
    recent: int
    unassigned: Interval | None
    """Share of the recent documents that the challenger leaves without a topic."""
    unassigned_before: Interval | None
    """The same of the champion."""
    covered: Paired | None
    """Share without a topic, on recent documents that neither was fitted on."""
    covered_p: float
    """That the challenger leaves out so many fewer by chance."""
    churn: Interval | None
    baseline: Paired | None
    behaviour: tuple[tuple[str, bool, str], ...]
    """(what was tried, whether it went well, what was found)."""
    p95_ms: float
    memory_mb: float
    size_mb: float
    parity: float
    parity_required: float
    corrections: tuple[int, int, int]
    """Texts that people corrected; of them answered as they said, and answered so by the champion."""
    rolled_back: str | None
    """When and why this version was rolled back; None: it never was."""
    churn_known: Interval | None = None
    """Share of the recent documents that lose their topic or change it for one that the champion had."""
    close: Paired | None = None
    """Mean cosine of the recent documents to the centroid of their best topic; None: other encoders."""


def _check(name: str, value: float | None, threshold: float | None, passed: bool, said: str) -> GateCheck:  # noqa: FBT001
    return GateCheck(name, value, threshold, "passed" if passed else "failed", said)


def _skipped(name: str, said: str) -> GateCheck:
    return GateCheck(name, None, None, "skipped", said)


def _ground(shown: Shown) -> str:
    foreign = ", some of which the champion was fitted on (too few others are there)" if shown.foreign else ""
    return f"on {shown.held_out} held-out documents{foreign}"


def _range(one: Interval) -> str:
    return f"{one.value:+.3f} (95 % {one.low:+.3f} to {one.high:+.3f})"


def quality(shown: Shown, margin: float) -> GateCheck:
    """Whether the challenger is not worse than the champion."""
    if shown.quality is None:
        return _skipped("quality", "There is no champion to be compared with.")
    found = shown.quality.difference
    said = (
        f"Quality goes from {shown.quality.before:.3f} to {shown.quality.after:.3f} {_ground(shown)}: {_range(found)}; "
        f"asked for: not wholly below {-margin:+.3f}."
    )
    return _check("quality", found.value, -margin, found.high >= -margin, said)


def better(shown: Shown, gain: float) -> GateCheck:
    """Whether it is better by enough, beyond the noise of documents and of seeds."""
    if shown.quality is None:
        return _skipped("better", "There is no champion to be compared with.")
    found = shown.quality.difference
    if shown.quality.by_seeds is None:
        said = f"How far another seed moves the quality is not known ({shown.refits} fit): nothing is better beyond it."
        return GateCheck("better", found.value, gain, "failed", said)
    verb = "is" if found.low > gain else "is not"
    said = (
        f"The challenger {verb} better by {gain:.3f} beyond noise: quality {_range(found)}, measured {_ground(shown)}, "
        f"with the noise of {shown.refits} fits under other seeds ({shown.quality.by_seeds:.3f})."
    )
    return _check("better", found.low, gain, found.low > gain, said)


def _covers(shown: Shown) -> bool:
    """Whether the challenger leaves out fewer of the recent documents beyond the noise of documents and of seeds."""
    if shown.covered is None or shown.covered.by_seeds is None:
        return False
    return shown.covered.difference.high < 0 and shown.covered_p < CHANCE


def _told(shown: Shown) -> str:
    if shown.covered is None:
        return "How well the recent documents are covered was not measured."
    return (
        f"Without a topic were {shown.covered.before:.1%} of the recent documents, now {shown.covered.after:.1%}: "
        f"{_range(shown.covered.difference)}."
    )


def budget(shown: Shown, budget: float) -> GateCheck:
    """Whether the champion fails its own outlier budget lately, and the challenger covers more."""
    before = shown.unassigned_before
    if before is None:
        return _skipped("budget", "There is no champion, or no recent document.")
    if before.low <= budget:
        return _skipped(
            "budget", f"The champion keeps its budget: {before.value:.1%} unassigned, {budget:.0%} allowed."
        )
    over = f"The champion leaves {before.value:.1%} of {shown.recent} recent documents without a topic"
    said = f"{over}, {budget:.0%} allowed. {_told(shown)}"
    return _check("budget", before.low, budget, _covers(shown), said)


def subject(shown: Shown, *, subject: bool, nearer: float) -> GateCheck:
    """Whether the challenger has a place for a new subject: recent documents are nearer to their topics."""
    if not subject:
        return _skipped("new subject", "No open episode says that a new subject has arrived.")
    if shown.close is None or shown.close.by_seeds is None:
        return _check("new subject", 1.0, 0.0, _covers(shown), f"A new subject has arrived. {_told(shown)}")
    found = shown.close.difference
    said = (
        f"A new subject has arrived. Recent documents that neither was fitted on have a cosine of "
        f"{shown.close.before:.3f} to their topics, now {shown.close.after:.3f}: {_range(found)}; asked for: wholly "
        f"above {nearer:.3f}."
    )
    return _check("new subject", found.low, nearer, found.low > nearer, said)


def stability(shown: Shown, least: float) -> GateCheck:
    """Whether other seeds give much the same topics."""
    if shown.stability is None:
        return _skipped("stability", "No fit with another seed is in the lake.")
    said = f"Fits with other seeds agree to {shown.stability.value:.2f} with it; at least {least:.2f} asked for."
    return _check("stability", shown.stability.value, least, shown.stability.value >= least, said)


def unassigned(shown: Shown, most: float) -> GateCheck:
    """Whether it keeps the outlier budget on recent documents."""
    now, before = shown.unassigned, shown.unassigned_before
    if now is None:
        return _skipped("unassigned", "There is no recent document.")
    said = f"{now.value:.1%} of {shown.recent} recent documents get no topic (95 % {now.low:.1%} to {now.high:.1%})"
    fewer = before is not None and now.value <= before.value
    said += (
        f"; {most:.0%} allowed, or as many as the champion's {before.value:.1%}."
        if before
        else f"; {most:.0%} allowed."
    )
    return _check("unassigned", now.value, most, now.low <= most or fewer, said)


def churn(shown: Shown, most: float, *, subject: bool) -> GateCheck:
    """Whether most recent documents keep their topic; a new subject may take its documents to a new one."""
    found = shown.churn_known if subject else shown.churn
    if found is None:
        return _skipped("churn", "There is no champion, or no recent document.")
    one = "one that the champion had" if subject else "another"
    said = (
        f"{found.value:.1%} of {shown.recent} recent documents lose their topic or change it for {one} "
        f"(95 % {found.low:.1%} to {found.high:.1%}); allowed: not wholly above {most:.0%}."
    )
    return _check("churn", found.low, most, found.low <= most, said)


def behaviour(shown: Shown) -> GateCheck:
    """Whether it answered everything that was tried as a sound model does."""
    bad = [f"{name}: {found}" for name, well, found in shown.behaviour if not well]
    said = "; ".join(bad) + "." if bad else f"All well: {', '.join(name for name, _, _ in shown.behaviour)}."
    return _check("behaviour", float(len(bad)), 0.0, not bad, said)


def baseline(shown: Shown, lag: float) -> GateCheck:
    """Whether it beats the baseline, or lies behind it by no more than is allowed."""
    if shown.baseline is None:
        return _skipped("baseline", "The search it comes from is not in this lake: there is no baseline to beat.")
    found = shown.baseline.difference
    verb = "beats" if found.value > 0 else "does not beat"
    both = f"{shown.baseline.after:.3f} against {shown.baseline.before:.3f}"
    said = f"It {verb} the baseline (NMF): quality {both}, {_range(found)}; allowed: {-lag:+.3f}."
    return _check("baseline", found.high, -lag, found.high >= -lag, said)


def least(name: str, value: float, threshold: float, what: str) -> GateCheck:
    """Whether a share is large enough."""
    return _check(
        name, value, threshold, value >= threshold, f"{value:.2%} {what}; at least {threshold:.2%} asked for."
    )


def most(name: str, value: float, threshold: float, what: str) -> GateCheck:
    """Whether a number is small enough."""
    return _check(name, value, threshold, value <= threshold, f"{value:.0f} {what}; at most {threshold:.0f} allowed.")


def corrections(shown: Shown, least: float) -> GateCheck:
    """Whether it answers as people said."""
    texts, now, before = shown.corrections
    if not texts:
        return _skipped("corrections", "Nobody has corrected an answer.")
    said = f"Of {texts} texts that people corrected it answers {now} as they said, the champion {before}."
    return _check("corrections", now / texts, least, now / texts >= least or now >= before, said)


def history(shown: Shown) -> GateCheck:
    """Whether it was never rolled back."""
    if shown.rolled_back is None:
        return _check("history", None, None, passed=True, said="This version was never rolled back.")
    said = f"{shown.rolled_back} Whoever wants it all the same says `evertopic rollback --to` its version."
    return GateCheck("history", None, None, "failed", said)
