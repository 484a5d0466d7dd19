"""What vision says of a face: kept in the log while the candidate consents, gone with the consent, never in hiring."""

from typing import Any
from uuid import UUID

import pytest
from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2 as events
from viva.session.v1 import session_pb2 as pb
from viva_core.bus import subjects
from viva_core.grpc import acting_as
from viva_core.ids import uuid7
from viva_testkit import steps
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.session import Service
from viva_testkit.workers import now

STREAM = "VIVA_EVENT_V1"


class Watched:
    """An interview and what vision says of it."""

    def __init__(self, service: Service, vision: BusProbe, admin: BusProbe, candidate: common.Actor) -> None:
        self._service, self._vision, self._admin, self.candidate = service, vision, admin, candidate
        self._tenant = str(service.tenant)

    async def consents(self, granted: bool) -> None:
        purpose = common.CONSENT_PURPOSE_EXPRESSIONS
        consent = common.Consent(purpose=purpose, granted=granted, text_version="2026-11")
        with acting_as(self.candidate):
            await self._service.stub.RecordConsent(
                pb.RecordConsentRequest(interview_id=self.candidate.interview_id, consents=[consent])
            )

    async def is_seen(self, times: int = 1) -> None:
        for _ in range(times):
            seen = events.ExpressionsSeen(
                tenant_id=self._tenant,
                interview_id=self.candidate.interview_id,
                occurred_at=now(),
                captured_at=now(),
                faces=1,
            )
            await self._vision.bus.publish(self._subject("expressions-seen"), seen, event_id=uuid7())

    async def kept(self) -> int:
        subject = self._subject("expressions-seen")
        info = await self._admin.bus.api.request(f"STREAM.INFO.{STREAM}", {"subjects_filter": subject})
        return int((info["state"].get("subjects") or {}).get(subject, 0))

    async def handled(self) -> None:
        """Return when the session has handled all that was said."""
        await self._admin.handled(STREAM, "session")

    async def ledger(self) -> events.ConsentRecorded | None:
        stored = await self._admin.bus.api.newest(STREAM, self._subject("consent-recorded"))
        return None if stored is None else events.ConsentRecorded.FromString(stored.payload)

    def _subject(self, event: str) -> str:
        return subjects.event_subject(self._tenant, self.candidate.interview_id, event)


async def entered(service: Service, buses: BusFactory, mode: Any) -> Watched:
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff, mode=mode)
    _, token = await steps.invited(service.stub, staff, position_id)
    candidate = await steps.entered(service.stub, token)
    await steps.consented(service.stub, candidate)
    return Watched(service, await buses.connect("vision"), await buses.connect("admin"), candidate)


async def test_what_was_seen_is_a_timeline_and_goes_with_the_consent(service: Service, buses: BusFactory) -> None:
    watched = await entered(service, buses, common.INTERVIEW_MODE_PRACTICE)
    await watched.consents(True)
    await watched.is_seen(3)
    await watched.handled()
    assert await watched.kept() == 3
    await watched.consents(False)

    async def gone() -> bool:
        return await watched.kept() == 0

    await eventually(gone, within=30)
    await watched.is_seen()  # vision was at it while the candidate revoked
    await eventually(gone, within=30)


@pytest.mark.parametrize(
    ("mode", "granted"), [(common.INTERVIEW_MODE_HIRING, False), (common.INTERVIEW_MODE_PRACTICE, False)]
)
async def test_without_consent_nothing_is_kept(service: Service, buses: BusFactory, mode: Any, granted: bool) -> None:
    watched = await entered(service, buses, mode)
    await watched.is_seen()

    async def gone() -> bool:
        return await watched.kept() == 0

    await eventually(gone, within=30)


async def test_the_ledger_on_the_bus_says_all_that_is_in_force(service: Service, buses: BusFactory) -> None:
    watched = await entered(service, buses, common.INTERVIEW_MODE_PRACTICE)

    async def says(*purposes: Any) -> None:
        async def so() -> bool:
            said = await watched.ledger()
            return said is not None and sorted(said.in_force) == sorted(purposes)

        await eventually(so)

    always = (common.CONSENT_PURPOSE_TRANSCRIBE, common.CONSENT_PURPOSE_AI_SCORING)
    await says(*always)
    await watched.consents(True)
    await says(*always, common.CONSENT_PURPOSE_EXPRESSIONS)
    said = await watched.ledger()
    assert said is not None
    assert said.mode == common.INTERVIEW_MODE_PRACTICE
    assert UUID(said.interview_id) == UUID(watched.candidate.interview_id)
    await watched.consents(False)
    await says(*always)
