"""A models-from-code file that reads the fake bundle: topic is the first word, or `unassigned` without one."""

import json
from pathlib import Path

import mlflow.models
import mlflow.pyfunc
import pandas as pd


class FirstWord(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.name = json.loads((Path(context.artifacts["bundle"]) / "meta.json").read_text())["name"]

    def predict(self, context, model_input: pd.DataFrame, params=None) -> pd.DataFrame:
        words = [[] if pd.isna(text) else str(text).split() for text in model_input["text"]]
        columns = {
            "topic": [found[0] if found else "unassigned" for found in words],
            "name": [self.name] * len(words),
            "words": words,
            "strength": [float(bool(found)) for found in words],
        }
        return pd.DataFrame(columns, index=model_input.index)


mlflow.models.set_model(FirstWord())
