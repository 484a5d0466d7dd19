"""Alembic's entry: runs on the connection that `schema.migrate` hands over."""

from alembic import context
from viva_core.db import tables as core_tables
from viva_session.adapters import tables
from viva_session.adapters.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=[tables.metadata, core_tables.metadata],
    version_table=VERSION_TABLE,
    transaction_per_migration=False,
)
context.run_migrations()
