"""Sound that waits: bounded, encrypted, and there again after a crash."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs
from viva_core.errors import Exhausted
from viva_media.adapters.spool import Belonging, Spool
from viva_media.adapters.spool_log import Damaged
from viva_media.adapters.spools import Spools
from viva_media.domain.audio import Chunk, Pcm

KEY = bytes(range(32))
WHOSE = Belonging("tenant", "interview", "turn", "en", "hiring", 1.5, 1_700_000_000.0)


@pytest.fixture
def spools(tmp_path: Path) -> Spools:
    """A folder with room for ten seconds."""
    return Spools(tmp_path / "spool", KEY, limit=320_000)


def sound(length: int, seed: int = 1) -> Pcm:
    """Some noise."""
    return np.random.default_rng(seed).integers(-3000, 3000, length).astype(np.int16)


def filled(spools: Spools, pcm: Pcm, start: int = 0) -> Spool:
    """A spool with the sound in blocks of 1,600."""
    spool = spools.create(WHOSE)
    for at in range(0, len(pcm), 1600):
        spool.append(Chunk(start + at, pcm[at : at + 1600]))
    return spool


def test_what_went_in_comes_out_by_place(spools: Spools) -> None:
    pcm = sound(16_000)
    spool = filled(spools, pcm, start=5000)
    assert np.array_equal(spool.read(6000, 9000), pcm[1000:4000])
    assert not spool.read(0, 5000).any()


def test_sound_is_the_same_from_memory_and_from_the_disk_wherever_it_is_read(spools: Spools, tmp_path: Path) -> None:
    pcm = sound(64_000)  # four seconds, of which the last are at hand
    spool = filled(spools, pcm)
    again = Spools(tmp_path / "spool", KEY, limit=320_000).open(spool.path)
    for start, end in ((0, 64_000), (0, 100), (30_000, 42_000), (39_999, 62_001), (63_000, 64_000), (50_000, 50_001)):
        assert np.array_equal(spool.read(start, end), pcm[start:end])
        assert np.array_equal(again.read(start, end), pcm[start:end])
    assert not spool.read(64_000, 65_000).any()


def test_sound_that_is_put_in_out_of_order_is_found(spools: Spools) -> None:
    pcm = sound(48_000)
    spool = spools.create(WHOSE)
    for at in (0, 32_000, 16_000):
        spool.append(Chunk(at, pcm[at : at + 16_000]))
    assert np.array_equal(spool.read(0, 48_000), pcm)
    assert np.array_equal(spool.read(20_000, 40_000), pcm[20_000:40_000])


def test_a_crash_leaves_everything_for_the_next_process(spools: Spools, tmp_path: Path) -> None:
    pcm = sound(16_000)
    spool = filled(spools, pcm)
    spool.settle(4800)
    again = Spools(tmp_path / "spool", KEY, limit=320_000)
    (path,) = again.left()
    found = again.open(path)
    assert found.belonging == WHOSE
    assert found.settled_until == 4800
    assert np.array_equal(np.concatenate([chunk.pcm for chunk in found.chunks()]), pcm[4800:])


def test_a_torn_last_record_is_cut_off_and_the_rest_is_there(spools: Spools, tmp_path: Path) -> None:
    spool = filled(spools, sound(8_000))
    whole = spool.path.stat().st_size
    spool.path.write_bytes(spool.path.read_bytes()[: whole - 100])
    found = Spools(tmp_path / "spool", KEY, limit=320_000).open(spool.path)
    assert found.end == 6400
    found.append(Chunk(6400, sound(1600)))
    assert len(list(found.chunks())) == 5


def test_nothing_that_was_said_can_be_read_without_the_key(spools: Spools, tmp_path: Path) -> None:
    pcm = sound(3200)
    spool = filled(spools, pcm)
    raw = spool.path.read_bytes()
    assert pcm.tobytes()[:64] not in raw
    assert b"interview" not in raw
    with pytest.raises(Damaged):
        Spools(tmp_path / "spool", bytes(32), limit=320_000).open(spool.path)
    assert spool.path.stat().st_mode & 0o077 == 0


def test_a_record_that_was_changed_or_swapped_is_noticed(spools: Spools, tmp_path: Path) -> None:
    spool = filled(spools, sound(3200))
    raw = bytearray(spool.path.read_bytes())
    raw[-5] ^= 1
    spool.path.write_bytes(raw)
    with pytest.raises(Damaged):
        Spools(tmp_path / "spool", KEY, limit=320_000).open(spool.path)


def test_a_file_of_another_answer_is_not_taken_for_this_one(spools: Spools, tmp_path: Path) -> None:
    spool = filled(spools, sound(3200))
    other = spool.path.with_name("another.turn.spool")
    spool.path.rename(other)
    with pytest.raises(Damaged):
        Spools(tmp_path / "spool", KEY, limit=320_000).open(other)


def test_settled_sound_makes_room(spools: Spools) -> None:
    spool = spools.create(WHOSE)
    for number in range(300):  # thirty seconds through a file that holds ten
        spool.append(Chunk(number * 1600, sound(1600, number)))
        spool.settle(number * 1600)
    assert spool.path.stat().st_size < 320_000
    assert np.array_equal(spool.read(299 * 1600, 300 * 1600), sound(1600, 299))


def test_the_bound_is_never_crossed(spools: Spools) -> None:
    spool = spools.create(WHOSE)
    for number in range(90):
        spool.append(Chunk(number * 1600, sound(1600)))
    with pytest.raises(Exhausted) as raised:
        spool.append(Chunk(90 * 1600, sound(160_000)))
    assert raised.value.reason == "SPOOL_FULL"
    assert spool.path.stat().st_size <= 320_000
    spool.settle(16_000)
    spool.append(Chunk(400_000, sound(1600)))


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """The system lets no file of this process grow beyond so many bytes: it takes a part of a write, then none."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with capture_logs():  # a log may be a file as well
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_costs_no_sound_while_there_is_memory(tmp_path: Path) -> None:
    faults: list[str] = []
    spools = Spools(tmp_path / "spool", KEY, limit=320_000, on_fault=lambda: faults.append("full"))
    pcm = sound(32_000)
    spool = filled(spools, pcm[:8000])
    with full_disk(spool.path.stat().st_size + 1000):
        for at in range(8000, 24_000, 1600):
            spool.append(Chunk(at, pcm[at : at + 1600]))
        spool.settle(4800)
        assert np.array_equal(spool.read(4800, 24_000), pcm[4800:24_000])
    for at in range(24_000, 32_000, 1600):
        spool.append(Chunk(at, pcm[at : at + 1600]))
    assert np.array_equal(spool.read(4800, 32_000), pcm[4800:])
    assert faults == ["full"]
    found = Spools(tmp_path / "spool", KEY, limit=320_000).open(spool.path)  # what the disk took is whole
    assert np.array_equal(found.read(24_000, 32_000), pcm[24_000:])
    assert np.array_equal(found.read(4800, 8000), pcm[4800:8000])


