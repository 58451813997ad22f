"""The same document gets the same answer, whichever way it asks."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from gensim.test.utils import datapath
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.records import UNASSIGNED
from evertopic.storage.registry import open_registry
from evertopic.storage.registry.registry import Registry
from serving.app import create_app
from tests.projects import Project, Walk, walk

REAL = Path(__file__).parents[3] / "shared/data/abcnews_2003_2004_partial.parquet"
DOCUMENTS = 5_000
AT_ONCE = 200
"""Documents that are also asked for one by one, all at the same moment."""
LEAST = 0.999
UNASSIGNED_CELL = "unassigned"

MODEL = {
    "umap": {"n_neighbors": [15], "n_components": [5], "seeds": 1},
    "hdbscan": {"min_cluster_size": [15], "min_samples": [5]},
}
SEARCH = {"kind": "grid", "finalists": 1, "seeds": 1}

Answers = list[tuple[str | None, float]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A registered model, the texts of its documents, and what its training answered them."""

    project: Project
    walk: Walk
    texts: list[str]
    trained: list[str | None]

    def application(self) -> FastAPI:
        """The API with the champion."""
        return create_app(self.walk.job.config, self.walk.job.place)

    def client(self) -> TestClient:
        """Somebody on this machine, who needs no key."""
        return TestClient(self.application(), base_url="http://127.0.0.1", client=("127.0.0.1", 50_000))

    def registry(self) -> Registry:
        """The registry of the project."""
        return open_registry(self.walk.job.place.tracking_uri, self.walk.job.place.artifacts_url)


def bundled() -> list[str]:
    """350 news and 200 film snippets."""
    files = ("lee_background.cor", "lee.cor", "pang_lee_polarity.cor")
    lines = [line for name in files for line in Path(datapath(name)).read_text(encoding="latin-1").splitlines()]
    return [line for line in dict.fromkeys(lines) if len(line.split()) > 5]


def headlines() -> list[str]:
    """5,000 different headlines, all long enough to be kept by cleaning."""
    texts = pd.read_parquet(REAL, columns=["text"])["text"].drop_duplicates()
    return texts[texts.str.split().str.len() > 3].head(DOCUMENTS).tolist()


@pytest.fixture(
    scope="module",
    params=["hashing", pytest.param("bundled", marks=[pytest.mark.real])],
)
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, fresh_mlflow: Path) -> Asked:
    """The hashing encoder on bundled texts; the sentence encoder on 5,000 real headlines."""
    if request.param == "bundled" and not REAL.exists():
        pytest.skip(f"{REAL.name} is not on this machine")
    texts = bundled() if request.param == "hashing" else headlines()
    project = Project.make(tmp_path_factory.mktemp("parity") / "project", fresh_mlflow)
    project.write_texts(texts)
    encoder = {"kind": "hashing", "width": 64} if request.param == "hashing" else {"kind": "onnx"}
    done = walk(project.job(embed=encoder, search=SEARCH, model=MODEL))
    lake, training = done.job.lake(), done.training
    keys = lake.read_json(f"{training.bundle.key}/keys.json")
    topics = lake.read_array(f"{training.bundle.key}/answers.npy")
    ids = lake.read_frame(f"{training.documents.key}/documents.parquet", ["id"])["id"].tolist()
    by_id = {own: None if topic == UNASSIGNED else keys[topic] for own, topic in zip(ids, topics, strict=True)}
    return Asked(project, done, texts, [by_id[f"d{at:03d}"] for at in range(len(texts))])


def test_every_way_to_ask_gives_the_answer_of_the_training(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """API one by one and in batches, batch prediction by the command, and MLflow's pyfunc: the same keys, and nearly
    the same strengths, as the evaluation of the training run gave the same documents.
    """
    monkeypatch.setenv("EVERTOPIC_HOME", str(asked.project.home))
    monkeypatch.chdir(asked.project.root)
    ways = {
        "pyfunc": by_pyfunc(asked),
        "batch": by_command(asked),
        "api": by_api(asked),
    }
    one_by_one = by_single_requests(asked)
    for way, answers in ways.items():
        equal = sum(key == trained for (key, _), trained in zip(answers, asked.trained, strict=True))
        assert equal >= LEAST * len(asked.texts), f"{way}: {equal} of {len(asked.texts)} as in the training"
    for name, answers, expected in (
        ("pyfunc", ways["pyfunc"], ways["batch"]),
        ("api", ways["api"], ways["batch"]),
        ("one by one", one_by_one, ways["batch"][:AT_ONCE]),
    ):
        assert [key for key, _ in answers] == [key for key, _ in expected], name
        assert [strength for _, strength in answers] == pytest.approx([s for _, s in expected], abs=1e-4), name


def by_pyfunc(asked: Asked) -> Answers:
    registry_model = asked.registry().load_pyfunc("models:/tiny@champion")
    answers = registry_model.predict(pd.DataFrame({"text": asked.texts}))
    return [(_key(topic), strength) for topic, strength in zip(answers["topic"], answers["strength"], strict=True)]


def by_command(asked: Asked) -> Answers:
    output = asked.project.root / "answers.csv"
    arguments = ["predict", "tiny", "--input", str(asked.project.documents), "--output", str(output)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    rows = pd.read_csv(output, dtype={"id": str}, keep_default_na=False)
    assert rows["id"].tolist() == [f"d{at:03d}" for at in range(len(asked.texts))]
    return [(_key(topic), strength) for topic, strength in zip(rows["topic"], rows["strength"], strict=True)]


def by_api(asked: Asked) -> Answers:
    answers: Answers = []
    with asked.client() as client:
        for start in range(0, len(asked.texts), 1_000):
            reply = client.post("/predict/batch", json={"texts": asked.texts[start : start + 1_000]})
            answers += [_answer(item["answer"]) for item in reply.raise_for_status().json()["items"]]
    return answers


def by_single_requests(asked: Asked) -> Answers:
    """All at the same moment, so that they are encoded in micro-batches."""

    async def ask() -> Sequence[httpx.Response]:
        application = asked.application()
        transport = httpx.ASGITransport(app=application, client=("127.0.0.1", 50_000))
        async with (
            application.router.lifespan_context(application),
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=120) as client,
        ):
            return await asyncio.gather(
                *(client.post("/predict", json={"text": text}) for text in asked.texts[:AT_ONCE])
            )

    return [_answer(reply.raise_for_status().json()) for reply in asyncio.run(ask())]


def _answer(body: dict[str, Any]) -> tuple[str | None, float]:
    return body["key"], body["strength"]


def _key(cell: str) -> str | None:
    return None if cell in {UNASSIGNED_CELL, ""} else cell
