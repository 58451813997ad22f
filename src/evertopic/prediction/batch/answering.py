"""Answers to the rows of a chunk, remembered in the log before anybody sees them."""

from collections.abc import Iterator, Sequence
from typing import Any

from evertopic.corpus.columns import text_of
from evertopic.prediction.batch.answers import Answer, row_id
from evertopic.prediction.batch.marks import Run
from evertopic.prediction.batch.plan import Batch
from evertopic.prediction.batch.rows import Chunk, Survey
from evertopic.prediction.loading import Model
from evertopic.prediction.log import logged
from evertopic.records import LoggedPrediction, Prediction

BLOCK = 500
"""Rows that are answered together: what is encoded at once, and how often progress is told."""
NOBODY = "local"
"""Who asked, in the log: whoever may start a batch on this machine."""


def answered(chunk: Chunk, survey: Survey, batch: Batch, run: Run, model: Model) -> Iterator[list[Answer]]:
    """The answers to the rows of `chunk`, in their order, a block at a time; with a log, they are in it by then.

    A row that could not be read, or whose text is no text, gets an error in place of an answer.
    """
    places = [survey.names.index(name) for name in batch.texts]
    cells = list(zip(*(chunk.column(place) for place in places), strict=True))
    for start in range(0, len(chunk), BLOCK):
        rows = slice(start, start + BLOCK)
        yield _block(chunk.names[rows], cells[rows], chunk.faults[rows], batch, run, model)


def _block(
    names: Sequence[str],
    cells: Sequence[Sequence[Any]],
    faults: Sequence[str | None],
    batch: Batch,
    run: Run,
    model: Model,
) -> list[Answer]:
    read_as = [text_of(row) for row in cells]
    errors = [fault or wrong for fault, (_, wrong) in zip(faults, read_as, strict=True)]
    sound = [row for row, error in enumerate(errors) if error is None]
    texts = [read_as[row][0] or "" for row in sound]
    ids = [row_id(run.key, names[row]) for row in sound]
    predictions = model.predictor.predict(texts)
    if batch.log is not None:
        batch.log.store.add(_remembered(predictions, texts, ids, batch, run, model))
    answers = [Answer(error=error) for error in errors]
    for row, one, prediction in zip(sound, ids, predictions, strict=True):
        answers[row] = Answer(one, prediction)
    return answers


def _remembered(
    predictions: Sequence[Prediction], texts: Sequence[str], ids: Sequence[str], batch: Batch, run: Run, model: Model
) -> list[LoggedPrediction]:
    if batch.log is None:
        return []
    rule, loop, at = batch.log.rule, batch.loop, run.started
    return [
        logged(prediction, text, id=one, at=at, loop=loop, source="batch", by=NOBODY, model=model, rule=rule)
        for prediction, text, one in zip(predictions, texts, ids, strict=True)
    ]
