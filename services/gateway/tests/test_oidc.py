"""Signing in at an identity provider, from the button to the page: with a provider that runs."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pydantic import SecretStr
from viva_gateway.domain.principal import Role
from viva_testkit.clock import FakeClock
from viva_testkit.nats import free_port
from viva_testkit.oidc import CLIENT_ID, CLIENT_SECRET, Issuer, issuing

KIM = {"sub": "kim-at-the-provider", "email": "kim@example.com", "email_verified": True}


@pytest.fixture
async def issuer(clock: FakeClock) -> AsyncIterator[Issuer]:
    """The provider; Kim signs in there. Its time is the gateway's."""
    async with issuing() as made:
        made.claims = dict(KIM)
        made.now = lambda: clock.now().timestamp()
        yield made


@pytest.fixture
async def gateway(
    settings: Callable[..., Any], neighbour: Any, clock: FakeClock, issuer: Issuer, run_gateway: Callable[..., Any]
) -> AsyncIterator[Any]:
    """A gateway that knows the provider."""
    made = settings(oidc_issuer=issuer.url, oidc_client_id=CLIENT_ID, oidc_client_secret=SecretStr(CLIENT_SECRET))
    async with run_gateway(made, neighbour, clock) as running:
        yield running


async def sent_to(client: Any, path: str, **query: str) -> str:
    """Where the browser is sent."""
    answered = await client.get(path, params=query)
    assert (answered.status_code, answered.content) == (303, b"")
    location: str = answered.headers["location"]
    return location


async def sign_in(client: Any, issuer: Issuer) -> str:
    """From the button to where the gateway sends the browser in the end."""
    came_back = issuer.authorize(await sent_to(client, "/auth/oidc/login", return_to="/rubrics"))
    return await sent_to(client, "/auth/oidc/callback", **came_back)


async def test_whom_an_admin_has_added_is_signed_in_and_comes_back_to_the_page(gateway: Any, issuer: Issuer) -> None:
    await gateway.account(Role.REVIEWER)
    client = gateway.client()
    assert await sign_in(client, issuer) == "/rubrics"
    me = (await client.get("/auth/me")).json()
    assert me["roles"] == ["reviewer"]
    # From now on the subject counts, whatever address the provider has for it.
    issuer.claims["email"] = "lee@example.com"
    assert await sign_in(gateway.client(), issuer) == "/rubrics"


@pytest.mark.parametrize("claims", [KIM, {"sub": "kim", "email": "kim@example.com", "email_verified": False}])
async def test_whom_nobody_has_added_or_the_provider_does_not_vouch_for_is_sent_back_with_the_reason(
    gateway: Any, issuer: Issuer, claims: dict[str, Any]
) -> None:
    if claims is not KIM:
        await gateway.account()
    issuer.claims = dict(claims)
    client = gateway.client()
    assert await sign_in(client, issuer) == "/positions?sign_in=NO_ACCOUNT"
    assert (await client.get("/auth/me")).status_code == 401


@pytest.mark.parametrize("changed", [{"nonce": "another"}, {"aud": "another"}, {"iss": "https://elsewhere.example"}])
async def test_a_token_that_was_not_made_for_this_sign_in_is_not_believed(
    gateway: Any, issuer: Issuer, changed: dict[str, str]
) -> None:
    await gateway.account()
    issuer.claims |= changed
    assert await sign_in(gateway.client(), issuer) == "/positions?sign_in=OIDC_TOKEN"


async def test_a_sign_in_is_finished_once_and_by_the_browser_that_began_it(gateway: Any, issuer: Issuer) -> None:
    await gateway.account()
    client = gateway.client()
    came_back = issuer.authorize(await sent_to(client, "/auth/oidc/login"))
    failed = "/positions?sign_in=OIDC_STATE"
    assert await sent_to(gateway.client(), "/auth/oidc/callback", **came_back) == failed
    assert await sent_to(client, "/auth/oidc/callback", **came_back) == "/"
    assert await sent_to(client, "/auth/oidc/callback", **came_back) == failed


async def test_who_gives_up_at_the_provider_comes_back_to_a_page(gateway: Any, issuer: Issuer) -> None:
    client = gateway.client()
    state = issuer.authorize(await sent_to(client, "/auth/oidc/login"))["state"]
    back = await sent_to(client, "/auth/oidc/callback", error="access_denied", state=state)
    assert back == "/positions?sign_in=OIDC_STATE"


async def test_a_code_that_the_provider_refuses_is_told_as_such(gateway: Any, issuer: Issuer) -> None:
    client = gateway.client()
    came_back = issuer.authorize(await sent_to(client, "/auth/oidc/login"))
    back = await sent_to(client, "/auth/oidc/callback", state=came_back["state"], code="made-up")
    assert back == "/positions?sign_in=OIDC_REFUSED"


async def test_a_provider_that_is_away_ends_at_a_page_too(
    settings: Callable[..., Any], neighbour: Any, clock: FakeClock, run_gateway: Callable[..., Any]
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    async with run_gateway(settings(oidc_issuer=nobody, oidc_client_id="viva"), neighbour, clock) as gateway:
        assert await sent_to(gateway.client(), "/auth/oidc/login") == "/positions?sign_in=OIDC_UNAVAILABLE"


async def test_the_settings_tell_how_the_provider_is_now_and_never_the_secret(gateway: Any, issuer: Issuer) -> None:
    admin = await gateway.signed_in(Role.ADMIN)

    async def discovery() -> str:
        answered = await admin.get("/sign-in-settings")
        assert CLIENT_SECRET not in answered.text
        provider = answered.json()["provider"]
        assert (provider["issuer"], provider["client_id"]) == (issuer.url, CLIENT_ID)
        assert (provider["confidential"], provider["redirect_uri"]) == (
            True,
            "http://gateway.test/api/v1/auth/oidc/callback",
        )
        word: str = provider["discovery"]
        return word

    assert await discovery() == "ok"
    for document, word in (
        (["no object"], "unreachable"),
        (issuer.describe() | {"issuer": "https://elsewhere.example"}, "other_issuer"),
        ({"issuer": issuer.url}, "incomplete"),
    ):
        issuer.document = document
        assert await discovery() == word
    issuer.up = False
    assert await discovery() == "unreachable"
