"""The stores that recordings may lie in: one behaviour suite holds all of them to the port."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from viva_media.adapters.objects_folder import FolderObjects
from viva_media.adapters.objects_s3 import S3Objects
from viva_media.domain.recording import Objects
from viva_testkit.s3 import Kind, S3Server, installed

KINDS: tuple[Kind, ...] = ("moto", "versitygw")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Kind], S3Server]]:
    """Starts each server once."""
    running: dict[Kind, S3Server] = {}

    def serve(kind: Kind) -> S3Server:
        if not installed(kind):
            pytest.skip(f"{kind} is not installed: make s3-server")
        if kind not in running:
            running[kind] = S3Server(kind, tmp_path_factory.mktemp(kind))
            running[kind].start()
        return running[kind]

    yield serve
    for server in running.values():
        server.stop()


@pytest.fixture(params=KINDS)
def s3(request: pytest.FixtureRequest, servers: Callable[[Kind], S3Server]) -> S3Server:
    """A server of each kind; shared, so that a test makes buckets of its own."""
    return servers(request.param)


@pytest.fixture(params=["folder", *KINDS])
def store(request: pytest.FixtureRequest, servers: Callable[[Kind], S3Server], tmp_path: Path) -> Objects:
    """An empty store of each kind."""
    if request.param == "folder":
        return FolderObjects(tmp_path / "store")
    server = servers(request.param)
    bucket = server.bucket(f"b{uuid.uuid4().hex}")
    return S3Objects(bucket, endpoint=server.url, prefix="viva/recordings", credentials=server.key)
