"""The whole loop in minutes, asserted: `make drift-demo`.

Trains on the news of gensim without sport, serves, watches ordinary traffic (no alarm), then sport arrives: drift is
raised and names what moved it, one retraining runs, its model passes the gate and answers, a notification arrives,
and a rollback brings the old answers back.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console

from demos.inbox import Inbox, inbox
from demos.postgres import databases
from demos.project import ROOT, Demo, make
from demos.system import System, running
from demos.withheld import Parts, parts, write


class Failed(AssertionError):
    """The demonstration showed something else than it should."""


class Story:
    """Tells what is seen, and stops at what should not be."""

    def __init__(self) -> None:
        self.console, self.started = Console(highlight=False), monotonic()

    def say(self, text: str) -> None:
        """One line, with the seconds since the beginning."""
        self.console.print(f"[dim]{monotonic() - self.started:6.0f} s[/]  {text}")

    def expect(self, seen: bool, what: str, found: object = "") -> None:  # noqa: FBT001 - it reads as a sentence
        """Goes on where it was seen.

        Raises:
            Failed: it was not; with what was found instead.
        """
        self.console.print(f"          {'[green]✓[/]' if seen else '[red]✗[/]'} {what}")
        if not seen:
            raise Failed(f"Expected: {what}. Found: {found}")


def main() -> int:
    """0 when all was seen as it should be."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, default=ROOT / ".evertopic" / "drift-demo")
    options.add_argument("--ports", type=int, default=4600, help="the first of three free ports")
    options.add_argument("--postgres", help="postgresql://USER@HOST:PORT, for store, MLflow and Prefect")
    options.add_argument("--keep", action="store_true", help="go on running at the end, to look at the pages")
    given = options.parse_args()
    story, (texts, demo) = Story(), prepared(given.folder)
    with inbox() as received, databases(given.postgres) as places:
        told = {"EVERTOPIC_NOTIFY": received.url(), **places}
        with running(demo, given.ports, os.environ, told) as system:
            return _played(story, system, texts, received, keep=given.keep)


def _played(story: Story, system: System, texts: Parts, received: Inbox, *, keep: bool) -> int:
    try:
        play(story, system, texts, received)
    except Failed as failure:
        story.console.print(f"[red]{failure}[/]")
        return 1
    story.say(f"Done. Pages: {system.prefect}, {system.mlflow}, {system.demo.home}/lake (checks, gates, releases)")
    if keep:
        story.say("Ctrl-C ends it.")
        system.wait()
    return 0


def prepared(folder: Path) -> tuple[Parts, Demo]:
    """The texts, and a project that trains on the first part of them."""
    texts = parts()
    # Two hundred documents measure quality to 0.06 either way: a margin below that would decide by chance.
    demo = make(folder, {"source": {"kind": "csv", "path": "data/trained.csv"}, "gate": {"margin": 0.05}})
    write(texts.trained, demo.root / "data" / "trained.csv")
    return texts, demo


def play(story: Story, system: System, texts: Parts, received: Inbox) -> None:
    """All of it, in order.

    Raises:
        Failed: at the first thing that is not as it should be.
    """
    story.say("Prefect, MLflow, a worker and the API are up. A model is trained on news without sport.")
    system.run_deployment("train")
    system.await_api()
    first = system.model()
    story.expect(first["version"] == 1, "version 1 is the champion and answers", first)
    story.say(f"{len(texts.ordinary)} ordinary news are asked about; a check looks at them.")
    system.ask(texts.ordinary)
    system.run_deployment("monitor")
    quiet = system.last_decision()
    story.expect(quiet["action"] == "nothing" and not quiet["fired"], "no alarm, and the reasons are kept", quiet)
    before = sport_arrives(story, system, texts.sport)
    released(story, system, texts.sport, before, received)
    rolled_back(story, system, texts.sport, before)


def sport_arrives(story: Story, system: System, sport: Sequence[str]) -> list[Any]:
    """The answers of version 1 to a subject it does not know; drift, named, and one retraining of two checks."""
    story.say(f"Sport arrives: {len(sport)} news. Two checks look at them, one after the other.")
    answers = system.ask(sport)
    system.run_deployment("monitor")
    check = system.last_check()
    verdict = next(one for one in check["drift"]["verdicts"] if one["detector"] == "novelty")
    story.expect(verdict["state"] == "drift", f"drift: {verdict['said']}", verdict)
    named = system.texts_of(check, verdict["documents"])
    hits = sum(text in set(sport) for text in named)
    story.expect(hits >= 0.8 * len(named) > 0, f"{hits} of {len(named)} documents that it names are sport", named)
    story.expect(bool(verdict["topics"]), "the topics they were put in are named", verdict)
    decision = system.last_decision()
    story.expect(decision["action"] == "request", "a retraining was asked for", decision)
    system.run_deployment("monitor")
    system.await_retraining()
    runs = system.runs_of("retrain")
    story.expect(len(runs) == 1, "exactly one retraining ran", runs)
    return answers


def released(story: Story, system: System, sport: Sequence[str], before: list[Any], received: Inbox) -> None:
    """The gate, the alias, the API, the notification."""
    told = system.releases()
    story.expect(told[0]["action"] == "promoted", f"the gate let it pass: {told[0]['why']}", told)
    story.expect("API" in (told[0]["verified"] or ""), f"the canary set: {told[0]['verified']}", told)
    now = system.model()
    story.expect(now["version"] == 2, "the running API answers with version 2", now)
    after = system.ask(sport)
    moved = sum(one["key"] != other["key"] for one, other in zip(before, after, strict=True))
    commonest = max({one["key"] for one in after if one["key"]}, key=lambda key: sum(a["key"] == key for a in after))
    share = sum(one["key"] == commonest for one in after) / len(after)
    story.expect(moved > 0, f"{moved} of {len(after)} sport news have another topic than before", after)
    story.expect(
        commonest not in {one["key"] for one in before}, f"{share:.0%} of them one that version 1 did not have", after
    )
    titles = [message["title"] for message in received.messages]
    wanted = ("retraining was asked for", "is the champion")
    story.expect(all(any(part in title for title in titles) for part in wanted), f"told: {'; '.join(titles)}", titles)


def rolled_back(story: Story, system: System, sport: Sequence[str], before: list[Any]) -> None:
    """The way back, by one command."""
    story.say("Rolled back.")
    seconds = system.roll_back()
    story.expect(seconds <= 10, f"{seconds:.1f} s to the first old answer", seconds)
    answers = system.ask(sport)
    same = [one["key"] == other["key"] for one, other in zip(before, answers, strict=True)]
    story.expect(all(same), f"all {len(same)} answers are those of version 1 again", same)


if __name__ == "__main__":
    sys.exit(main())
