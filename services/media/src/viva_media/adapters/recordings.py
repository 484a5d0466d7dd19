"""Recordings in an object store, sealed under one key an interview.

`<tenant>/<interview>/key` is the interview's key, wrapped by the service's; `index` lists the segments; a segment's
name is the SHA-256 of its sealed bytes. Erasing begins with the key: from then on the rest is noise, whoever has a copy
of it. A process that still holds the key looks for it again after each write, and takes back what it wrote too late.
"""

import asyncio
import hashlib
import json
from dataclasses import asdict
from weakref import WeakValueDictionary

from viva_core.errors import Permanent, Transient

from viva_media.adapters import opus
from viva_media.adapters.sealing import Sealer, Tampered
from viva_media.domain.recording import Cut, Objects, Segment

_SUFFIX = ".ogg.enc"
_PROBE = "probe"


class Unreadable(Permanent):
    """An object that this key does not open, or that somebody changed."""

    reason = "RECORDING_DAMAGED"


class Recordings:
    """The recordings of one service. `key`: 32 bytes that wrap the interviews' own keys."""

    def __init__(self, objects: Objects, key: bytes) -> None:
        self._objects = objects
        self._wrap = Sealer(key)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # while somebody holds one

    async def keep(self, tenant_id: str, interview_id: str, cut: Cut) -> Segment | None:
        """Keep a segment; None when the interview was erased meanwhile. Raises Transient or Unreadable."""
        place = _place(tenant_id, interview_id)
        ogg = await asyncio.to_thread(opus.encode, cut.parts)
        async with self._lock(place):
            sealer = await self._sealer(place) or await self._begin(place)
            sealed = await asyncio.to_thread(sealer.seal, ogg, f"{place}segment")
            name = f"{place}{hashlib.sha256(sealed).hexdigest()}{_SUFFIX}"
            length = sum(len(part) for part in cut.parts)
            segment = Segment(cut.turn_id, cut.start, length, name, hashlib.sha256(ogg).hexdigest())
            segments = [*await self._index(place, sealer), segment]
            await self._objects.put(name, sealed)
            listed = json.dumps([asdict(each) for each in segments]).encode()
            await self._objects.put(f"{place}index", sealer.seal(listed, f"{place}index"))
            if await self._objects.get(f"{place}key") is None:  # another process erased it
                await self._remove(place)
                return None
        return segment

    async def check(self) -> None:
        """Try the store out, so that what is wrong is known before a candidate speaks. Raises Transient."""
        await self._objects.put(_PROBE, _PROBE.encode())
        if await self._objects.get(_PROBE) != _PROBE.encode() or _PROBE not in await self._objects.names(_PROBE):
            raise Transient("the store of recordings gives back other than what was put in", reason="OBJECTS_AWAY")
        await self._objects.delete(_PROBE)

    async def segments(self, tenant_id: str, interview_id: str) -> list[Segment]:
        """What is kept of an interview, in the order in which it was spoken. Raises Transient or Unreadable."""
        place = _place(tenant_id, interview_id)
        sealer = await self._sealer(place)
        return [] if sealer is None else await self._index(place, sealer)

    async def read(self, tenant_id: str, interview_id: str, segment: Segment) -> bytes | None:
        """The Ogg file of a segment; None when it is gone. Raises Transient or Unreadable."""
        place = _place(tenant_id, interview_id)
        sealer, sealed = await self._sealer(place), await self._objects.get(segment.name)
        if sealer is None or sealed is None:
            return None
        return _opened(sealer, sealed, f"{place}segment")

    async def erase(self, tenant_id: str, interview_id: str) -> int:
        """Destroy what is kept of an interview, the key first; how many objects that were. Raises Transient."""
        place = _place(tenant_id, interview_id)
        async with self._lock(place):
            return await self._remove(place)

    def _lock(self, place: str) -> asyncio.Lock:
        return self._locks.setdefault(place, asyncio.Lock())

    async def _remove(self, place: str) -> int:
        erased = int(await self._objects.delete(f"{place}key"))
        for name in await self._objects.names(place):
            erased += await self._objects.delete(name)
        return erased

    async def _begin(self, place: str) -> Sealer:
        key = Sealer.new_key()
        await self._objects.put(f"{place}key", self._wrap.seal(key, f"{place}key"))
        return Sealer(key)

    async def _sealer(self, place: str) -> Sealer | None:
        wrapped = await self._objects.get(f"{place}key")
        return None if wrapped is None else Sealer(_opened(self._wrap, wrapped, f"{place}key"))

    async def _index(self, place: str, sealer: Sealer) -> list[Segment]:
        sealed = await self._objects.get(f"{place}index")
        if sealed is None:
            return []
        return [Segment(**each) for each in json.loads(_opened(sealer, sealed, f"{place}index"))]


def _place(tenant_id: str, interview_id: str) -> str:
    return f"{tenant_id}/{interview_id}/"


def _opened(sealer: Sealer, sealed: bytes, bound_to: str) -> bytes:
    try:
        return sealer.open(sealed, bound_to)
    except Tampered as error:
        raise Unreadable("a recording belongs to another key or was changed") from error
