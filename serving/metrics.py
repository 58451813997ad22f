"""What is measured, as Prometheus reads it: names begin with `evertopic_`, times are in seconds, labels are few."""

from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager
from time import perf_counter
from types import TracebackType
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from evertopic.prediction.cached import CacheCounts
from evertopic.prediction.loading import Model
from evertopic.records import LogState, Prediction

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
Stage = Literal["wait", "clean", "encode", "assign", "log", "total"]
STAGES: tuple[Stage, ...] = ("wait", "clean", "encode", "assign", "log", "total")
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
STRENGTHS = tuple(tenth / 10 for tenth in range(1, 11))
VERSIONS_KEPT = 2
"""Of the series by topic and version: the model that answers and the one before it, which may still be answering."""
UNASSIGNED_TOPIC = "unassigned"


class Metrics:
    """Counts and times of one process, in a registry of its own. Every method may be called from any thread."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody asks for
        self.registry = CollectorRegistry()
        self._now = _Now()
        self.registry.register(self._now)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._requests = self._counter("requests", "Requests answered.", "method", "route", "status")
        self._seconds = self._histogram("request_seconds", "From its head to the end of its answer.", "route")
        self._faults = self._counter("faults", "Problems answered, and other faults, by kind.", "kind")
        self._reloads = self._counter("reloads", "Looks for another model, by what became of them.", "outcome")
        self._predictions = self._counter(
            "predictions",
            "Answers by topic (unassigned: none, rule:NAME: of a rule), model version and source.",
            "topic",
            "version",
            "source",
        )
        self._unassigned = self._counter("unassigned", "Answers without a topic.", "version")
        self._strength = self._histogram("strength", "How sure answers with a topic were.", "version", bounds=STRENGTHS)
        stages = self._histogram("stage_seconds", "Stages of a prediction; a batch counts once.", "stage")
        self._stages = {name: stages.labels(name) for name in STAGES}
        self._versions: deque[str] = deque(maxlen=VERSIONS_KEPT)

    def answered(self, prediction: Prediction, model: Model, source: str) -> None:
        """One answer went out."""
        version = str(model.version.version)
        self._predictions.labels(prediction.key or UNASSIGNED_TOPIC, version, source).inc()
        if prediction.key is None:
            self._unassigned.labels(version).inc()
        else:
            self._strength.labels(version).observe(prediction.strength)

    def stage(self, name: Stage) -> AbstractContextManager[None]:
        """Times one stage. `metrics.stage` is a Watch for `Predictor.predict`."""
        return _Timer(self._stages[name])

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request was answered. `route` is a template, never a path; `serving.doors` sees to it."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def fault(self, kind: str) -> None:
        """Something went wrong; `kind` is a word of the code, never of a client."""
        self._faults.labels(kind).inc()

    def reload(self, outcome: Literal["same", "swapped", "failed"]) -> None:
        """The holder looked for another model."""
        self._reloads.labels(outcome).inc()

    def model(self, model: Model) -> None:
        """This model answers from here on; series of versions before the last one are dropped."""
        self._now.model = model
        version = str(model.version.version)
        if version in self._versions:
            return
        gone = self._versions[0] if len(self._versions) == VERSIONS_KEPT else None
        self._versions.append(version)
        if gone is not None:
            for family in (self._predictions, self._unassigned, self._strength):
                family.remove_by_labels({"version": gone})

    def trouble(self, sentence: str | None) -> None:
        """Whether something keeps the service from what it should serve; call it before `page`."""
        self._now.trouble = sentence is not None

    def log_state(self, state: LogState) -> None:
        """Where the prediction log stands; call it before `page`."""
        self._now.log = state

    def cache(self, counts: CacheCounts) -> None:
        """Where the vectors of texts came from since the start; call it before `page`."""
        self._now.cache = counts

    def waiting(self, texts: int) -> None:
        """Texts that wait for the encoder now; call it before `page`."""
        self._now.waiting = texts

    def page(self) -> bytes:
        """Everything, in Prometheus's text format; its media type is `CONTENT_TYPE`."""
        return generate_latest(self.registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"evertopic_{name}", about, labels, registry=self.registry)

    def _histogram(self, name: str, about: str, *labels: str, bounds: tuple[float, ...] = SECONDS) -> Histogram:
        return Histogram(f"evertopic_{name}", about, labels, buckets=bounds, registry=self.registry)


class _Timer(AbstractContextManager[None]):
    """Observes the time between its beginning and its end; one use."""

    __slots__ = ("_series", "_started")

    def __init__(self, series: Histogram) -> None:
        self._series = series

    def __enter__(self) -> None:
        self._started = perf_counter()

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._series.observe(perf_counter() - self._started)


class _Now(Collector):
    """What others count: told just before the page is written, never in between two values that belong together."""

    def __init__(self) -> None:
        self.model: Model | None = None
        self.trouble = False
        self.log: LogState | None = None
        self.cache: CacheCounts | None = None
        self.waiting = 0

    def collect(self) -> Iterator[Metric]:
        """The families of this moment; those nobody told of are absent."""
        yield _gauge("model_trouble", "1 while something else should be served; /ready says what.", self.trouble)
        yield _gauge("waiting_texts", "Texts that wait for the encoder.", self.waiting)
        if self.model is not None:
            yield from _model_families(self.model)
        if self.log is not None:
            yield from _log_families(self.log)
        if self.cache is not None:
            found = _counter("encoder_texts", "Texts by where their vector came from.", "origin")
            for origin in ("remembered", "stored", "encoded"):
                found.add_metric([origin], getattr(self.cache, origin))
            yield found


def _model_families(model: Model) -> Iterator[Metric]:
    version = model.version
    info = GaugeMetricFamily("evertopic_model_info", "The model that answers.", labels=("name", "version", "digest"))
    info.add_metric([version.name, str(version.version), version.digest], 1)
    yield info
    yield _gauge("model_loaded_timestamp_seconds", "When it was loaded, since 1970.", model.loaded_at.timestamp())


def _log_families(state: LogState) -> Iterator[Metric]:
    yield _gauge("log_waiting_predictions", "Predictions not yet in the database.", state.waiting)
    yield _gauge("log_journal_bytes", "Of them, on this machine's disk.", state.journal_bytes)
    yield _gauge("log_memory_predictions", "Of them, in memory alone.", state.in_memory)
    yield _gauge("log_database_away", "1 while the database does not answer.", state.database_away is not None)
    yield _gauge("log_disk_away", "1 while the disk takes nothing.", state.disk_away is not None)
    for name, about, value in (
        ("stored", "Predictions written to the database.", state.stored),
        ("lost", "Predictions that neither database nor disk took.", state.lost),
        ("torn", "Lines of the journal that a crash left unreadable.", state.torn),
    ):
        family = _counter(f"log_{name}_predictions", about)
        family.add_metric([], value)
        yield family


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"evertopic_{name}", about, value=float(value))


def _counter(name: str, about: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"evertopic_{name}", about, labels=labels)
