"""The parity gate: does the model answer the same once it was saved and loaded again?"""

from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from evertopic.prediction.parity import parity, require_parity
from evertopic.prediction.predictor import NOTHING, Predictor
from evertopic.records import UNASSIGNED, BundleRef, Parity, Prediction, VectorsRef
from evertopic.storage.lake import Lake
from tasks.job import Job

AT_MOST = 5_000


@task(task_run_name="check parity of the model at rest", cache_policy=NO_CACHE)
def check_parity(job: Job, vectors: VectorsRef, bundle: BundleRef) -> Parity:
    """How many documents the model loaded from the lake answers as the one in memory did.

    Raises:
        Refusal: fewer than the config demands; nothing is registered.
    """
    measured = parity_of_folder(job, job.lake().fetch_folder(f"{bundle.key}/bundle"), vectors, bundle)
    require_parity(measured, "The model in memory and the one reloaded from the lake differ")
    return measured


def parity_of_folder(job: Job, folder: Path, vectors: VectorsRef, bundle: BundleRef) -> Parity:
    """How many documents, of the first 5,000, the model in `folder` answers as the one in memory did."""
    return parity_in(job.lake(), folder, vectors, bundle, job.config.registry.parity)


def parity_in(lake: Lake, folder: Path, vectors: VectorsRef, bundle: BundleRef, required: float) -> Parity:
    """How many documents the model in `folder` answers as the one in memory did, with the least share given."""
    predictor = Predictor.load(folder)
    keys = lake.read_json(f"{bundle.key}/keys.json")
    answers = lake.read_array(f"{bundle.key}/answers.npy")[:AT_MOST]
    expected = [_as_prediction(None if topic == UNASSIGNED else keys[topic]) for topic in answers]
    reloaded = predictor.answer(lake.read_array(f"{vectors.key}/vectors.npy")[:AT_MOST])
    return parity(expected, reloaded, required)


def _as_prediction(key: str | None) -> Prediction:
    return Prediction(key, NOTHING.name if key is None else key, (), 0.0, ())
