"""What a person reads in Prefect's UI when a training is done."""

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from evertopic.quality.choice import title
from evertopic.records import Choice, ModelVersion, Topic, Trial
from tasks.choice import read_choice, read_trials
from tasks.job import Job
from tasks.release import PAGE, ReleaseRef
from tasks.report import ReportRef, Training, read_topics

TOPICS_SHOWN = 15


@task(task_run_name="announce the result", cache_policy=NO_CACHE)
def announce_training(
    job: Job, training: Training, report: ReportRef, version: ModelVersion, release: ReleaseRef
) -> ModelVersion:
    """The version, announced: a page with the result and its links, and a table of the trials."""
    lake = job.lake()
    choice, _, _ = read_choice(lake, training.choice)
    trials = read_trials(lake, training.choice.key)
    create_table_artifact([_row(trial) for trial in trials], key=f"{job.config.name}-trials", description=choice.reason)
    report_file = f"{job.place.lake_url}/{report.key}/report.html"
    page = _page(job.place.mlflow_ui, version, choice, read_topics(lake, training.bundle), report_file)
    page += _compared(job.place.lake_url, release)
    create_markdown_artifact(page, key=f"{job.config.name}-result", description=f"{version.name} {version.version}")
    return version


def _page(address: str, version: ModelVersion, choice: Choice, topics: tuple[Topic, ...], report: str) -> str:
    rows = [f"| {t.key} | {t.name} | {t.documents} | {t.quality.npmi:.2f} |" for t in topics[:TOPICS_SHOWN]]
    state = "registered" if version.created else "unchanged, already registered"
    return "\n".join(
        [
            f"# {version.name}, version {version.version}: {state}",
            f"Aliases: {', '.join(version.aliases) or 'none'}.",
            "",
            choice.reason,
            "",
            f"## {len(topics)} topics",
            "| key | name | documents | NPMI |",
            "|---|---|---:|---:|",
            *rows,
            "",
            f"[MLflow run]({address}/#/runs/{version.run_id}) · report: `{report}`",
        ]
    )


def _compared(lake_url: str, release: ReleaseRef) -> str:
    where = f" Page: `{lake_url}/{release.key}/{PAGE}`." if release.key else ""
    beside = "" if release.before is None else f", beside version {release.before}"
    return f"\n\n## Before a release{beside}\n{release.said}{where}"


def _row(trial: Trial) -> dict[str, str | int | float]:
    card = trial.scorecard
    stability = "" if card.stability is None else round(card.stability.value, 3)
    return {
        "trial": title(trial),
        "topics": card.topics,
        "separation": round(card.separation.value, 3),
        "diversity": round(card.diversity, 3),
        "agreement": round(card.agreement.value, 3),
        "stability": stability,
        "npmi": round(card.npmi.value, 3),
        "c_v": round(card.c_v.value, 3),
        "unassigned": round(card.unassigned, 3),
        "front": "yes" if trial.on_front else "",
    }
