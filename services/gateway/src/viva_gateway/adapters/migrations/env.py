"""Run by Alembic, on the connection that `upgrade` hands over."""

from alembic import context

from viva_gateway.adapters.tables import SCHEMA, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema=SCHEMA,
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
