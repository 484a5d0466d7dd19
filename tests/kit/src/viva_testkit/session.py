"""A running session service, as its tests hold it."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import grpc
from viva.common.v1 import types_pb2 as common
from viva.session.v1 import administration_pb2_grpc, webhook_pb2_grpc
from viva.session.v1 import session_pb2 as pb
from viva_core.grpc import acting_as
from viva_core.runtime import Environment

from viva_testkit.workers import FakeWorkers


@dataclass
class Service:
    """A running session service. `stub` calls it; `workers` play question_gen and evaluator on the bus."""

    workers: FakeWorkers
    tenant: UUID
    stub: Any
    channel: grpc.aio.Channel
    env: Environment
    stopping: asyncio.Event
    running: asyncio.Task[int]

    @property
    def webhooks(self) -> Any:
        """Calls its WebhookService."""
        return webhook_pb2_grpc.WebhookServiceStub(self.channel)

    @property
    def administration(self) -> Any:
        """Calls its AdministrationService."""
        return administration_pb2_grpc.AdministrationServiceStub(self.channel)

    async def make_tenant(self) -> None:
        """The tenant that everybody here belongs to."""
        maker = common.Actor(kind=common.ACTOR_KIND_SERVICE, tenant_id=str(self.tenant), subject_id="test")
        with acting_as(maker):
            await self.stub.CreateTenant(pb.CreateTenantRequest(tenant_id=str(self.tenant), name="Hanbit"))

    def staff(self, *roles: str) -> common.Actor:
        """Somebody of the tenant."""
        return common.Actor(
            kind=common.ACTOR_KIND_STAFF,
            tenant_id=str(self.tenant),
            subject_id=str(UUID(int=99)),
            display_name="Kim",
            roles=roles or ("recruiter", "reviewer", "admin"),
        )
