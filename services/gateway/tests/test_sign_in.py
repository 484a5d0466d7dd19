"""Signing in and out: cookies, bearer tokens, refresh tokens."""

from datetime import timedelta
from typing import Any

import jwt
from viva_gateway.domain.principal import Role

COOKIE = "viva_session"


async def test_a_cookie_session_knows_who_is_signed_in(gateway: Any) -> None:
    client = await gateway.signed_in(Role.RECRUITER, Role.REVIEWER)
    answered = await client.get("/auth/me")
    assert answered.status_code == 200
    assert answered.json()["roles"] == ["recruiter", "reviewer"]
    assert answered.json()["tenant_id"] == str(gateway.tenant)


async def test_the_cookie_is_http_only_and_same_site(gateway: Any) -> None:
    await gateway.account()
    answered = await gateway.http.post("/auth/login", json={"email": "KIM@example.com", "password": gateway.password})
    cookie = answered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie


async def test_wrong_and_unknown_are_told_in_the_same_words(gateway: Any) -> None:
    await gateway.account()
    wrong = await gateway.http.post("/auth/login", json={"email": "kim@example.com", "password": "wrong"})
    unknown = await gateway.http.post("/auth/login", json={"email": "nobody@example.com", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["detail"] == unknown.json()["detail"]
    assert wrong.headers["www-authenticate"].startswith("Bearer")


async def test_signing_out_ends_the_session(gateway: Any) -> None:
    client = await gateway.signed_in()
    token = client.cookies[COOKIE]
    assert (await client.post("/auth/logout")).status_code == 204
    client.cookies.set(COOKIE, token, domain="gateway.test")
    assert (await client.get("/auth/me")).status_code == 401


async def test_a_cookie_alone_changes_nothing_for_another_site(gateway: Any) -> None:
    client = await gateway.signed_in(Role.ADMIN)
    del client.headers["X-Viva-CSRF"]
    body = {"email": "lee@example.com", "name": "Lee", "roles": ["recruiter"]}
    bare = await client.post("/accounts", json=body)
    foreign = await client.post("/accounts", json=body, headers={"Origin": "https://evil.test", "X-Viva-CSRF": "1"})
    own = await client.post("/accounts", json=body, headers={"Origin": "http://gateway.test"})
    assert [bare.status_code, foreign.status_code, own.status_code] == [403, 403, 201]
    assert bare.json()["reason"] == "CSRF"


async def test_a_cookie_gets_a_new_value_and_the_old_one_dies_once_the_new_one_is_seen(gateway: Any) -> None:
    client = await gateway.signed_in()
    first = client.cookies[COOKIE]
    gateway.clock.advance(timedelta(minutes=20))
    assert (await client.get("/auth/me")).status_code == 200
    second = client.cookies[COOKIE]
    assert second != first
    assert (await client.get("/auth/me")).status_code == 200  # the new one is seen
    gateway.clock.advance(timedelta(minutes=1))
    thief = gateway.client()
    thief.cookies.set(COOKIE, first, domain="gateway.test")
    assert (await thief.get("/auth/me")).status_code == 401


async def test_a_lost_response_with_the_new_value_locks_nobody_out(gateway: Any) -> None:
    client = await gateway.signed_in()
    first = client.cookies[COOKIE]
    gateway.clock.advance(timedelta(minutes=20))
    await client.get("/auth/me")  # its answer never arrives
    gateway.clock.advance(timedelta(minutes=5))
    again = gateway.client()
    again.cookies.set(COOKIE, first, domain="gateway.test")
    answered = await again.get("/auth/me")
    assert answered.status_code == 200
    assert again.cookies[COOKIE] != first


async def test_an_idle_session_ends(gateway: Any) -> None:
    client = await gateway.signed_in()
    gateway.clock.advance(timedelta(hours=9))
    assert (await client.get("/auth/me")).status_code == 401


async def test_a_second_sign_in_gives_a_new_session(gateway: Any) -> None:
    client = await gateway.signed_in()
    first = client.cookies[COOKIE]
    await client.post("/auth/login", json={"email": "kim@example.com", "password": gateway.password})
    assert client.cookies[COOKIE] != first
    old = gateway.client()
    old.cookies.set(COOKIE, first, domain="gateway.test")
    assert (await old.get("/auth/me")).status_code == 401


async def test_a_bearer_token_needs_no_csrf_header(gateway: Any) -> None:
    client = await gateway.bearer(Role.ADMIN)
    body = {"email": "lee@example.com", "name": "Lee", "roles": ["recruiter"]}
    assert (await client.post("/accounts", json=body)).status_code == 201


async def test_a_bearer_token_runs_out(gateway: Any) -> None:
    client = await gateway.bearer()
    gateway.clock.advance(timedelta(minutes=11))
    answered = await client.get("/auth/me")
    assert answered.status_code == 401
    assert answered.json()["reason"] == "TOKEN_EXPIRED"


async def test_a_token_signed_by_another_key_or_by_none_is_refused(gateway: Any) -> None:
    account_id = await gateway.account()
    claims = {
        "iss": "viva-gateway",
        "aud": "viva-api",
        "sub": str(account_id),
        "sid": str(account_id),
        "exp": 9_999_999_999,
    }
    for forged in (jwt.encode(claims, "x" * 32, "HS256"), jwt.encode(claims, None, "none")):
        answered = await gateway.http.get("/auth/me", headers={"Authorization": f"Bearer {forged}"})
        assert answered.status_code == 401
        assert answered.json()["reason"] == "TOKEN_INVALID"


async def _tokens(gateway: Any) -> dict[str, str]:
    await gateway.account()
    answered = await gateway.http.post("/auth/token", json={"email": "kim@example.com", "password": gateway.password})
    tokens: dict[str, str] = answered.json()
    return tokens


async def test_a_refresh_token_is_good_once_and_a_second_use_ends_the_family(gateway: Any) -> None:
    first = await _tokens(gateway)
    second = (await gateway.http.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})).json()
    bearer = {"Authorization": f"Bearer {second['access_token']}"}
    assert (await gateway.http.get("/auth/me", headers=bearer)).status_code == 200
    stolen = await gateway.http.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert stolen.status_code == 401
    after = await gateway.http.post("/auth/refresh", json={"refresh_token": second["refresh_token"]})
    assert after.status_code == 401
    assert (await gateway.http.get("/auth/me", headers=bearer)).json()["reason"] == "TOKEN_REVOKED"


