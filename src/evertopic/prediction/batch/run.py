"""The batch: from rows to rows with answers, in chunks, going on where a killed run stopped."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from evertopic.corpus.columns import Columns, check_present
from evertopic.digests import digest_of, digest_of_code
from evertopic.errors import BadInput, Corrupted
from evertopic.prediction.batch.answering import answered
from evertopic.prediction.batch.answers import Answer, Stamp, answer_names
from evertopic.prediction.batch.formats import Layout
from evertopic.prediction.batch.keys import read, written
from evertopic.prediction.batch.marks import Mark, Run
from evertopic.prediction.batch.origins import opened_origin
from evertopic.prediction.batch.plan import Batch, Outcome
from evertopic.prediction.batch.rows import Origin, Survey
from evertopic.prediction.loading import Model

Tell = Callable[[int, int], None]
"""Told how many of how many rows are done."""
Say = Callable[[str], None]
"""Told in a sentence what a person should know."""


def silent(*_: object) -> None:
    """Tells nobody."""


def predict_batch(batch: Batch, at: datetime, tell: Tell = silent, say: Say = silent) -> Outcome:
    """What became of the batch: each row is there once, in its order, with its answer beside it.

    A killed run with the same input and settings is gone on with, by the model it began with; what another one left
    is thrown away. The log has each prediction once, by an id that the row and the run decide.

    Args:
        batch: what is to be done.
        at: now, with a zone; the answers bear the time at which their run began.
        tell: told about every 500 rows.
        say: told what a person should know.

    Raises:
        BadInput: the input cannot be read, lacks a column or changed meanwhile; the output cannot be written there.
        Corrupted: the model was altered.
        Unavailable: something outside did not answer; what is done is kept.
    """
    with opened_origin(batch.documents, batch.size) as origin:
        survey = origin.survey(typed=batch.target.typed)
        _check_columns(origin, survey, batch.texts)
        with batch.target.held():
            return _Work(batch, origin, survey, tell).done(at.replace(microsecond=0), say)


class _Work:
    """One run, from what is left over to the end."""

    def __init__(self, batch: Batch, origin: Origin, survey: Survey, tell: Tell) -> None:
        self.batch, self.origin, self.survey, self.tell = batch, origin, survey, tell
        self.names = answer_names(survey.names)

    def done(self, at: datetime, say: Say) -> Outcome:
        """The outcome."""
        target = self.batch.target
        found = self._left_over(say)
        run, mark, model = found or self._begun(at)
        layout = Layout(self.survey, self.names, Stamp(run.version, run.started))
        earlier = mark.rows
        if not found:
            target.begin(run, layout)
        survey = replace(self.survey, rows=run.rows, until=read(run.until))
        self.tell(mark.rows, run.rows)
        for chunk in self.origin.chunks(survey, mark.rows, mark.last_key()):
            answers: list[Answer] = []
            for block in answered(chunk, self.survey, self.batch, run, model):
                answers += block
                self.tell(mark.rows + len(answers), run.rows)
            mark = mark.after(chunk, answers)
            target.put(run, layout, chunk, answers, mark)
        if survey.until is None and (mark.rows != run.rows or self.origin.changed(survey)):
            raise BadInput(f"{self.origin.label} was changed while it was read: run again, it is read anew.")
        target.finish(run, layout, mark)
        return Outcome(
            target.label, mark.rows, earlier, run.model, run.version, run.alias, run.started, self.names, mark.tally
        )

    def _left_over(self, say: Say) -> tuple[Run, Mark, Model] | None:
        left = self.batch.target.left_over()
        if left is None:
            return None
        run, mark = left
        if run.request != self._request():
            say("What an earlier run left is of another input, model or setting: this run begins anew.")
            return None
        model = self._pinned(run, say)
        if model is None:
            return None
        say(f"Going on after {mark.rows:,} of {run.rows:,} rows with version {run.version}, as this run began.")
        return run, mark, model

    def _pinned(self, run: Run, say: Say) -> Model | None:
        try:
            model = self.batch.load(str(run.version))
        except (BadInput, Corrupted) as fault:
            say(f"The earlier run began with version {run.version}, which is no longer to be had ({fault})")
            say("This run begins anew.")
            return None
        if _digest(model) != run.digest:
            say(f"Version {run.version} is another model than the earlier run began with, or was edited since.")
            say("This run begins anew.")
            return None
        return replace(model, alias=run.alias)

    def _begun(self, at: datetime) -> tuple[Run, Mark, Model]:
        batch, survey, model = self.batch, self.survey, self.batch.load(self.batch.choice)
        # Rows found by key may change between runs: their predictions are then others.
        now = None if survey.until is None else at.isoformat()
        run = Run(
            request=self._request(),
            key=digest_of("batch", batch.loop, survey.digest, batch.texts, _digest(model), now),
            started=at,
            rows=survey.rows,
            until=written(survey.until),
            model=model.version.name,
            version=model.version.version,
            digest=_digest(model),
            alias=model.alias,
        )
        return run, Mark(), model

    def _request(self) -> str:
        batch, survey = self.batch, self.survey
        code = [digest_of_code(room) for room in ("prediction", "models", "embedding", "corpus")]
        size = (batch.size.rows, batch.size.characters)
        kept = batch.log.rule if batch.log else None
        how = [batch.texts, batch.target.settings, batch.choice, self.names, kept, size]
        return digest_of(batch.loop, survey.digest, survey.header, how, code)


def _digest(model: Model) -> str:
    """Of all that decides the answers: under other edits it is as another model, so that no file mixes them."""
    edited = model.predictor.edited
    return digest_of(model.version.digest, [edit.id for edit in edited.edits]) if edited else model.version.digest


def _check_columns(origin: Origin, survey: Survey, texts: tuple[str, ...]) -> None:
    try:
        check_present(list(survey.names), Columns(text=texts), origin.label)
    except BadInput as fault:
        raise BadInput(f"{fault} Name what holds the text by --text-column.") from fault
