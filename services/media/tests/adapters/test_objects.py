"""What every store of objects does, whether it is a folder or a bucket."""

import asyncio

import pytest
from viva_core.errors import Invalid
from viva_media.adapters.recordings import Recordings
from viva_media.domain.audio import RATE, silence
from viva_media.domain.recording import SEGMENT, Cut, Objects

KEY = bytes(range(32))
WHO = ("tenant", "interview")


async def test_an_object_comes_back_as_it_was_put(store: Objects) -> None:
    whole = bytes(range(256)) * 4096
    await store.put("tenant/interview/whole", whole)
    assert await store.get("tenant/interview/whole") == whole
    assert await store.get("tenant/interview/other") is None


async def test_a_newer_object_takes_the_place_of_one_of_that_name(store: Objects) -> None:
    await store.put("tenant/interview/index", b"one")
    await store.put("tenant/interview/index", b"")
    assert await store.get("tenant/interview/index") == b""
    assert await store.names("tenant/interview/") == ["tenant/interview/index"]


async def test_names_are_those_that_begin_so_in_order(store: Objects) -> None:
    for name in ("tenant/a/2", "tenant/a/1", "tenant/ab/1", "tenant/b/1", "other/a/1"):
        await store.put(name, b"x")
    assert await store.names("tenant/a/") == ["tenant/a/1", "tenant/a/2"]
    assert await store.names("tenant/a") == ["tenant/a/1", "tenant/a/2", "tenant/ab/1"]
    assert await store.names("tenant/c/") == []


async def test_more_names_than_fit_a_page_are_all_told(store: Objects) -> None:
    names = [f"tenant/interview/{number:04}" for number in range(1005)]
    for start in range(0, len(names), 50):
        await asyncio.gather(*(store.put(name, b"x") for name in names[start : start + 50]))
    assert await store.names("tenant/interview/") == names


async def test_a_deletion_tells_whether_there_was_one(store: Objects) -> None:
    await store.put("tenant/interview/key", b"x")
    await store.put("tenant/interview/key2", b"x")
    assert await store.delete("tenant/interview/key")
    assert not await store.delete("tenant/interview/key")
    assert not await store.delete("tenant/interview/ke")
    assert await store.names("tenant/") == ["tenant/interview/key2"]


async def test_no_name_leads_out_of_the_store(store: Objects) -> None:
    for name in ("../outside", "/etc/passwd", "", "a/../../b"):
        with pytest.raises(Invalid):
            await store.put(name, b"")
        with pytest.raises(Invalid):
            await store.get(name)


async def test_a_recording_is_kept_read_and_erased_to_the_last_object(store: Objects) -> None:
    recordings = Recordings(store, KEY)
    await recordings.check()
    kept = [await recordings.keep(*WHO, Cut("turn", place, (silence(RATE),))) for place in (0, SEGMENT)]
    await recordings.keep("tenant", "interview-2", Cut("turn", 0, (silence(RATE),)))
    again = Recordings(store, KEY)
    assert await again.segments(*WHO) == kept
    assert kept[0] is not None
    ogg = await again.read(*WHO, kept[0])
    assert ogg is not None
    assert ogg.startswith(b"OggS")
    assert await again.erase(*WHO) == 4
    assert await again.erase(*WHO) == 0
    assert await store.names("tenant/interview/") == []
    assert len(await again.segments("tenant", "interview-2")) == 1
    assert len(await store.names("")) == 3
