"""A practice interview with a camera, on a real stack: what the model saw is the candidate's alone, stands in no table,
enters no score, and goes with the consent."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from viva.common.v1 import types_pb2 as common
from viva.vision.v1 import vision_pb2 as pb
from viva_core import wellknown
from viva_core.bus import subjects
from viva_core.bus.topology import Role
from viva_core.errors import Denied, Refused
from viva_local.demo.client import ApiClient
from viva_testkit import faces
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.stack import LocalStack

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(600)]
OWN = "/candidate/interview"
ANSWER = "We moved the orders to a new service in four small steps and compared the results after each of them."
TRACES = ("fer-mini-xception", "no_face", "NO_FACE", "expressions-seen", "ExpressionsSeen")
"""What every expression that was stored anywhere would bring along."""
Invite = Callable[..., Awaitable[str]]


class Camera:
    """Puts pictures on the bus, as media does once it has them from the page."""

    def __init__(self, admin: BusProbe, tenant_id: str, interview_id: str) -> None:
        self._admin, self._tenant, self._interview = admin, tenant_id, interview_id
        self._pictures = [faces.jpeg(faces.portrait(scale=1.4)), faces.jpeg(faces.empty_room())]

    async def shows(self, picture: int) -> None:
        """Somebody who smiles (0), or nobody (1)."""
        frame = pb.AnalyzeFrameRequest(
            tenant_id=self._tenant,
            interview_id=self._interview,
            mode=common.INTERVIEW_MODE_PRACTICE,
            jpeg=self._pictures[picture],
            captured_at=wellknown.stamp(datetime.now(UTC)),
        )
        await self._admin.bus.publish(subjects.frame_subject(self._tenant, self._interview), frame, event_id=uuid4())

    async def looked_at(self) -> None:
        """Return once vision has done with all that was shown."""

        async def done() -> bool:
            info = await self._admin.bus.api.request("CONSUMER.INFO.VIVA_FRAME_V1.vision")
            return bool(info["num_pending"] == 0 and info["num_ack_pending"] == 0)

        await eventually(done, within=60)

    async def stored(self) -> int:
        """How many pictures' expressions the log holds."""
        subject = subjects.event_subject(self._tenant, self._interview, "expressions-seen")
        info = await self._admin.bus.api.request("STREAM.INFO.VIVA_EVENT_V1", {"subjects_filter": subject})
        return int((info["state"].get("subjects") or {}).get(subject, 0))


@pytest.fixture
async def camera_of(stack: LocalStack) -> Any:
    """Makes a camera for an interview."""
    factory = BusFactory(stack.state.nats_url)
    admin = await factory.connect(Role.ADMIN, password=stack.home.secret("nats-admin").read_text())
    yield lambda interview_id: Camera(admin, stack.state.tenant_id, interview_id)
    await factory.close()


async def consents(candidate: ApiClient, **answers: bool) -> None:
    given = [{"purpose": p, "granted": granted, "text_version": "2026-11"} for p, granted in answers.items()]
    await candidate.post(f"{OWN}/consents", {"consents": given})


async def entered(candidate: ApiClient, token: str, **more: bool) -> str:
    opened = await candidate.post("/candidate/session", {"token": token})
    await consents(candidate, record=False, transcribe=True, ai_scoring=True, **more)
    await candidate.post(f"{OWN}/ready")
    interview_id: str = opened["interview_id"]
    return interview_id


async def timeline(candidate: ApiClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await candidate.get(f"{OWN}/expressions"))["items"]
    return items


async def sees(candidate: ApiClient, camera: Camera, picture: int, points: int) -> None:
    """Show a picture until the timeline has so many points: a look may take long on a machine that is busy."""

    async def there() -> bool:
        await camera.shows(picture)
        await camera.looked_at()
        return len(await timeline(candidate)) >= points

    await eventually(there, within=60)


