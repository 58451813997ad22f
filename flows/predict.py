"""Batch prediction: the rows of a file or table with the answers of a registered model beside them."""

from prefect import flow

from evertopic.config import BatchRequest
from evertopic.prediction.batch import Outcome
from tasks.job import read_job
from tasks.predict import announce_predictions, predict_documents


@flow(name="predict", flow_run_name="predict {config}", validate_parameters=True)
def predict(
    config: str = "configs/demo.yaml",
    documents: str | None = None,
    output: str = ".evertopic/predictions/predictions.csv",
    query: str | None = None,
    key: str | None = None,
    table: str | None = None,
    text_columns: tuple[str, ...] = (),
    model_version: str = "champion",
    *,
    log: bool = True,
) -> Outcome:
    """Predict every row of a file or table by the model of one loop; a killed run is gone on with.

    Args:
        config: The config file of the loop, relative to the project.
        documents: A CSV, TSV, JSONL or Parquet file, `bundled:NAME`, or with `query` the URL of a database, in which
            `${NAME}` stands for a variable. Without it, the config's source.
        output: A CSV, TSV, JSONL or Parquet file, or with `table` the URL of an SQLite or PostgreSQL database.
        query: What to ask the database.
        key: The column of the answer that tells its rows apart and orders them.
        table: The table of the output.
        text_columns: The columns that make the text, instead of the config's.
        model_version: An alias, or the number of a version.
        log: Whether the prediction log remembers the predictions too.
    """
    job = read_job(config, None, None)
    request = BatchRequest(output, documents, query, key, table, text_columns, model_version)
    outcome = predict_documents(job, request, log=log)
    return announce_predictions(job, outcome)
