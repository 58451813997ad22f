"""`evertopic predict`: the topic of a text, or of every row of a file or table."""

import os
from pathlib import Path
from typing import Annotated

import typer

from evertopic.cli.answering import answer_lines, answer_text
from evertopic.cli.batch import run_batch
from evertopic.cli.project import Project, set_defaults
from evertopic.cli.serve import QUIET
from evertopic.config import BatchRequest, load_config
from evertopic.errors import BadInput

EXAMPLES = """Examples:

evertopic predict --text "The airline asked its workers to accept the offer."

evertopic predict demo --input news.csv --text-column body --output answered.csv

evertopic predict demo --input bundled:lee --output news.parquet --model-version 3 --log

evertopic predict --input 'sqlite:///notes.db' --query 'select id, text from notes' --key id --output notes.jsonl

evertopic predict --input news.csv --output '${NEWS_DB}' --table news_topics"""

Loop = Annotated[
    str | None,
    typer.Argument(metavar="LOOP", help="A name (demo is configs/demo.yaml) or a path; the only config there is."),
]
Text = Annotated[str | None, typer.Option(help="One text; - for one text a line of standard input.")]
Input = Annotated[
    str | None,
    typer.Option(
        "--input",
        help="CSV, TSV, JSONL or Parquet file, bundled:NAME, or with --query the URL of a database; "
        "without it the config's source.",
    ),
]
Output = Annotated[
    str | None,
    typer.Option(help="CSV, TSV, JSONL or Parquet file, or with --table the URL of an SQLite or PostgreSQL database."),
]
Query = Annotated[str | None, typer.Option(help="What to ask the database of --input.")]
Key = Annotated[str | None, typer.Option(help="The column of the answer that tells its rows apart and orders them.")]
Table = Annotated[str | None, typer.Option(help="The table of the database of --output.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--text-column", help="The column that holds the text, instead of the config's; may be repeated."),
]
Version = Annotated[str, typer.Option("--model-version", help="An alias, or the number of a version.")]
Remember = Annotated[bool, typer.Option("--log", help="Remember the predictions in the prediction log too.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def predict(
    config: Loop = None,
    text: Text = None,
    documents: Input = None,
    output: Output = None,
    query: Query = None,
    key: Key = None,
    table: Table = None,
    text_column: Columns = None,
    version: Version = "champion",
    log: Remember = False,  # noqa: FBT002
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Predict the topic of a text, or of every row of a file or table, by the model of one loop.

    Rows come back as they were and in their order, with prediction_id, topic, topic_name, topic_words, strength,
    alternatives, remark, rule, model_version, predicted_at and error beside them. A killed run goes on where it was.
    """
    project = Project.around(Path.cwd(), os.environ)
    if text is not None and (documents or output):
        raise BadInput("--text is answered on the screen: give it alone, or --input and --output.")
    if text is None and output is None:
        raise BadInput("There is nothing to predict: give --text, or --output and --input.")
    loop = load_config(project.config(config), project.root)
    set_defaults(QUIET | ({"HF_HUB_OFFLINE": "1"} if getattr(loop.embed, "model", "bundled") == "bundled" else {}))
    if text is not None:
        answer = answer_lines if text == "-" else answer_text
        answer(project, loop, text, version, log=log, as_json=as_json)
    elif output is not None:
        texts = tuple(text_column or ())
        request = BatchRequest(output, documents, query, key, table, texts, version)
        run_batch(project, loop, request, log=log, as_json=as_json)
