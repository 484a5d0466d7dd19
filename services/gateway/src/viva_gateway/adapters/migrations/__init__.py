"""Alembic migrations of the schema `gateway`."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from viva_gateway.adapters.tables import SCHEMA

_LOCK = 0x56_49_56_41_47_57  # "VIVAGW": two migrations at once wait for each other


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to a revision, inside the connection's transaction; a second run does nothing."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{SCHEMA}"'))
    command.upgrade(_config(connection), revision)


def downgrade(connection: Connection, revision: str) -> None:
    """Take the schema back to a revision."""
    command.downgrade(_config(connection), revision)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("viva_gateway.adapters.migrations")))
    config.attributes["connection"] = connection
    return config
