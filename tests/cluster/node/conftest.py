"""The node for the whole session, and the release on it; what was measured is printed at the end."""

import os
import shutil
import signal
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from viva_testkit.cluster import cache_folder

from tests.cluster.node.running import FIGURES, IMAGES, Interview, Node, Release

NEEDED = ("runc", "nft", "nsenter", "unshare", "openssl", "ip")
RELEASE = pytest.StashKey[Release]()


def _missing() -> str:
    """Why there can be no node here; empty where there can."""
    if os.geteuid() != 0:
        return "a real node needs root: namespaces, mounts and control groups"
    path = f"/usr/sbin:/sbin:{os.environ.get('PATH', '')}"
    if tools := [tool for tool in NEEDED if shutil.which(tool, path=path) is None]:
        return f"a real node needs Debian's packages (tests/cluster/versions names them); missing: {', '.join(tools)}"
    archives = cache_folder() / "images"
    if images := [image for image in IMAGES if not list(archives.glob(f"viva-{image}-*.tar"))]:
        return f"images are not built: {', '.join(images)} (make test-node builds them)"
    return ""


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """A node with every image on it. It is gone afterwards, however that comes: who is told to end by SIGTERM, as by a
    time limit of CI, ends as by Ctrl-C."""
    if reason := _missing():
        pytest.exit(reason, 1)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    made = Node()
    try:
        made.start()
        yield made
    finally:
        made.stop()
        signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def prepared(node: Node) -> Release:
    """All that docs/install.md wants before the charts."""
    made = Release(node, "viva")
    made.prepare()
    return made


@pytest.fixture
def release(prepared: Release, request: pytest.FixtureRequest) -> Release:
    """The three charts, installed, and every pod ready."""
    request.node.stash[RELEASE] = prepared
    prepared.install()
    prepared.ready()
    return prepared


@pytest.fixture
def interview(release: Release, tmp_path: Path) -> Iterator[Callable[[], Interview]]:
    """Begins interviews; each is over behind the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Interview(release, tmp_path))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed tells what the cluster looked like."""
    report = yield
    release = item.stash.get(RELEASE, None)
    if report.failed and release is not None:
        report.sections.append(("the cluster", release.story()))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures."""
    if FIGURES:
        terminalreporter.section("on the real node")
        for figure in FIGURES:
            terminalreporter.write_line(figure)
