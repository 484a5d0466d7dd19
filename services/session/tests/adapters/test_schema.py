"""The migrations lead to the tables that the code has, and nothing else is let in."""

import socket
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from viva_core.db import tables as core_tables
from viva_core.errors import Refused, Transient
from viva_session.adapters import schema, tables, webhook_tables


def engine(url: str) -> sa.Engine:
    return sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))


def test_migrated_from_empty_the_schema_is_the_models(database_url: str) -> None:
    schema.migrate(database_url)
    made = engine(database_url)
    with made.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": schema.VERSION_TABLE, "compare_type": True}
        )
        metadata = sa.MetaData()
        assert webhook_tables.webhooks.metadata is tables.metadata
        for source in (tables.metadata, core_tables.metadata):
            for table in source.tables.values():
                table.to_metadata(metadata)
        differences = compare_metadata(context, metadata)
    made.dispose()
    assert differences == []


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    assert schema.migrate(database_url) == schema.migrate(database_url)


def test_an_empty_database_is_refused_with_the_way_out(database_url: str) -> None:
    with pytest.raises(Refused, match="run `migrate` first"):
        schema.check(database_url)


def test_a_schema_ahead_of_the_code_is_refused(database_url: str) -> None:
    schema.migrate(database_url)
    made = engine(database_url)
    with made.begin() as connection:
        connection.execute(sa.text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'"))
    made.dispose()
    with pytest.raises(Refused, match="newer than this code"):
        schema.check(database_url)


def test_the_right_schema_is_let_in(database_url: str) -> None:
    schema.migrate(database_url)
    schema.check(database_url)


@pytest.mark.parametrize("act", [schema.check, schema.migrate])
def test_a_database_that_is_away_is_a_sentence(act: Callable[[str], object]) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        with pytest.raises(Transient, match=r"PostgreSQL is not available.*VIVA_DATABASE_URL"):
            act(f"postgresql://viva:secret@127.0.0.1:{nobody.getsockname()[1]}/viva")