async def test_revoking_ends_the_bearer_token_too(gateway: Any) -> None:
    tokens = await _tokens(gateway)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await gateway.http.post("/auth/revoke", json={"refresh_token": tokens["refresh_token"]})).status_code == 204
    assert (await gateway.http.get("/auth/me", headers=bearer)).status_code == 401


async def test_guessing_is_stopped_with_the_time_to_wait(gateway: Any) -> None:
    await gateway.account()
    body = {"email": "kim@example.com", "password": "wrong"}
    answers = [(await gateway.http.post("/auth/login", json=body)) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


async def test_a_new_password_ends_every_other_session(gateway: Any) -> None:
    client = await gateway.signed_in()
    other = gateway.client(**{"X-Viva-CSRF": "1"})
    await other.post("/auth/login", json={"email": "kim@example.com", "password": gateway.password})
    changed = await client.post("/auth/password", json={"current": gateway.password, "new": "another long passphrase"})
    assert changed.status_code == 204
    assert (await client.get("/auth/me")).status_code == 200
    assert (await other.get("/auth/me")).status_code == 401


async def test_a_disabled_account_is_out_at_once(gateway: Any) -> None:
    admin = await gateway.signed_in(Role.ADMIN, email="admin@example.com")
    kim = await gateway.bearer(Role.RECRUITER)
    account_id = (await kim.get("/auth/me")).json()["account_id"]
    assert (await admin.patch(f"/accounts/{account_id}", json={"disabled": True})).status_code == 200
    assert (await kim.get("/auth/me")).status_code == 401


async def test_the_last_admin_stays_one(gateway: Any) -> None:
    admin = await gateway.signed_in(Role.ADMIN)
    account_id = (await admin.get("/auth/me")).json()["account_id"]
    answered = await admin.patch(f"/accounts/{account_id}", json={"roles": ["recruiter"]})
    assert answered.status_code == 409
    assert answered.json()["reason"] == "LAST_ADMIN"


async def test_without_an_identity_provider_only_the_password_is_offered(gateway: Any) -> None:
    offered = await gateway.http.get("/auth/methods")
    assert offered.json() == {"password": True, "oidc": False}
    sent = await gateway.http.get("/auth/oidc/login")
    assert (sent.status_code, sent.headers["location"]) == (303, "/positions?sign_in=OIDC_OFF")
