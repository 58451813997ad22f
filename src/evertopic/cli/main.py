"""The command `evertopic`: its parts, put together."""

from typing import Annotated

import typer

from evertopic.cli import (
    approve,
    compare,
    data,
    diff,
    edit,
    evaluate,
    get_model,
    keys,
    lineage,
    monitor,
    notify,
    predict,
    promote,
    releases,
    retrain,
    rollback,
    rules,
    serve,
    topics,
    train,
    trends,
    up,
    version,
    why,
)
from evertopic.cli.border import Border, be_wordy

app = typer.Typer(
    cls=Border,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with:  evertopic train demo",
)


@app.callback()
def evertopic(
    ctx: typer.Context,
    *,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show tracebacks, and Prefect's log.")] = False,
) -> None:
    """Text models that keep themselves true in production."""
    if verbose:
        be_wordy(ctx)


app.command(epilog=train.EXAMPLES)(train.train)
app.command(epilog=topics.EXAMPLES)(topics.topics)
app.command(epilog=lineage.EXAMPLES)(lineage.lineage)
app.command(epilog=diff.EXAMPLES)(diff.diff)
app.command(epilog=compare.EXAMPLES)(compare.compare)
app.command(epilog=promote.EXAMPLES)(promote.promote)
app.command(epilog=approve.EXAMPLES)(approve.approve)
app.command(epilog=rollback.EXAMPLES)(rollback.rollback)
app.command(epilog=releases.EXAMPLES)(releases.releases)
app.command("get-model", epilog=get_model.EXAMPLES)(get_model.get_model)
app.command(epilog=evaluate.EXAMPLES)(evaluate.evaluate)
app.command(epilog=data.EXAMPLES)(data.data)
app.command(epilog=predict.EXAMPLES)(predict.predict)
app.command(epilog=serve.EXAMPLES)(serve.serve)
app.command(epilog=why.EXAMPLES)(why.why)
app.add_typer(trends.trends, name="trends")
app.add_typer(keys.keys, name="keys")
app.add_typer(rules.rules, name="rules")
app.add_typer(edit.edit, name="edit")
app.add_typer(notify.notify, name="notify")
app.command(epilog=monitor.EXAMPLES)(monitor.monitor)
app.command(epilog=retrain.EXAMPLES)(retrain.retrain)
app.command(epilog=version.EXAMPLES)(version.version)
app.command(epilog=up.EXAMPLES)(up.up)


def main() -> None:
    """Runs the command of this process and ends it with the exit code."""
    app()
