"""The fixtures that tests of every service share; loaded by pytest through the entry point of viva-testkit."""

import importlib
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from viva_core.bus.apply import apply

from viva_testkit.bus import BusFactory
from viva_testkit.clock import FakeClock
from viva_testkit.folders import open_folder
from viva_testkit.models import small_model_path
from viva_testkit.nats import NatsServer
from viva_testkit.postgres import Postgres

__all__ = ["small_model_path"]

_ALLURE = "schemathesis.reporting.allure"


def pytest_configure() -> None:
    """A machine that is busy with something else is no failure of the code: properties have no deadline."""
    settings.register_profile("viva", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("viva")
    # Schemathesis imports this when the session ends, and pytest rewrites, so parses, it. Python 3.11.7 and older fail
    # (gh-106905) when a finaliser or a thread that the tests left parses at that moment: ask now, keep the answer.
    try:
        importlib.import_module(_ALLURE)
    except ImportError:
        sys.modules[_ALLURE] = None  # type: ignore[assignment]  # what the import system takes for "there is none"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Under several workers (`-n`, `--dist loadgroup`) a file stays on one of them, so that what a module or a folder
    sets up is set up once; all that share the running stack stay together, so that there is one stack.
    """
    for item in items:
        shared = "stack" in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group("stack" if shared else item.nodeid.split("::")[0]))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fail rather than set up everything anew for each test, should pytest and pytest-xdist disagree on groups."""
    grouped = session.config.getoption("loadgroup", False)  # set by pytest-xdist, in its workers
    if grouped and any("@" not in item.nodeid for item in session.items):
        raise pytest.UsageError("pytest-xdist did not group the tests: does this version of pytest suit it?")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's PostgreSQL server."""
    with open_folder("postgres") as folder:
        server = Postgres(folder)
        yield server
        server.stop()


@pytest.fixture
def database_url(postgres: Postgres) -> Iterator[str]:
    """A fresh, empty database; dropped after the test."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A nats-server of the test's own, empty, with JetStream; the test may kill and restart it."""
    server = NatsServer(tmp_path / "nats")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def clock() -> FakeClock:
    """A clock that the test moves."""
    return FakeClock()


@pytest.fixture
async def buses(nats_server: NatsServer) -> AsyncIterator[BusFactory]:
    """Connects buses to the test's server; the topology has been applied."""
    factory = BusFactory(nats_server.url)
    await apply((await factory.connect("admin")).bus.api)
    yield factory
    await factory.close()
