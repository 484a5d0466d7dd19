"""What is done once, from the command line."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from prometheus_client import CollectorRegistry
from sqlalchemy import Connection
from viva.common.v1 import types_pb2 as common
from viva.session.v1 import session_pb2 as api
from viva.session.v1.session_pb2_grpc import SessionServiceStub
from viva_core.db import create_engine, needed, reach, session_factory
from viva_core.errors import Conflict, Invalid, Violation
from viva_core.grpc import GrpcMetrics, acting_as, create_channel
from viva_core.ids import uuid7

from viva_gateway.adapters import migrations
from viva_gateway.adapters.accounts import Accounts
from viva_gateway.adapters.passwords import Passwords
from viva_gateway.domain.principal import Role
from viva_gateway.settings import GatewaySettings

_MINIMUM = 12


async def migrate(settings: GatewaySettings) -> None:
    """Bring the schema `gateway` to the newest version. Raises Transient when the database is away."""

    def upgrade(connection: Connection) -> None:
        migrations.upgrade(connection)

    engine = create_engine(settings, application="viva-gateway-migrate")
    try:
        with needed():
            async with engine.begin() as connection:
                await connection.run_sync(upgrade)
    finally:
        await engine.dispose()


async def create_account(settings: GatewaySettings, arguments: Sequence[str]) -> int:
    """Make a tenant, if it is named, and an account in it. Twice is no error; an account that exists stays as it is."""
    wanted = _parse(arguments)
    roles = _roles(wanted.roles)
    password = _password(Path(wanted.password_file))
    if len(password) < _MINIMUM:
        raise Invalid(f"the password is shorter than {_MINIMUM} characters")
    engine, passwords = create_engine(settings, application="viva-gateway-account"), Passwords()
    try:
        await reach(engine)  # before the tenant is made: nothing half done
        if wanted.tenant_name:
            await _create_tenant(settings, wanted.tenant, wanted.tenant_name)
        hashed = await passwords.hash(password)
        made = await _create(Accounts(session_factory(engine)), wanted, roles, hashed)
        sys.stdout.write("created\n" if made else "exists\n")
    finally:
        passwords.close()
        await engine.dispose()
    return 0


async def _create(accounts: Accounts, wanted: argparse.Namespace, roles: Sequence[Role], hashed: str) -> bool:
    """False when the tenant has the account already."""
    try:
        await accounts.create(uuid7(), wanted.tenant, wanted.email, wanted.name or wanted.email, roles, hashed)
    except Conflict:
        found = await accounts.by_email(wanted.email)
        if found is None or found[0].tenant_id != wanted.tenant:
            raise Conflict("this e-mail address has an account in another tenant") from None
        return False
    return True


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m viva_gateway create-account")
    parser.add_argument("--tenant", type=UUID, required=True, help="the tenant's id")
    parser.add_argument("--tenant-name", default="", help="makes the tenant by this name, through the session service")
    parser.add_argument("--email", required=True)
    parser.add_argument("--name", default="", help="as colleagues see it")
    parser.add_argument("--roles", required=True, help="recruiter, reviewer, admin; separated by commas")
    parser.add_argument("--password-file", required=True, help="holds the password; its last line end is dropped")
    return parser.parse_args(list(arguments))


def _password(path: Path) -> str:
    return path.read_text(encoding="utf-8").rstrip("\r\n")


def _roles(text: str) -> list[Role]:
    try:
        return [Role(part.strip()) for part in text.split(",")]
    except ValueError:
        known = ", ".join(Role)
        raise Invalid(f"--roles: known are {known}", [Violation("--roles", f"want some of {known}")]) from None


async def _create_tenant(settings: GatewaySettings, tenant_id: UUID, name: str) -> None:
    channel = create_channel(settings.session_target, metrics=GrpcMetrics(CollectorRegistry()))
    operator = common.Actor(
        kind=common.ACTOR_KIND_SERVICE, tenant_id=str(tenant_id), subject_id="gateway", display_name="gateway"
    )
    try:
        with acting_as(operator):
            request = api.CreateTenantRequest(tenant_id=str(tenant_id), name=name)
            await SessionServiceStub(channel).CreateTenant(request)
    finally:
        await channel.close()
