import json
import math

import pytest
from pydantic import TypeAdapter, ValidationError

from evertopic.records import Interval, Neighbour, TopicQuality
from serving.schemas.base import EARLIEST, LATEST, Moment
from serving.schemas.explanations import NearDocument
from serving.schemas.model import Measured
from serving.schemas.topics import Quality

moment = TypeAdapter(Moment)


def test_nothing_to_measure() -> None:
    """A measure that is nan goes out as null: JSON knows no nan."""
    quality = Quality.of(TopicQuality(c_v=math.nan, npmi=0.1, u_mass=math.nan, recurrence=math.nan))
    assert json.loads(quality.model_dump_json()) == {"c_v": None, "npmi": 0.1, "u_mass": None, "recurrence": None}
    measured = Measured.of(Interval(0.5, math.nan, math.inf))
    assert json.loads(measured.model_dump_json()) == {"value": 0.5, "low": None, "high": None}


def test_half_characters_go_out_whole() -> None:
    """A document with half a character, which has no UTF-8, is shown with its replacement."""
    shown = NearDocument.of(Neighbour("a\ud800b", 0.5, None))
    assert shown.text == "a\ufffdb"
    assert shown.model_dump_json()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00+00:00"),
        ("2026-03-01 12:00Z", "2026-03-01T12:00:00+00:00"),
        ("2026-03-01T12:00:00+01:00", "2026-03-01T11:00:00+00:00"),
        ("2026-03-01T12:00:00 01:00", "2026-03-01T11:00:00+00:00"),
        ("0001-01-01T00:00:00+23:59", EARLIEST.isoformat()),
        ("9999-12-31T23:59:59-23:59", LATEST.isoformat()),
    ],
)
def test_moments(written: str, read: str) -> None:
    """A time with a zone is read as UTC, also where its plus was lost; those out of reach become the nearest."""
    assert moment.validate_python(written).isoformat() == read


@pytest.mark.parametrize("written", ["2026-03-01T12:00:00", "2026-03-01", "1772625600", 1772625600, "now", None])
def test_no_moments(written: object) -> None:
    """A time without a zone, a day, a number or a word is no moment."""
    with pytest.raises(ValidationError):
        moment.validate_python(written)