def test_a_disk_that_is_full_from_the_start_is_written_as_soon_as_it_takes_something(
    spools: Spools, tmp_path: Path
) -> None:
    pcm = sound(16_000)
    with full_disk(40):
        spool = filled(spools, pcm[:8000])
        assert np.array_equal(spool.read(0, 8000), pcm[:8000])
    for at in range(8000, 16_000, 1600):
        spool.append(Chunk(at, pcm[at : at + 1600]))
    assert np.array_equal(spool.read(0, 16_000), pcm)
    found = Spools(tmp_path / "spool", KEY, limit=320_000).open(spool.path)
    assert np.array_equal(np.concatenate([chunk.pcm for chunk in found.chunks()]), pcm[8000:])


def test_on_a_full_disk_memory_is_bounded_too(tmp_path: Path) -> None:
    spool = Spools(tmp_path / "spool", KEY, limit=64 << 20).create(WHOSE)
    with full_disk(400):
        for number in range(65):
            spool.append(Chunk(number * 16_000, sound(16_000)))
        with pytest.raises(Exhausted) as raised:
            spool.append(Chunk(65 * 16_000, sound(16_000)))
        assert raised.value.reason == "SPOOL_FULL"
        spool.settle(10 * 16_000)
        spool.append(Chunk(65 * 16_000, sound(16_000)))


def test_a_settled_answer_leaves_no_file(spools: Spools, tmp_path: Path) -> None:
    spool = filled(spools, sound(1600))
    spool.delete()
    assert list((tmp_path / "spool").iterdir()) == []


def test_erasing_an_interview_destroys_its_files_only(spools: Spools) -> None:
    filled(spools, sound(1600))
    other = spools.create(Belonging("tenant", "other", "turn", "en", "hiring", 1.5, 0.0))
    assert spools.erase("interview") == 1
    assert spools.left() == [other.path]


def test_rubbish_in_the_folder_is_no_spool(spools: Spools, tmp_path: Path) -> None:
    for content in (b"", b"VIVASPL1", b"x" * 500):
        path = tmp_path / "spool" / "x.y.spool"
        path.write_bytes(content)
        with pytest.raises(Damaged):
            spools.open(path)