async def answered(candidate: ApiClient, interview_id: str) -> None:
    """Hold the whole interview, in writing."""
    done: set[str] = set()
    completing = False
    async with aclosing(candidate.live(interview_id, 0)) as messages:
        await candidate.post(f"{OWN}/start")
        async for message in messages:
            told = message["data"].get("interview") if isinstance(message["data"], dict) else None
            if told is None:
                continue
            if told["state"] in ("completed", "reported"):
                return
            waiting = [turn["turn_id"] for turn in told["turns"] if (turn["answer"] or {}).get("state") == "open"]
            for turn_id in set(waiting) - done:
                done.add(turn_id)
                await candidate.post(f"{OWN}/turns/{turn_id}/answer", {"text": ANSWER})
            if not waiting and told["progress"]["asking_finished"] and not completing:
                completing = True
                await candidate.post(f"{OWN}/complete")


def found_in_tables(stack: LocalStack, traces: tuple[str, ...]) -> Iterator[str]:
    """Where in the database, in whatever schema, one of the traces stands."""
    with psycopg.connect(stack.state.database_url) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in tables:
            for row in connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, table))):
                whole = " ".join(
                    value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row
                )
                yield from (f"{schema}.{table}: {trace}" for trace in traces if trace in whole)


async def test_what_the_model_saw_is_the_candidates_alone_and_stands_in_no_table(
    stack: LocalStack, recruiter: ApiClient, candidate: ApiClient, invite: Invite, camera_of: Any
) -> None:
    interview_id = await entered(candidate, await invite(recruiter, 3600, "practice"), expressions=True)
    camera = camera_of(interview_id)
    await sees(candidate, camera, 0, points=1)
    await sees(candidate, camera, 1, points=2)
    await answered(candidate, interview_id)

    points = await timeline(candidate)
    assert [point["captured_at"] for point in points] == sorted(point["captured_at"] for point in points)
    smile, nobody = points[0], next(point for point in points if point["faces"] == 0)
    likeliest = max(smile["face"]["expressions"], key=lambda each: each["probability"])
    assert likeliest["expression"] == "happy"
    assert (nobody["face"], nobody["quality"]) == (None, ["no_face"])

    with pytest.raises(Denied):
        await recruiter.get(f"{OWN}/expressions")
    seen_by_staff = str(await recruiter.get(f"/interviews/{interview_id}"))
    assert not any(trace in seen_by_staff for trace in TRACES)
    assert list(found_in_tables(stack, (ANSWER,))), "the search finds what is there"
    assert list(found_in_tables(stack, TRACES)) == []


async def test_taking_the_consent_back_in_mid_interview_ends_the_looking_and_removes_what_was_seen(
    recruiter: ApiClient, candidate: ApiClient, invite: Invite, camera_of: Any
) -> None:
    interview_id = await entered(candidate, await invite(recruiter, 3600, "practice"), expressions=True)
    camera = camera_of(interview_id)
    await sees(candidate, camera, 0, points=2)
    await consents(candidate, expressions=False)
    with pytest.raises(Refused, match="consent"):
        await timeline(candidate)

    async def gone() -> bool:
        return await camera.stored() == 0

    await eventually(gone, within=30)
    for _ in range(3):
        await camera.shows(0)
        await camera.looked_at()
    assert await camera.stored() == 0

    await consents(candidate, expressions=True)
    assert await timeline(candidate) == []
    await sees(candidate, camera, 1, points=1)
    assert {point["faces"] for point in await timeline(candidate)} == {0}


async def test_in_hiring_there_is_nothing_to_see(
    recruiter: ApiClient, candidate: ApiClient, invite: Invite, camera_of: Any
) -> None:
    interview_id = await entered(candidate, await invite(recruiter, 3600, "hiring"))
    camera = camera_of(interview_id)
    await camera.shows(0)
    await camera.looked_at()
    assert await camera.stored() == 0
    with pytest.raises(Refused, match="hiring"):
        await timeline(candidate)
