"""Answers to texts given on the command line, one by one."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from random import SystemRandom

from evertopic.cli.consoles import aside, plain, show, show_json
from evertopic.cli.models import registry_at
from evertopic.cli.project import Project
from evertopic.cli.screens.predictions import answer_object, answer_screen
from evertopic.config import LoopConfig
from evertopic.embedding import Encodes
from evertopic.environment import Environment
from evertopic.prediction.batch import Log
from evertopic.prediction.loading import Model, load_model
from evertopic.prediction.log import LogRule, logged, new_id
from evertopic.records import Edit, LoggedPrediction, Prediction
from evertopic.storage.lake import Lake
from evertopic.storage.store import open_store

NOBODY = "local"
"""Who asked, in the log: whoever sits at this machine."""


def answer_text(project: Project, loop: LoopConfig, text: str, choice: str, *, log: bool, as_json: bool) -> None:
    """Shows the answer to one text."""
    with _asked(project, loop, choice, log=log) as ask:
        identity, prediction, model, at = ask(text)
        content = answer_object(identity, prediction, model, at)
        if as_json:
            show_json(content)
        else:
            show(answer_screen(content))


def answer_lines(project: Project, loop: LoopConfig, _text: str, choice: str, *, log: bool, as_json: bool) -> None:
    """Shows the answer to each line of standard input as it comes; as JSON, one object a line."""
    with _asked(project, loop, choice, log=log) as ask:
        for line in sys.stdin:
            content = answer_object(*ask(line.rstrip("\r\n")))
            if as_json:
                sys.stdout.write(json.dumps(plain(content), ensure_ascii=False) + "\n")
                sys.stdout.flush()
            else:
                show(answer_screen(content))


def loader(
    place: Environment, loop: LoopConfig, wrap: Callable[[Encodes], Encodes] | None = None
) -> Callable[[str], Model]:
    """What loads an alias or version of the loop's registered model, under the edits in force.

    Raises:
        BadInput: nothing is registered yet.
    """
    registry, lake = registry_at(place.tracking_uri, place.artifacts_url), Lake(place.lake_url)

    def edits() -> tuple[Edit, ...]:
        store = open_store(place.store_url)
        try:
            return store.edits.list(loop.name)
        finally:
            store.close()

    return lambda choice: load_model(registry, lake, loop.model_name, choice, datetime.now(UTC), wrap, edits)


@contextmanager
def log_of(place: Environment, rule: LogRule, *, wanted: bool) -> Iterator[Log | None]:
    """The prediction log while it lasts; None where it is not wanted."""
    if not wanted:
        yield None
        return
    store = open_store(place.store_url)
    try:
        yield Log(store.predictions, rule)
    finally:
        store.close()


_Ask = Callable[[str], tuple[str | None, Prediction, Model, datetime]]
"""The id comes with an answer that is remembered: no other one can be spoken of later."""


@contextmanager
def _asked(project: Project, loop: LoopConfig, choice: str, *, log: bool) -> Iterator[_Ask]:
    with aside().status("Loading the model"):
        model = loader(project.place, loop)(choice)
    with log_of(project.place, loop.log, wanted=log) as remembered:

        def ask(text: str) -> tuple[str | None, Prediction, Model, datetime]:
            at, (prediction,) = datetime.now(UTC), model.predictor.predict([text])
            if remembered is None:
                return None, prediction, model, at
            identity = new_id(at, SystemRandom())
            remembered.store.add([_kept(prediction, text, identity, at, model, loop)])
            return identity, prediction, model, at

        yield ask


def _kept(
    prediction: Prediction, text: str, identity: str, at: datetime, model: Model, loop: LoopConfig
) -> LoggedPrediction:
    return logged(
        prediction, text, id=identity, at=at, loop=loop.name, source="cli", by=NOBODY, model=model, rule=loop.log
    )
