"""Each artefact is made once."""

from pathlib import Path

import pytest

from evertopic.records import LayoutRef
from evertopic.storage.lake import Lake
from tasks.artefact import once, seconds


def test_made_once(tmp_path: Path) -> None:
    """The second call finds the ref and makes nothing; the seconds of the first stay."""
    lake, made = Lake(str(tmp_path)), []

    def make(key: str) -> LayoutRef:
        made.append(key)
        lake.write_text(f"{key}/points.txt", "points")
        return LayoutRef(key, "d")

    assert once(lake, "layouts/d", LayoutRef, make) == once(lake, "layouts/d", LayoutRef, make)
    assert made == ["layouts/d"]
    assert seconds(lake, "layouts/d") >= 0


def test_ref_comes_last(tmp_path: Path) -> None:
    """What fails half way has no ref, and is made again by the next call."""
    lake = Lake(str(tmp_path))

    def fail(key: str) -> LayoutRef:
        lake.write_text(f"{key}/half.txt", "half")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        once(lake, "layouts/d", LayoutRef, fail)
    assert not lake.exists("layouts/d/ref.json")
    assert once(lake, "layouts/d", LayoutRef, lambda key: LayoutRef(key, "d")) == LayoutRef("layouts/d", "d")
