"""What Alembic runs: the migrations, on the connection it is handed, in the transaction that is open there."""

from alembic import context

from evertopic.storage.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
