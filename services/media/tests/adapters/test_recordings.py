"""Recordings: what was spoken comes back, nobody reads it without the key, and erasing leaves nothing."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from viva_core.errors import Invalid, Transient
from viva_media.adapters import opus
from viva_media.adapters.objects_folder import FolderObjects
from viva_media.adapters.recordings import Recordings, Unreadable
from viva_media.domain.audio import RATE, Pcm, silence
from viva_media.domain.recording import SEGMENT, Cut, Cutter

KEY = bytes(range(32))
WHO = ("tenant", "interview")


@pytest.fixture
def objects(tmp_path: Path) -> FolderObjects:
    """An empty store."""
    return FolderObjects(tmp_path / "objects")


def files(folder: Path) -> list[Path]:
    """All files below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def alike(said: Pcm, kept: Pcm) -> float:
    """The correlation at the best of some small delays."""
    length = min(len(said), len(kept)) - 1000
    best = 0.0
    for delay in range(0, 640, 4):
        best = max(best, float(np.corrcoef(said[:length], kept[delay : delay + length])[0, 1]))
    return best


async def test_what_was_spoken_comes_back_from_the_store(objects: FolderObjects, recordings: list[Any]) -> None:
    store, pcm = Recordings(objects, KEY), recordings[0].pcm
    kept = await store.keep(*WHO, Cut("turn", 4000, (pcm[:30_000], pcm[30_000:])))
    assert kept is not None
    again = Recordings(objects, KEY)
    [segment] = await again.segments(*WHO)
    assert segment == kept
    assert (segment.turn_id, segment.start, segment.length) == ("turn", 4000, len(pcm))
    ogg = await again.read(*WHO, segment)
    assert ogg is not None
    assert ogg.startswith(b"OggS")
    assert b"OpusHead" in ogg
    assert hashlib.sha256(ogg).hexdigest() == segment.sha256
    sound = opus.decode(ogg)
    assert abs(len(sound) - len(pcm)) < RATE // 25
    assert alike(pcm, sound) > 0.9


async def test_nothing_on_the_disk_is_readable_and_names_are_of_the_content(
    objects: FolderObjects, tmp_path: Path, recordings: list[Any]
) -> None:
    await Recordings(objects, KEY).keep(*WHO, Cut("turn", 0, (recordings[0].pcm,)))
    found = files(tmp_path)
    assert len(found) == 3
    for path in found:
        data = path.read_bytes()
        assert not any(magic in data for magic in (b"OggS", b"Opus", b"turn"))
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0
        if path.name.endswith(".ogg.enc"):
            assert path.name == f"{hashlib.sha256(data).hexdigest()}.ogg.enc"
    with pytest.raises(Unreadable):
        await Recordings(objects, bytes(32)).segments(*WHO)


async def test_what_was_changed_is_not_played(objects: FolderObjects) -> None:
    store = Recordings(objects, KEY)
    segment = await store.keep(*WHO, Cut("turn", 0, (silence(RATE),)))
    assert segment is not None
    sealed = await objects.get(segment.name)
    assert sealed is not None
    await objects.put(segment.name, sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(Unreadable):
        await store.read(*WHO, segment)


async def test_erasing_leaves_nothing_of_this_interview_and_all_of_others(
    objects: FolderObjects, tmp_path: Path
) -> None:
    store = Recordings(objects, KEY)
    for place in (0, SEGMENT):
        await store.keep(*WHO, Cut("turn", place, (silence(RATE),)))
    await store.keep("tenant", "interview-2", Cut("turn", 0, (silence(RATE),)))
    assert await store.erase(*WHO) == 4
    assert await store.erase(*WHO) == 0
    assert await store.segments(*WHO) == []
    assert not (tmp_path / "objects" / "tenant" / "interview").exists()
    assert len(await store.segments("tenant", "interview-2")) == 1


async def test_without_the_key_what_is_left_is_shredded(objects: FolderObjects) -> None:
    store = Recordings(objects, KEY)
    segment = await store.keep(*WHO, Cut("turn", 0, (silence(RATE),)))
    assert segment is not None
    await objects.delete("tenant/interview/key")
    assert await objects.get(segment.name) is not None
    assert await store.read(*WHO, segment) is None


class ErasedElsewhere(FolderObjects):
    """Another process erases while this one writes."""

    async def put(self, name: str, data: bytes) -> None:
        """The key goes as soon as the index is there."""
        await super().put(name, data)
        if name.endswith("index"):
            await self.delete(name.replace("index", "key"))


async def test_what_is_written_after_an_erasure_elsewhere_is_taken_back(tmp_path: Path) -> None:
    store = Recordings(ErasedElsewhere(tmp_path / "objects"), KEY)
    assert await store.keep(*WHO, Cut("turn", 0, (silence(RATE),))) is None
    assert files(tmp_path) == []


async def test_a_crash_while_writing_leaves_no_half_object(objects: FolderObjects, tmp_path: Path) -> None:
    await objects.put("tenant/interview/whole", b"whole")
    torn = tmp_path / "objects" / "tenant" / "interview" / "torn.part"
    torn.write_bytes(b"half of")
    assert await objects.names("tenant/interview/") == ["tenant/interview/whole"]
    again = FolderObjects(tmp_path / "objects")
    assert not torn.exists()
    assert await again.get("tenant/interview/whole") == b"whole"


async def test_names_stay_in_the_folder(objects: FolderObjects) -> None:
    for name in ("../outside", "/etc/passwd", "", "a/../../b"):
        with pytest.raises(Invalid):
            await objects.put(name, b"")


async def test_a_disk_that_refuses_is_an_outage(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path / "objects")
    (tmp_path / "objects" / "tenant").write_bytes(b"a file where a folder should be")
    with pytest.raises(Transient):
        await objects.put("tenant/interview/key", b"")


def test_a_long_answer_is_cut_every_minute_and_where_time_jumps() -> None:
    cutter, block = Cutter("turn"), silence(RATE)
    cuts = [cut for second in range(1, 66) for cut in cutter.add(second * RATE, block)]
    assert [(cut.start, len(cut.parts)) for cut in cuts] == [(0, 60)]
    [jumped] = cutter.add(80 * RATE, block)
    assert (jumped.start, len(jumped.parts)) == (SEGMENT, 5)
    [rest] = cutter.rest()
    assert (rest.start, len(rest.parts)) == (79 * RATE, 1)
    assert cutter.rest() == []


async def test_the_segments_of_an_answer_are_one_file_whose_time_is_the_answers(recordings: list[Any]) -> None:
    first, second = recordings[0].pcm[: 2 * RATE], recordings[0].pcm[2 * RATE :]
    later = 5 * RATE + 123
    whole = opus.decode(opus.join([(RATE, opus.encode([first])), (later, opus.encode([second]))]))
    assert abs(len(whole) - later - len(second)) < RATE // 20
    assert alike(first, whole[RATE - 400 :]) > 0.9
    assert alike(second, whole[later - 400 :]) > 0.9
    for start, end in ((0, RATE - RATE // 20), (3 * RATE + RATE // 10, later - RATE // 10)):
        assert np.abs(whole[start:end]).max() < 50, "between two segments there is silence"
