"""The synthetic candidate who speaks, on a line that does as it is told."""

from collections.abc import Sequence
from typing import Any

import pytest
from viva_local.demo.speaking import Speaking
from viva_media.domain.audio import RATE, Pcm
from viva_media.domain.turn_server import IceServer

TURN = {"turn_id": "one", "number": 2}
SEEN = [{"faces": 1}, {"faces": 0}, {"faces": 1}]


class Gateway:
    """In the place of the API: notes what it is asked, together with the line."""

    def __init__(self, noted: list[Any]) -> None:
        self.noted = noted
        self.looks = 0

    async def get(self, path: str, **_: Any) -> Any:
        if path.endswith("/ice-servers"):
            return {"ice_servers": []}
        if path.endswith("/expressions"):
            return {"items": SEEN}
        # The words arrive after the answer was closed.
        self.looks += 1
        late = {"text": "we", "line": None} if self.looks == 1 else {"text": "we did it", "line": {}}
        return {"turns": [{"turn_id": "one", "answer": late}]}

    async def post(self, path: str, body: Any = None, **_: Any) -> Any:
        what = path.rpartition("/")[2]
        if what == "peer":
            self.noted.append(("offer", body.get("peer_id")))
            return {"peer_id": "peer", "sdp_answer": "answer"}
        if what == "speech":
            self.noted.append((body["phase"],))
            return {"pending_seconds": 0, "gaps": 0}
        return {}


class Line:
    """In the place of a network and of the calls over it."""

    def __init__(self, noted: list[Any]) -> None:
        self.noted = noted

    def caller(self, ice_servers: Sequence[IceServer], *, face: bool = False) -> "Line":
        self.noted.append(("call", face))
        return self

    async def cut(self, caller: "Line", seconds: float) -> None:
        self.noted.append(("cut",))

    async def offer(self) -> str:
        return "offer"

    async def accept(self, sdp: str) -> None:
        """Nothing to do."""

    async def connected(self, within: float = 15.0) -> None:
        """At once."""

    async def say(self, pcm: Pcm) -> float:
        self.noted.append(("say", len(pcm)))
        return 0.0

    async def close(self) -> None:
        self.noted.append(("close",))


def candidate(noted: list[Any], **more: Any) -> Speaking:
    """Somebody who speaks."""
    gateway: Any = Gateway(noted)
    return Speaking(gateway, Line(noted), **more)


async def test_the_line_is_lost_in_mid_sentence_and_the_candidate_calls_again_and_goes_on() -> None:
    noted: list[Any] = []
    mouth = candidate(noted, cut=True)
    await mouth.open()
    await mouth.answer(TURN, "We moved the orders in four small steps.")
    await mouth.close()
    kinds = [each[0] for each in noted]
    assert kinds == ["call", "offer", "listening", "say", "cut", "call", "offer", "say", "done", "close"]
    first, second = (each[1] for each in noted if each[0] == "say")
    assert first > RATE // 2
    assert abs(first - second) <= 1
    assert [each[1] for each in noted if each[0] == "offer"] == [None, "peer"]


@pytest.mark.parametrize("face", [True, False])
async def test_only_who_practises_shows_a_face_and_is_told_what_a_model_saw(face: bool) -> None:
    noted: list[Any] = []
    mouth = candidate(noted, face=face)
    await mouth.open()
    await mouth.answer(TURN, "We did it.")
    await mouth.close()
    assert mouth.answers[0].text == "we did it"
    assert noted[0] == ("call", face)
    seen = {name: count for name, count in mouth.summary().items() if name.endswith("_seen")}
    assert seen == ({"pictures_seen": 3, "faces_seen": 2} if face else {})
