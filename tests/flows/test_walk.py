"""The walk from a file of texts to a registered model, through Prefect and without it."""

import json
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterParentFlowRunId,
)
from prefect.client.schemas.sorting import FlowRunSort
from prefect.settings import PREFECT_API_URL

from evertopic.prediction.predictor import Predictor
from evertopic.storage.registry import open_registry
from tasks.parity import check_parity
from tasks.report import read_topics
from tests.flows.conftest import Flown
from tests.projects import Project, Walk, listing, walk


def artifacts(kind: str) -> list[dict[str, Any]]:
    """Asked of the API as a browser would: the client of Prefect 3.8 sends nulls that its own server refuses."""
    wanted = {"artifacts": {"type": {"any_": [kind]}}, "limit": 100}
    answer = httpx.post(f"{PREFECT_API_URL.value()}/artifacts/filter", json=wanted).raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


def test_states(flown: Flown) -> None:
    """Both runs of the flow end Completed."""
    assert (flown.first.name, flown.second.name) == ("Completed", "Completed")


def test_version(flown: Flown) -> None:
    """The first run registers version 1 as challenger and, as nothing was released before, as champion."""
    version = flown.first.result()
    assert (version.name, version.version, version.created) == ("tiny", 1, True)
    assert version.aliases == ("challenger", "champion")


def test_second_run_registers_nothing(flown: Flown) -> None:
    """The second run finds version 1 again and moves no alias."""
    first, second = flown.first.result(), flown.second.result()
    assert not second.created
    assert (second.version, second.aliases, second.digest) == (first.version, first.aliases, first.digest)
    place = flown.project.job().place
    assert len(open_registry(place.tracking_uri, place.artifacts_url).versions("tiny")) == 1


def test_second_run_computes_nothing(flown: Flown) -> None:
    """The second run writes no file of the lake, not even the same bytes again."""
    assert flown.between
    assert flown.after == flown.between


def test_search_is_a_flow_of_its_own(flown: Flown) -> None:
    """The search ran inside the training as a flow, named after the loop."""
    parent = flown.first.state_details.flow_run_id
    assert parent is not None
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[parent])),
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=100,
        )
    assert [(run.name, run.state_name) for run in runs] == [("search tiny", "Completed")]


def test_result_page(flown: Flown) -> None:
    """A person reads in Prefect what was registered, why, and where the rest is."""
    pages = [page for page in artifacts("markdown") if page["key"] == "tiny-result"]
    text = str(pages[0]["data"])
    assert "tiny, version 1" in text
    assert "won: the best average place" in text
    assert "[MLflow run](http://127.0.0.1:5000" in text
    assert "report.html" in text
    assert "there is nothing to compare it with" in text


def test_trials_table(flown: Flown) -> None:
    """The trials are a table: two clusterings and the baseline."""
    tables = [table for table in artifacts("table") if table["key"] == "tiny-trials"]
    rows = json.loads(tables[0]["data"])
    assert [row["trial"].split()[0] for row in rows] == ["bertopic", "bertopic", "nmf"]


def test_progress(flown: Flown) -> None:
    """Long steps show a bar, and all bars are full at the end."""
    bars = {bar["description"]: bar["data"] for bar in artifacts("progress")}
    # Other flows of this session have left theirs on the same server.
    steps = ("rows read", "documents cleaned", "texts encoded", "clusterings tried")
    assert {step: bars[step] for step in steps} == dict.fromkeys(steps, 100.0)


def test_mlflow_knows_the_flow_run(flown: Flown) -> None:
    """The MLflow run carries the id of the Prefect run that made it."""
    place = flown.project.job().place
    registry = open_registry(place.tracking_uri, place.artifacts_url)
    tags = registry.client.get_run(flown.first.result().run_id).data.tags
    assert tags["prefect.flow_run_id"] == str(flown.first.state_details.flow_run_id)


def test_without_prefect_it_is_the_same(flown: Flown, walked: Walk) -> None:
    """The same project walked task by task, without Prefect, ends in the very same numbers; each store has its keys."""
    ends = ((flown.project.job(), flown.first.result()), (walked.job, walked.version))
    heads = [job.lake().read_bytes(f"bundles/{end.digest}/bundle/head.safetensors") for job, end in ends]
    assert heads[0] == heads[1]


@pytest.fixture(scope="module")
def news(fresh_mlflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """A walk over real news, shortened, with the encoder that users get."""
    from gensim.test.utils import datapath

    lines = Path(datapath("lee_background.cor")).read_text(encoding="utf-8").splitlines()[:100]
    texts = [" ".join(line.split()[:60]) for line in lines]
    project = Project.make(tmp_path_factory.mktemp("news") / "project", fresh_mlflow)
    project.write_texts(texts)
    return walk(project.job(embed={"kind": "onnx"}))


def test_news_has_topics(news: Walk) -> None:
    """Real news falls into several topics, each with a name, words and texts nearest to its centre."""
    topics = read_topics(news.job.lake(), news.training.bundle)
    assert len(topics) >= 3
    assert all(topic.name and len(topic.words) == 10 and topic.representatives for topic in topics)
    assert sum(topic.documents for topic in topics) >= 0.8 * news.training.documents.documents


def test_news_parity(news: Walk) -> None:
    """The model reloaded from the lake answers every document as the one in memory."""
    assert (news.parity.equal, news.parity.documents) == (1.0, 100)
    assert news.version.aliases == ("challenger", "champion")


def test_news_report(news: Walk) -> None:
    """The report is one page that names every topic."""
    page = news.job.lake().read_bytes(f"{news.report.key}/report.html").decode()
    assert all(topic.key in page for topic in read_topics(news.job.lake(), news.training.bundle))


def test_news_through_mlflow(news: Walk) -> None:
    """MLflow's own loader, by alias, answers new texts as the Predictor does; nothing is unassigned as a number."""
    import mlflow

    texts = ["The cricket captain scored a century in Sydney.", "Storms closed roads in New South Wales.", "", "zzz"]
    mlflow.set_tracking_uri(news.job.place.tracking_uri)
    mlflow.set_registry_uri(news.job.place.tracking_uri)
    answered = mlflow.pyfunc.load_model(f"models:/{news.version.name}@champion").predict(pd.DataFrame({"text": texts}))
    ours = Predictor.load(news.job.lake().fetch_folder(f"{news.training.bundle.key}/bundle")).predict(texts)
    assert answered["topic"].tolist() == [answer.key or "unassigned" for answer in ours]
    assert answered["name"].tolist() == [answer.name for answer in ours]
    assert [tuple(words) for words in answered["words"]] == [answer.words for answer in ours]
    assert answered["strength"].tolist() == pytest.approx([answer.strength for answer in ours], abs=1e-6)


def test_news_in_bertopic(news: Walk) -> None:
    """Plain BERTopic opens the exported folder and shows our topics, words and names."""
    from bertopic import BERTopic

    topics = read_topics(news.job.lake(), news.training.bundle)
    model = BERTopic.load(str(news.job.lake().fetch_folder(f"{news.training.bundle.key}/bundle") / "bertopic"))
    assert [word for word, _ in model.get_topic(0)] == list(topics[0].words)
    assert model.get_topic_info().query("Topic >= 0")["CustomName"].tolist() == [topic.name for topic in topics]


def test_reading_a_model_does_not_change_it(news: Walk) -> None:
    """Checking parity again reads the model and leaves every file as it was."""
    before = listing(news.job.place.home / "lake")
    check_parity.fn(news.job, news.training.vectors, news.training.bundle)
    assert listing(news.job.place.home / "lake") == before
