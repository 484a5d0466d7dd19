"""The engine, and transactions whose failures are Viva's errors."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import sqlalchemy.exc
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from viva_core.errors import Exhausted, Transient, VivaError
from viva_core.settings import DatabaseSettings

_SERIALIZATION_FAILURE = "40001"
_DEADLOCK = "40P01"


def create_engine(settings: DatabaseSettings, *, application: str = "viva") -> AsyncEngine:
    """An async engine over psycopg 3.

    A connection is tested before it is lent, so a restart of PostgreSQL costs no request. No statement runs longer
    than 30 s, and no transaction idles longer than 60 s: a stuck process must not hold locks for ever.
    """
    return create_async_engine(
        make_url(settings.database_url.get_secret_value()).set(drivername="postgresql+psycopg"),
        pool_size=settings.database_pool,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 5,
            "application_name": application,
            "options": "-c timezone=UTC -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s",
        },
    )


def session_factory(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions whose objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def transaction(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    """One transaction: committed when the block ends, rolled back when it raises.

    Raises Transient when the database is away or asks to try again (serialization, deadlock), Exhausted when no
    connection is free; integrity errors and the block's own errors pass through.
    """
    with translated():
        async with sessions() as session, session.begin():
            yield session


@asynccontextmanager
async def reading(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    """Reads, each statement by itself: it sees the newest commit, and BEGIN and COMMIT cost no round trips.

    What must fit together is read by one statement. Raises as `transaction` does.
    """
    with translated():
        async with sessions() as session:
            await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            yield session


@contextmanager
def translated() -> Iterator[None]:
    """Raise what a database error within means to the caller (`translate`); what means nothing passes through."""
    try:
        yield
    except sqlalchemy.exc.SQLAlchemyError as error:
        fault = translate(error)
        if fault is None:
            raise
        raise fault from error


def translate(error: sqlalchemy.exc.SQLAlchemyError) -> VivaError | None:
    """What a database error means to the caller; None when it is a fault of the program or of the data."""
    if isinstance(error, sqlalchemy.exc.TimeoutError):
        return Exhausted("too many requests use the database now", reason="DATABASE_BUSY")
    if not isinstance(error, sqlalchemy.exc.DBAPIError):
        return None
    state = getattr(error.orig, "sqlstate", None)
    if state in (_SERIALIZATION_FAILURE, _DEADLOCK):
        return Transient("another change came first", reason="DATABASE_CONTENTION")
    if error.connection_invalidated or isinstance(
        error, sqlalchemy.exc.OperationalError | sqlalchemy.exc.InterfaceError
    ):
        return Transient("the database is not available", reason="DATABASE_UNAVAILABLE")
    return None
