"""The file that MLflow copies beside a bundle and runs when it loads the model. Nobody imports it."""

from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel

UNASSIGNED_KEY = "unassigned"
"""The topic of a document that belongs to none: the column stays plain text, and no permanent key reads like this."""


class TextModel(PythonModel):
    """Topic, name, words and strength of texts, as evertopic itself answers."""

    def load_context(self, context: Any) -> None:
        """Opens the bundle that was logged beside this file; its digests are checked there."""
        from evertopic.prediction.predictor import Predictor

        self.predictor = Predictor.load(Path(context.artifacts["bundle"]))

    def predict(
        self,
        context: Any,  # noqa: ARG002 - MLflow passes it
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002 - MLflow passes it
    ) -> pd.DataFrame:
        """One row for each row of the column `text`, with its index: topic, name, words, strength in [0, 1].

        A missing cell is answered as an empty text. `topic` is the permanent key, or `unassigned`.
        """
        texts = ["" if pd.isna(text) else str(text) for text in model_input["text"]]
        answers = self.predictor.predict(texts)
        columns = {
            "topic": [UNASSIGNED_KEY if answer.key is None else answer.key for answer in answers],
            "name": [answer.name for answer in answers],
            "words": [list(answer.words) for answer in answers],
            "strength": [float(answer.strength) for answer in answers],
        }
        return pd.DataFrame(columns, index=model_input.index)


set_model(TextModel())
