"""A table that appears when all of it is there; until then its rows are in one beside it."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    MetaData,
    String,
    Table,
    Text,
    delete,
    event,
    inspect,
    select,
    update,
)
from sqlalchemy.types import TypeEngine

from evertopic.corpus.sources import database
from evertopic.errors import BadConfig, BadInput, Unavailable
from evertopic.prediction.batch.answers import FIELDS, Answer, answer_values, flat
from evertopic.prediction.batch.cells import typed
from evertopic.prediction.batch.formats import Layout
from evertopic.prediction.batch.marks import Mark, Run
from evertopic.prediction.batch.rows import Chunk, Kind

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

PARTS = "_parts"
"""Behind the name of a table: the one that its rows are in until all are there."""

_TYPES: dict[Kind, TypeEngine[Any]] = {
    "text": Text(),
    "json": Text(),
    "integer": BigInteger(),
    "real": Double(),
    "boolean": Boolean(),
    "moment": DateTime(),
    "zoned": DateTime(timezone=True),
}


class TableTarget:
    """A table of an SQLite file or a PostgreSQL database. Each chunk and its mark are one transaction.

    A table of this name that was not made by an earlier run is never touched.

    Args:
        url: SQLAlchemy URL, `${NAME}` in it stands for a variable.
        table: its name, `SCHEMA.NAME` for another schema than the connection's.
    """

    typed = True

    def __init__(self, url: str, table: str) -> None:
        self._url = database.address(url)
        if self._url.get_backend_name() not in ("sqlite", "postgresql"):
            raise BadConfig(f"{database.public(url)} is neither SQLite nor PostgreSQL: write to a file instead.")
        schema, _, self._name = table.rpartition(".")
        self._schema = schema or None
        self.label = f"{database.public(url)}, table {table}"
        self._table_name = table
        self._marks = _marks(self._schema)
        self.settings = ("table",)

    def held(self) -> AbstractContextManager[None]:
        """Nothing to hold: of two runs that write at once, the database refuses one."""
        return nullcontext()

    def left_over(self) -> tuple[Run, Mark] | None:
        """What a killed run left here, None where there is nothing to go on with."""
        with self._writing() as connection:
            found = self._known(connection)
        if found is None or found.run is None:
            return None
        try:
            return Run.model_validate_json(found.run), Mark.model_validate_json(found.mark)
        except ValidationError:
            return None

    def begin(self, run: Run, layout: Layout) -> None:
        """A new run with an empty table beside the final one; what was left of another is gone.

        Raises:
            BadInput: a table of the final name is there and none of ours, or names differ by capitals alone.
        """
        staging = self._staging(layout)
        with self._writing() as connection:
            made = self._made(connection)
            self._check_staging(connection)
            staging.drop(connection, checkfirst=True)
            staging.create(connection)
            connection.execute(delete(self._marks).where(self._marks.c.name == self._table_name))
            row = {"name": self._table_name, "made": made, "rows": 0, "mark": Mark().model_dump_json()}
            connection.execute(self._marks.insert(), row | {"run": run.model_dump_json()})

    def put(self, run: Run, layout: Layout, chunk: Chunk, answers: Sequence[Answer], mark: Mark) -> None:
        """One chunk more, and how far the run is, both or neither.

        Raises:
            Unavailable: another run has begun to write the same table.
        """
        with self._writing() as connection:
            self._advance(connection, run, mark.rows - len(chunk), {"rows": mark.rows, "mark": mark.model_dump_json()})
            connection.execute(self._staging(layout).insert(), list(_records(layout, chunk, answers)))

    def finish(self, run: Run, layout: Layout, mark: Mark) -> None:
        """The whole table under its name, in the place of the one an earlier run made."""
        staging = self._staging(layout)
        with self._writing() as connection:
            self._made(connection)
            self._advance(connection, run, mark.rows, {"made": True, "run": None})
            Table(self._name, MetaData(), schema=self._schema).drop(connection, checkfirst=True)
            quote = connection.dialect.identifier_preparer
            old, new = quote.format_table(staging), quote.quote(self._name)
            connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")

    def _advance(self, connection: "Connection", run: Run, rows: int, values: dict[str, Any]) -> None:
        marks = self._marks.c
        mine = (marks.name == self._table_name) & (marks.run == run.model_dump_json()) & (marks.rows == rows)
        if connection.execute(update(self._marks).where(mine).values(values)).rowcount != 1:
            raise Unavailable(f"Another run is writing {self.label}: wait for its end.")

    def _made(self, connection: "Connection") -> bool:
        """True when the final table is there and was made by us.

        Raises:
            BadInput: it is there and none of ours.
        """
        looking = inspect(connection)
        if not looking.has_table(self._name, schema=self._schema):
            return False
        there = [column["name"] for column in looking.get_columns(self._name, schema=self._schema)]
        known = self._known(connection)
        if known is None or not known.made or not any(name.endswith(FIELDS[0][0]) for name in there):
            raise BadInput(
                f"{self.label} is there and was not made by evertopic: name another table, or drop it yourself."
            )
        return True

    def _check_staging(self, connection: "Connection") -> None:
        known, name = self._known(connection), f"{self._name}{PARTS}"
        if inspect(connection).has_table(name, schema=self._schema) and (known is None or known.run is None):
            raise BadInput(f"{self.label} is made in {name}, which is there already: drop that, or name another table.")

    def _known(self, connection: "Connection") -> Any:
        self._marks.create(connection, checkfirst=True)
        return connection.execute(select(self._marks).where(self._marks.c.name == self._table_name)).first()

    def _staging(self, layout: Layout) -> Table:
        own = [(column.name, column.kind) for column in layout.survey.columns]
        answer = [(name, kind) for name, (_, kind) in zip(layout.names, FIELDS, strict=True)]
        names = [name.casefold() for name, _ in own]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise BadInput(f"{self.label} cannot have two columns called {', '.join(twice)}: rename one in the input.")
        columns = [Column(name, _TYPES[kind]) for name, kind in [*own, *answer]]
        return Table(f"{self._name}{PARTS}", MetaData(), *columns, schema=self._schema)

    @contextmanager
    def _writing(self) -> Iterator["Connection"]:
        engine = database.engine_for(self._url)
        if engine.dialect.name == "sqlite":
            _take_over_transactions(engine)
        try:
            with (
                database.explained(self._url, "to be written"),
                database.connected(engine, self._url) as connection,
                connection.begin(),
            ):
                yield connection
        finally:
            engine.dispose()


def _marks(schema: str | None) -> Table:
    """One row for each table that predictions are written to: whether we made it, and the run that is writing it."""
    return Table(
        "evertopic_batches",
        MetaData(),
        Column("name", String(200), primary_key=True),
        Column("made", Boolean, nullable=False),
        Column("rows", BigInteger, nullable=False),
        Column("run", Text),
        Column("mark", Text, nullable=False),
        schema=schema,
    )


def _records(layout: Layout, chunk: Chunk, answers: Sequence[Answer]) -> Iterator[dict[str, Any]]:
    columns = layout.survey.columns
    for row, answer in zip(chunk.rows(), answers, strict=True):
        own = {column.name: typed(value, column.kind) for column, value in zip(columns, row, strict=True)}
        said = flat(answer_values(answer, layout.stamp))
        kinds = zip(layout.names, said, FIELDS, strict=True)
        yield own | {name: typed(value, "text") if isinstance(value, str) else value for name, value, _ in kinds}


def _take_over_transactions(engine: "Engine") -> None:
    """Python's driver begins transactions on its own, too late for tables: SQLite's are then not all or nothing."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: "Connection") -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
