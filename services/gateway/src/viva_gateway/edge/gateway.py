"""What routes work with: one object, made by `bootstrap`, found at `app.state.gateway`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection
from viva_core.clock import Clock
from viva_core.health import Health
from viva_core.ids import IdFactory

from viva_gateway.adapters.accounts import Accounts
from viva_gateway.adapters.bearer import BearerTokens
from viva_gateway.adapters.erasures import Erasures
from viva_gateway.adapters.idempotency import IdempotencyKeys
from viva_gateway.adapters.limits import RateLimits
from viva_gateway.adapters.passwords import Passwords
from viva_gateway.adapters.refresh_tokens import RefreshTokens
from viva_gateway.adapters.report.html import HtmlRenderer
from viva_gateway.adapters.report.pdf import PdfRenderer
from viva_gateway.adapters.services import Services
from viva_gateway.adapters.sessions import Sessions
from viva_gateway.domain.principal import Principal
from viva_gateway.edge.metrics import HttpMetrics
from viva_gateway.settings import GatewaySettings

if TYPE_CHECKING:
    from viva_gateway.adapters.oidc import OidcProvider


@dataclass(frozen=True)
class Gateway:
    """Everything that routes need."""

    settings: GatewaySettings
    services: Services
    accounts: Accounts
    sessions: Sessions
    refresh_tokens: RefreshTokens
    idempotency: IdempotencyKeys
    erasures: Erasures
    passwords: Passwords
    bearer: BearerTokens
    limits: RateLimits
    oidc: "OidcProvider | None"
    html: HtmlRenderer
    pdf: PdfRenderer
    metrics: HttpMetrics
    health: Health
    clock: Clock
    new_id: IdFactory


def gateway_of(connection: HTTPConnection) -> Gateway:
    """The gateway of a request or socket."""
    gateway: Gateway = connection.app.state.gateway
    return gateway


def _gateway(request: Request) -> Gateway:
    return gateway_of(request)


def _principal(request: Request) -> Principal:
    principal: Principal = request.state.principal  # the guard let nobody else through
    return principal


Via = Annotated[Gateway, Depends(_gateway)]
Caller = Annotated[Principal, Depends(_principal)]
