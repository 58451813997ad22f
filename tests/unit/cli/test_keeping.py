"""A program that ends by itself is started again, and one that keeps ending is not started again and again."""

from evertopic.cli.keeping import STEADY_S, Kept, stop_all
from evertopic.errors import EvertopicError, Unavailable


class Program:
    """A program that ends when a test says so."""

    def __init__(self, name: str = "worker") -> None:
        self.name = name
        self.alive = True
        self.stops = 0

    def running(self) -> bool:
        """Until it has ended."""
        return self.alive

    def ended(self) -> EvertopicError:
        """With its last words."""
        return Unavailable(f"{self.name} ended with code -9.")

    def stop(self, patience_s: float) -> None:
        """It and what it started."""
        assert patience_s > 0
        self.stops += 1
        self.alive = False


def kept() -> tuple[Kept, list[Program]]:
    """One program that was started at 0 seconds, and all that will be started in its place."""
    started: list[Program] = []

    def start() -> Program:
        started.append(Program())
        return started[-1]

    return Kept(start, start(), since=0.0), started


def test_what_runs_is_left_alone() -> None:
    """Looking at a program that runs does nothing and says nothing."""
    one, started = kept()
    said: list[str] = []
    assert not one.look(5.0, said.append)
    assert (len(started), said) == (1, [])


def test_an_end_is_told_once_and_mended() -> None:
    """It is said that and how it ended; a second later, what it left is cleared away and it is started again."""
    one, started = kept()
    said: list[str] = []
    started[0].alive = False
    assert not one.look(10.0, said.append)
    assert not one.look(10.5, said.append)
    assert one.look(11.0, said.append)
    assert said == ["worker ended with code -9.\nIt is started again in 1 s."]
    assert started[0].stops == 1
    assert one.service is started[1]


def test_one_that_keeps_ending_waits_longer_each_time() -> None:
    """1, 2, 4 ... 60 seconds, 60 for ever; who ran well for two minutes begins anew at 1."""
    one, started = kept()
    now, waits = 0.0, []
    for _ in range(8):
        started[-1].alive = False
        one.look(now, lambda _: None)
        assert one.due is not None
        waits.append(one.due - now)
        now = one.due
        assert one.look(now, lambda _: None)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    started[-1].alive = False
    one.look(now + STEADY_S, lambda _: None)
    assert one.due == now + STEADY_S + 1


def test_the_last_is_stopped_first() -> None:
    """The worker goes before the server it reports to, and what is due after its end comes before the server's."""
    said: list[str] = []
    system = [Kept(Program, Program(name), 0.0) for name in ("server", "mlflow", "worker")]
    stop_all(system, said.append, lambda name: said.append(f"after {name}"))
    assert said == [
        "Stopping worker", "after worker", "Stopping mlflow", "after mlflow", "Stopping server", "after server",
    ]  # fmt: skip
