"""The real models-from-code file, with a predictor that answers from the text alone."""

import importlib.util

import numpy as np
import pandas as pd
import pytest

from evertopic.records import Prediction
from evertopic.storage.registry.training import MODEL_CODE


class Echo:
    """Answers each text by itself; an empty one is unassigned."""

    def predict(self, texts: list[str]) -> list[Prediction]:
        return [
            Prediction(text or None, f"<{text}>", tuple(text.split()), float(np.float32(0.5)), ()) for text in texts
        ]


@pytest.fixture
def model(registry):
    from evertopic.storage.registry.packaging import pyfunc

    pyfunc()  # as when MLflow runs the file: it is imported already
    spec = importlib.util.spec_from_file_location("models_from_code", MODEL_CODE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    loaded = module.TextModel()
    loaded.predictor = Echo()
    return loaded


def test_answers(model):
    """Each row is answered under its own index; missing and empty text alike are unassigned."""
    frame = pd.DataFrame({"text": ["a goal", None, float("nan"), pd.NA, ""]}, index=[9, 8, 7, 6, 5])
    answers = model.predict(None, frame)
    assert answers["topic"].tolist() == ["a goal", "unassigned", "unassigned", "unassigned", "unassigned"]
    assert answers["name"].tolist() == ["<a goal>", "<>", "<>", "<>", "<>"]
    assert answers["words"].tolist() == [["a", "goal"], [], [], [], []]
    assert answers["strength"].tolist() == [0.5] * 5
    assert answers.index.tolist() == [9, 8, 7, 6, 5]


def test_no_rows(model):
    """No text gives no row and still all columns."""
    answers = model.predict(None, pd.DataFrame({"text": pd.Series([], dtype=str)}))
    assert answers.shape == (0, 4)


def test_logged(registry, training, tmp_path):
    """The real file is what is logged when no other is named, and it is importable as it stands."""
    logged = registry.log_training(training(model_code=MODEL_CODE))
    copies = list((tmp_path / "artifacts").rglob("pyfunc.py"))
    assert [copy.read_text() for copy in copies] == [MODEL_CODE.read_text()]
    requirements = (copies[0].parent / "requirements.txt").read_text().splitlines()
    assert all("==" in line and "+" not in line for line in requirements)
    assert {line.partition("==")[0] for line in requirements} >= {"evertopic", "mlflow", "torch", "safetensors"}
    assert logged.model_uri.startswith("models:/m-")
