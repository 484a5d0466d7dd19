"""A bucket on its bad days: nothing half written, and words that say what to mend."""

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from viva_core.errors import Invalid, Transient
from viva_media.adapters.objects_s3 import S3Objects
from viva_media.adapters.recordings import Recordings
from viva_media.domain.audio import RATE, silence
from viva_media.domain.recording import Cut
from viva_testkit.nats import free_port
from viva_testkit.s3 import S3Server

WHO = ("tenant", "interview")


@pytest.fixture
def bucket(s3: S3Server) -> str:
    """An empty bucket."""
    return s3.bucket(f"b{uuid.uuid4().hex}")


async def refused(objects: S3Objects, reason: str, *, words: str) -> None:
    """Everything that is asked of the store fails, for this reason and with the way out."""
    for asked in (
        objects.put("a/b", b"x"),
        objects.get("a/b"),
        objects.names("a/"),
        objects.delete("a/b"),
        Recordings(objects, bytes(32)).check(),
        Recordings(objects, bytes(32)).erase(*WHO),
    ):
        with pytest.raises(Transient, match=words) as fault:
            await asked
        assert fault.value.reason == reason
        assert "http" not in fault.value.message


async def test_a_bucket_that_is_missing_is_named(s3: S3Server) -> None:
    objects = S3Objects("b-is-none", endpoint=s3.url, credentials=s3.key)
    await refused(objects, "OBJECTS_NO_BUCKET", words="VIVA_RECORDING_S3_BUCKET")


@pytest.mark.parametrize("half", [0, 1], ids=["access key", "secret"])
async def test_a_wrong_key_is_refused_and_the_settings_named(s3: S3Server, bucket: str, half: int) -> None:
    key = ("wrong", s3.secret) if half == 0 else (s3.access, "wrong")
    objects = S3Objects(bucket, endpoint=s3.url, credentials=key)
    await refused(objects, "OBJECTS_REFUSED", words="VIVA_RECORDING_S3_ACCESS_KEY_FILE")
    assert s3.keys(bucket) == []


async def test_a_server_that_is_down_is_an_outage() -> None:
    objects = S3Objects("bucket", endpoint=f"http://127.0.0.1:{free_port()}", credentials=("access", "secret"))
    await refused(objects, "OBJECTS_AWAY", words="does not answer")


async def test_a_bucket_that_keeps_versions_is_refused_before_anything_is_said(s3: S3Server) -> None:
    bucket = s3.bucket(f"b{uuid.uuid4().hex}", versions=True)
    recordings = Recordings(S3Objects(bucket, endpoint=s3.url, credentials=s3.key), bytes(32))
    for asked in (recordings.check(), recordings.keep(*WHO, Cut("turn", 0, (silence(RATE),)))):
        with pytest.raises(Transient, match="keeps versions") as fault:
            await asked
        assert fault.value.reason == "OBJECTS_VERSIONED"
    assert s3.keys(bucket) == []


@asynccontextmanager
async def cutting(port: int, after: int) -> AsyncIterator[str]:
    """An address that hands on so many bytes of each connection to a port and then hangs up."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        left = after
        with suppress(OSError):
            while left > 0 and (piece := await reader.read(min(left, 65536))):
                far_writer.write(piece)
                await far_writer.drain()
                left -= len(piece)
        for each in (far_writer, writer):
            each.close()
            with suppress(OSError):
                await each.wait_closed()
        del far_reader

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_half_an_upload_leaves_nothing(s3: S3Server, bucket: str) -> None:
    async with cutting(s3.port, after=200_000) as cut:
        objects = S3Objects(bucket, endpoint=cut, credentials=s3.key)
        with pytest.raises(Transient) as fault:
            await objects.put("tenant/interview/segment", bytes(2_000_000))
    assert fault.value.reason == "OBJECTS_AWAY"
    assert s3.keys(bucket) == []


async def test_half_an_upload_leaves_the_object_that_was_there(s3: S3Server, bucket: str) -> None:
    straight = S3Objects(bucket, endpoint=s3.url, credentials=s3.key)
    await straight.put("tenant/interview/index", b"before")
    async with cutting(s3.port, after=200_000) as cut:
        objects = S3Objects(bucket, endpoint=cut, credentials=s3.key)
        with pytest.raises(Transient):
            await objects.put("tenant/interview/index", bytes(2_000_000))
    assert await straight.get("tenant/interview/index") == b"before"


def test_a_file_of_certificates_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="VIVA_RECORDING_S3_CA_FILE"):
        S3Objects("bucket", ca_file=tmp_path / "none.pem")


def test_without_its_library_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(Invalid, match="extra `s3`"):
        S3Objects("bucket")
