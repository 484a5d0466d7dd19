"""The engine, and transactions whose failures are Viva's errors."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import sqlalchemy.exc
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from viva_core.errors import Exhausted, Invalid, Transient, Violation, VivaError
from viva_core.settings import DatabaseSettings

_SERIALIZATION_FAILURE = "40001"
_DEADLOCK = "40P01"
_UNAVAILABLE = "DATABASE_UNAVAILABLE"
CONNECT_SECONDS = 5
"""How long one attempt to connect may take."""


def address(dsn: str) -> URL:
    """The database's URL, for psycopg 3. Raises Invalid, which does not quote it: it may hold a password."""
    try:
        return make_url(dsn).set(drivername="postgresql+psycopg")
    except (sqlalchemy.exc.ArgumentError, ValueError):
        wanted = "want postgresql://user:password@host:port/database"
        raise Invalid(f"VIVA_DATABASE_URL: {wanted}", [Violation("VIVA_DATABASE_URL", wanted)]) from None


def create_engine(settings: DatabaseSettings, *, application: str = "viva") -> AsyncEngine:
    """An async engine over psycopg 3.

    A connection is tested before it is lent, so a restart of PostgreSQL costs no request. No statement runs longer
    than 30 s, and no transaction idles longer than 60 s: a stuck process must not hold locks for ever.
    """
    return create_async_engine(
        address(settings.database_url.get_secret_value()),
        pool_size=settings.database_pool,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
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
    with _translated():
        async with sessions() as session, session.begin():
            yield session


@asynccontextmanager
async def reading(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    """Reads, each statement by itself: it sees the newest commit, and BEGIN and COMMIT cost no round trips.

    What must fit together is read by one statement. Raises as `transaction` does.
    """
    with _translated():
        async with sessions() as session:
            await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            yield session


@contextmanager
def needed() -> Iterator[None]:
    """What cannot go on without the database: a start, a migration, a command.

    Raises Transient with a sentence for the engineer (what PostgreSQL or the network said, the setting, the way out)
    when the database is away, else as `transaction` does.
    """
    try:
        with _translated():
            yield
    except Transient as fault:
        if fault.reason != _UNAVAILABLE:
            raise
        raise Transient(
            f"PostgreSQL is not available ({_said(fault.__cause__)}): see that it runs, and that VIVA_DATABASE_URL, or "
            "the file that VIVA_DATABASE_URL_FILE names, has the right host, port, user, password and database",
            reason=_UNAVAILABLE,
        ) from fault


async def reach(engine: AsyncEngine) -> None:
    """Connect once, before anything else is built. Raises as `needed` does."""
    with needed():
        async with engine.connect():
            pass


def _said(error: BaseException | None) -> str:
    """The driver's first line. A host that is not known is not named: an `@` in a password puts its end there."""
    line = str(getattr(error, "orig", None) or "it does not answer").splitlines()[0]
    if line.startswith("failed to resolve host"):
        return "its host's name is not known"
    return line.removeprefix("connection failed: ").removeprefix("connection is bad: ").rstrip(":. ")


@contextmanager
def _translated() -> Iterator[None]:
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
        return Transient("the database is not available", reason=_UNAVAILABLE)
    return None
