"""A project of its own for a demonstration: this one's code, another loop, another home, other ports."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
LOOP = "news"
BORROWED = ("flows", "tasks", "serving", "prefect.toml")
DEPLOYED = ("monitor", "retrain", "promote", "train")


@dataclass(frozen=True, slots=True)
class Demo:
    """The folder of the demonstration."""

    root: Path

    @property
    def home(self) -> Path:
        """Where everything that is made lies."""
        return self.root / ".evertopic"

    @property
    def config(self) -> Path:
        """The config of the loop."""
        return self.root / "configs" / f"{LOOP}.yaml"


def make(root: Path, settings: dict[str, Any]) -> Demo:
    """A fresh project in `root`, which is emptied first: one loop, and deployments named after it."""
    shutil.rmtree(root, ignore_errors=True)
    (root / "configs").mkdir(parents=True)
    for name in BORROWED:
        (root / name).symlink_to(ROOT / name)
    demo = Demo(root)
    demo.config.write_text(yaml.safe_dump({"name": LOOP} | settings, sort_keys=False), encoding="utf-8")
    (root / "prefect.yaml").write_text(yaml.safe_dump(_deployments(), sort_keys=False), encoding="utf-8")
    return demo


def _deployments() -> dict[str, Any]:
    """This project's deployments for the loop of the demonstration, without schedules: it asks for every run itself."""
    own: dict[str, Any] = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    kept = []
    for one in own["deployments"]:
        flow = one["entrypoint"].rpartition(".")[2]
        if flow in DEPLOYED:
            given = {**one["parameters"], "config": f"configs/{LOOP}.yaml"}
            kept.append(one | {"name": LOOP, "parameters": given, "schedules": [], "tags": [flow, LOOP]})
    return own | {"deployments": kept}
