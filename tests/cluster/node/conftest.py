"""The node, and the release on it, for the whole session; interviews end with their test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from viva_testkit.cluster import cache_folder

from tests.cluster.node.running import IMAGES, Interview, Node, Release

NEEDED = ("runc", "nft", "nsenter", "unshare", "openssl", "ip")


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
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node with every image on it."""
    if reason := _missing():
        pytest.skip(reason)
    made = Node(tmp_path_factory.mktemp("node") / "state")
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def release(node: Node) -> Release:
    """The three charts, installed."""
    made = Release(node, "viva")
    made.prepare()
    made.install()
    return made


@pytest.fixture
def interview(release: Release, tmp_path: Path) -> Iterator[Callable[[], Interview]]:
    """Starts interviews."""
    started: list[Interview] = []

    def start() -> Interview:
        started.append(Interview(release, tmp_path / f"interview-{len(started)}"))
        return started[-1]

    yield start
    for each in started:
        each.end()
