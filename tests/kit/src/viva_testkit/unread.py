"""A message that a running stack cannot handle."""

import uuid

from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from viva_core.bus import Bus
from viva_core.bus.subjects import event_subject
from viva_core.bus.topology import Role
from viva_core.health import Health
from viva_core.settings import NatsSettings

from viva_testkit.stack import LocalStack


async def say_what_nobody_reads(stack: LocalStack, interview_id: uuid.UUID | str, payload: bytes = b"") -> str:
    """Say an event of a version that is still to come, which the session service gives up; the id of its message."""
    password = SecretStr(stack.home.secret(f"nats-{Role.ADMIN}").read_text())
    settings = NatsSettings(nats_url=stack.state.nats_url, nats_user=Role.ADMIN.value, nats_password=password)
    bus = await Bus.connect(settings, source="test", health=Health(), registry=CollectorRegistry())
    message_id = str(uuid.uuid4())
    headers = {
        "ce-specversion": "1.0",
        "ce-id": message_id,
        "ce-source": "test",
        "ce-type": "viva.event.v2.AnswerEvaluated",
        "ce-time": "2026-11-25T12:00:00Z",
        "Nats-Msg-Id": message_id,
    }
    subject = event_subject(stack.state.tenant_id, interview_id, "answer-evaluated")
    await bus.publisher.publish(subject, payload, headers)
    await bus.close()
    return message_id
