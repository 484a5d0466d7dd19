"""Dead letters, retention and the sign-in settings over REST."""

from typing import Any
from uuid import UUID

import pytest
from google.protobuf.duration_pb2 import Duration
from viva.common.v1 import types_pb2 as common
from viva.session.v1 import administration_pb2 as api
from viva_core.errors import NotFound
from viva_gateway.domain.principal import Role

LETTER = api.DeadLetter(
    number=7,
    message_id=str(UUID(int=7)),
    message_type="viva.event.v1.AnswerEvaluated",
    stream="VIVA_EVENT_V1",
    consumer="session",
    interview_id=str(UUID(int=9)),
    attempts=20,
    reason="UNKNOWN_VERSION",
    cause="a reader is older than its writer",
    size_bytes=120,
)


async def test_dead_letters_come_in_pages_and_one_comes_with_its_headers(gateway: Any) -> None:
    gateway.neighbour.answers["ListDeadLetters"] = api.ListDeadLettersResponse(
        dead_letters=[LETTER], next_page_token="Nw"
    )
    gateway.neighbour.answers["GetDeadLetter"] = api.GetDeadLetterResponse(
        dead_letter=LETTER, headers=[api.MessageHeader(name="ce-id", value=LETTER.message_id)]
    )
    admin = await gateway.signed_in(Role.ADMIN)
    page = (await admin.get("/dead-letters?limit=1")).json()
    assert (page["next_cursor"], page["items"][0]["number"]) == ("Nw", 7)
    assert page["items"][0]["reason"] == "UNKNOWN_VERSION"
    one = (await admin.get("/dead-letters/7")).json()
    assert one["headers"] == [{"name": "ce-id", "value": LETTER.message_id}]
    assert gateway.neighbour.called("GetDeadLetter")[0].request.number == 7


async def test_a_dead_letter_is_sent_again_or_removed_once(gateway: Any) -> None:
    gateway.neighbour.answers["RetryDeadLetter"] = api.RetryDeadLetterResponse()
    gateway.neighbour.answers["DeleteDeadLetter"] = NotFound("there is no dead letter 8")
    admin = await gateway.signed_in(Role.ADMIN)
    assert (await admin.post("/dead-letters/7/retry")).status_code == 204
    assert (await admin.delete("/dead-letters/8")).status_code == 404
    for number in ("0", "-1", "x", str(2**53)):
        assert (await admin.post(f"/dead-letters/{number}/retry")).status_code == 422
    assert [call.request.number for call in gateway.neighbour.called("RetryDeadLetter")] == [7]


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.REVIEWER])
async def test_the_installation_is_for_admins(gateway: Any, role: Role) -> None:
    client = await gateway.signed_in(role)
    for path in ("/dead-letters", "/dead-letters/7", "/retention", "/sign-in-settings"):
        assert (await client.get(path)).status_code == 403
    assert (await client.post("/dead-letters/7/retry")).status_code == 403
    assert (await client.delete("/dead-letters/7")).status_code == 403
    assert gateway.neighbour.calls == []


async def test_retention_tells_the_sessions_rules_and_the_gateways_own_with_their_settings(gateway: Any) -> None:
    gateway.neighbour.answers["GetRetention"] = api.GetRetentionResponse(
        rules=[
            api.RetentionRule(
                subject=api.RETENTION_SUBJECT_RECORDINGS,
                purpose=common.CONSENT_PURPOSE_RECORD,
                ends=[api.RETENTION_END_ERASURE, api.RETENTION_END_REVOCATION],
            ),
            api.RetentionRule(
                subject=api.RETENTION_SUBJECT_WEBHOOK_DELIVERIES,
                ends=[api.RETENTION_END_AGE],
                kept_for=Duration(seconds=30 * 86400),
                due=0,
            ),
        ]
    )
    admin = await gateway.signed_in(Role.ADMIN)
    items = {item["subject"]: item for item in (await admin.get("/retention")).json()["items"]}
    assert items["recordings"] == {
        "subject": "recordings",
        "purpose": "record",
        "ends": ["erasure", "revocation"],
        "kept_for_seconds": None,
        "due": None,
        "setting": "",
    }
    assert (items["webhook_deliveries"]["kept_for_seconds"], items["webhook_deliveries"]["due"]) == (2_592_000, 0)
    assert items["refresh_tokens"]["setting"] == "VIVA_REFRESH_TOKEN_DAYS"
    assert items["refresh_tokens"]["kept_for_seconds"] == 30 * 86400


async def test_without_a_provider_the_address_to_register_is_told(gateway: Any) -> None:
    admin = await gateway.signed_in(Role.ADMIN)
    told = (await admin.get("/sign-in-settings")).json()
    assert told == {"provider": None, "redirect_uri": "http://gateway.test/api/v1/auth/oidc/callback"}
