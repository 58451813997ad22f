"""Batch prediction: files and tables in, the same rows with answers out, killed and gone on with at will."""

from evertopic.prediction.batch.files import FileTarget, file_target
from evertopic.prediction.batch.formats import Delimited
from evertopic.prediction.batch.marks import Tally
from evertopic.prediction.batch.plan import Batch, Log, Outcome, Target
from evertopic.prediction.batch.query import Query
from evertopic.prediction.batch.rows import Size
from evertopic.prediction.batch.run import Say, Tell, predict_batch, silent
from evertopic.prediction.batch.tables import TableTarget
from evertopic.prediction.batch.vectors import keeping

__all__ = [
    "Batch",
    "Delimited",
    "FileTarget",
    "Log",
    "Outcome",
    "Query",
    "Say",
    "Size",
    "TableTarget",
    "Tally",
    "Target",
    "Tell",
    "file_target",
    "keeping",
    "predict_batch",
    "silent",
]
