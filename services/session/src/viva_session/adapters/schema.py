"""The schema's version: brought up to date by `migrate`, and looked at before the service starts."""

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from viva_core.db import CONNECT_SECONDS, address, needed
from viva_core.errors import Refused

VERSION_TABLE = "session_schema_version"


def _engine(dsn: str) -> Engine:
    return create_engine(address(dsn), connect_args={"connect_timeout": CONNECT_SECONDS})


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("viva_session.adapters") / "migrations"))
    return config


def migrate(dsn: str) -> str:
    """Bring the database to this code's version; twice changes nothing. Returns the version. Raises Transient when the
    database is away."""
    engine = _engine(dsn)
    try:
        with needed(), engine.begin() as connection:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            return (
                MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
                or ""
            )
    finally:
        engine.dispose()


def check(dsn: str) -> None:
    """Raise Refused, with the way out, unless the database is at this code's version; Transient when it is away."""
    engine = _engine(dsn)
    try:
        with needed(), engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
            found = context.get_current_revision()
    finally:
        engine.dispose()
    script = ScriptDirectory.from_config(_config())
    head = script.get_current_head()
    if found == head:
        return
    known = {revision.revision for revision in script.walk_revisions()}
    if found is None or found in known:
        raise Refused(f"the database is at version {found}, this code needs {head}: run `migrate` first")
    raise Refused(f"the database is at version {found}, which is newer than this code ({head}): run the newer release")
