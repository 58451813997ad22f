from collections.abc import Callable

import numpy as np
import pytest

from evertopic.records import Floats, Integers

Planted = Callable[..., tuple[Floats, Integers]]


def plant(k: int, each: int, width: int = 32, spread: float = 0.1, seed: int = 0) -> tuple[Floats, Integers]:
    """Unit vectors around k random directions, `each` to a direction, and the direction of each, shuffled."""
    draw = np.random.default_rng(seed)
    own = draw.permutation(np.repeat(np.arange(k, dtype=np.int32), each))
    raw = draw.normal(size=(k, width))[own] / np.sqrt(width) + spread * draw.normal(size=(k * each, width))
    return (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32), own


@pytest.fixture
def planted() -> Planted:
    return plant
