"""A loop with nothing but a store, and a clock that stands where it is put."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from evertopic.config import LoopConfig, parse_config
from evertopic.environment import read_environment
from tasks.job import Job
from tests.unit.triggers.situations import NOW


def config(root: Path, **changes: Any) -> LoopConfig:
    """The config of the loop `news`."""
    return parse_config({"name": "news", "source": {"kind": "bundled"}} | changes, "the config of this test", root)


def job(root: Path, store_url: str, **changes: Any) -> Job:
    """A run of it, at NOW."""
    variables = {"EVERTOPIC_HOME": str(root / "home"), "EVERTOPIC_STORE": store_url}
    return Job(config(root, **changes), read_environment(variables, root), NOW)


@dataclass
class Watch:
    """A clock."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """The time."""
        return self.now

    def on(self, **by: float) -> datetime:
        """The time, so much later, from now on."""
        self.now += timedelta(**by)
        return self.now
