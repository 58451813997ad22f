"""A trained demo: what the benchmarks of serving stand on."""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from benchmarks.corpora import ROOT
from benchmarks.measure import measure
from benchmarks.overhead import CONFIG, direct
from evertopic.prediction.predictor import Predictor


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `demo_at` takes: --home and --embed."""
    parser.add_argument("--home", type=Path, help="EVERTOPIC_HOME with a trained demo; default: trained now")
    parser.add_argument("--embed", type=json.loads, help="to train it with: a section of the config as JSON")


@contextmanager
def demo_at(home: Path | None, embed: Mapping[str, Any] | None) -> Iterator[Path]:
    """The home of a trained demo: this one, or a temporary one where it is trained now, by this encoder if given."""
    if home is not None:
        yield home.resolve()
        return
    with tempfile.TemporaryDirectory() as fresh:
        print("Training the demo ...", flush=True)
        measure(direct, fresh, str(written(Path(fresh), {"embed": embed} if embed else {})))
        yield Path(fresh)


def written(folder: Path, sections: Mapping[str, Any]) -> Path:
    """The demo's config with these sections instead of its own, as a file in `folder`."""
    content = yaml.safe_load((ROOT / CONFIG).read_text(encoding="utf-8"))
    path = folder / "demo.yaml"
    path.write_text(yaml.safe_dump({**content, **sections}), encoding="utf-8")
    return path


def champion_of(home: Path) -> Predictor:
    """The demo's champion, loaded as everything in the product loads it; no memory in front of its encoder."""
    from evertopic.environment import read_environment
    from evertopic.storage.registry import CHAMPION, open_registry

    place = read_environment({**os.environ, "EVERTOPIC_HOME": str(home)}, ROOT)
    registry = open_registry(place.tracking_uri, place.artifacts_url)
    version = registry.resolve(f"demo@{CHAMPION}")
    with tempfile.TemporaryDirectory() as folder:
        return Predictor.load(registry.fetch(version.model_uri, Path(folder) / "bundle"))
