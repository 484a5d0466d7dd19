"""Another tenant's people find nothing: every route that names something, tried with somebody else's ids."""

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from viva_core.errors import VivaError
from viva_local.demo.client import ApiClient
from viva_local.demo.interview import Demo, Held, Listener
from viva_local.demo.persona import PersonaName, load_persona
from viva_testkit.bus import eventually
from viva_testkit.stack import LocalStack
from viva_testkit.unread import say_what_nobody_reads

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(600)]

PASSWORD = "a password of another tenant"


@pytest.fixture
async def held(recruiter: ApiClient, candidate: ApiClient) -> Held:
    """An interview of the first tenant, with everything that an interview can have."""
    return await Demo(recruiter, candidate, Listener()).hold("en", load_persona(PersonaName.EVASIVE, "en"))


@pytest.fixture
async def stranger(stack: LocalStack, tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """Somebody with every role, of another tenant: a signed-in client and the account's address."""
    email = f"{uuid.uuid4()}@other.example.com"
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    arguments = ["--tenant", str(uuid.uuid4()), "--tenant-name", "Other", "--email", email, "--name", "Boss"]
    arguments += ["--roles", "admin,recruiter,reviewer", "--password-file", str(password)]
    environment = {
        **os.environ,
        "VIVA_DATABASE_URL": stack.state.database_url,
        "VIVA_SESSION_TARGET": stack.state.session_target,
        "VIVA_TOKEN_KEY_FILE": str(stack.home.secret("token-key")),
    }
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "viva_gateway", "create-account", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    async with httpx.AsyncClient(base_url=stack.state.gateway_url, timeout=30) as client:
        signed_in = await client.post("/api/v1/auth/token", json={"email": email, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
        yield client, email


def bodies(held: Held) -> dict[str, Any]:
    """A valid body for each operation that wants one, so that nothing is refused for its form alone."""
    competency = held.report.competencies[0]
    criteria = [
        {
            "criterion_id": criterion.criterion_id,
            "title": criterion.title,
            "weight": criterion.weight,
            "anchors": [{"band": anchor.band, "description": anchor.description} for anchor in criterion.anchors],
        }
        for criterion in competency.rubric.criteria
    ]
    position = {
        "title": "Taken over",
        "job_description": "x",
        "language": "en",
        "mode": "hiring",
        "duration_seconds": 600.0,
        "patience_seconds": 3.0,
        "competencies": [
            {
                "competency": {"competency_id": "system_design", "title": "S"},
                "weight": 100,
                "rubric_id": competency.rubric.rubric_id,
            }
        ],
    }
    candidate = {"candidate": {"name": "Spy", "email": "spy@example.com"}}
    return {
        "update_rubric": {"title": "Taken over", "criteria": criteria},
        "update_position": position,
        "preview_question": {"competency_id": competency.competency.competency_id},
        "create_invitations": {"invitations": [candidate], "valid_for_seconds": 3600},
        "reissue_invitation": {"valid_for_seconds": 3600},
        "score_by_hand": {"criterion_id": criteria[0]["criterion_id"], "score": 5, "reason": "because I say so"},
        "resolve_request": {"answer": "because I say so"},
        "submit_review": {"decision": "decline", "reason": "because I say so", "report_version": 1},
        "update_webhook": {"url": "https://127.0.0.1/", "events": ["ping"]},
        "rotate_webhook_secret": {"overlap_seconds": 0},
        "replay_webhook_deliveries": {"since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"},
        "update_account": {"name": "Taken over"},
    }


async def test_another_tenant_finds_nothing(
    stack: LocalStack, recruiter: ApiClient, held: Held, stranger: tuple[httpx.AsyncClient, str]
) -> None:
    client, email = stranger
    number = await _dead_letter(stack, recruiter, held.interview_id)
    await _try_every_route(recruiter, held, client, number)
    assert (await client.get("/api/v1/dead-letters")).json()["items"] == []
    assert (await recruiter.get(f"/dead-letters/{number}"))["retries"] == 0
    await recruiter._request("DELETE", f"/dead-letters/{number}")
    untouched = await recruiter.get(f"/interviews/{held.interview_id}")
    assert untouched["state"] == "reported"

    for path in ("interviews", "positions", "rubrics"):
        assert (await client.get(f"/api/v1/{path}")).json()["items"] == [], path
    accounts = (await client.get("/api/v1/accounts")).json()["items"]
    assert [account["email"] for account in accounts] == [email]
    assert held.interview_id not in (await client.get("/api/v1/audit")).text

    watcher = ApiClient(stack.state.gateway_url)
    await watcher.sign_in(email, PASSWORD)
    messages = watcher.live(held.interview_id, 0)
    with pytest.raises(VivaError, match="the live socket was refused"):
        await anext(messages)
    await messages.aclose()
    await watcher.aclose()


async def _dead_letter(stack: LocalStack, recruiter: ApiClient, interview_id: str) -> int:
    """A message about the interview that could not be handled; its number."""
    message_id = await say_what_nobody_reads(stack, interview_id)
    found: list[int] = []

    async def there() -> bool:
        letters = (await recruiter.get("/dead-letters", limit="200"))["items"]
        found[:] = [letter["number"] for letter in letters if letter["message_id"] == message_id]
        return bool(found)

    await eventually(there, within=120)
    return found[0]


async def _try_every_route(recruiter: ApiClient, held: Held, stranger: httpx.AsyncClient, number: int) -> None:
    """Every operation that names something, with the first tenant's ids and a body that is right."""
    me = await recruiter.get("/auth/me")
    webhook = await recruiter.post("/webhooks", bodies(held)["update_webhook"])
    ids = {
        "interview_id": held.interview_id,
        "position_id": held.report.interview.position_id,
        "rubric_id": held.report.competencies[0].rubric.rubric_id,
        "account_id": me["account_id"],
        "turn_id": held.report.interview.turns[0].turn_id,
        "request_id": str(uuid.uuid4()),
        "webhook_id": webhook["webhook_id"],
        "delivery_id": (await recruiter.post(f"/webhooks/{webhook['webhook_id']}/ping"))["delivery_id"],
        "version": "1",
        "number": str(number),
    }
    document = (await stranger.get("/api/v1/openapi.json")).json()
    tried = 0
    for path, operations in document["paths"].items():
        if "{" not in path or path.startswith("/api/v1/candidate"):
            continue
        address = path
        for name, value in ids.items():
            address = address.replace(f"{{{name}}}", value)
        assert "{" not in address, path
        for method, operation in operations.items():
            name = operation["operationId"]
            how: dict[str, Any] = {"headers": {"If-Match": '"1"'}}
            if name in ("update_rubric",):
                how["headers"]["If-Match"] = f'"{held.report.competencies[0].rubric.sha256}"'
            if name == "import_invitations":
                how |= {"content": "name,email\nSpy,spy@example.com\n"}
                how["headers"]["Content-Type"] = "text/csv"
            elif method in ("post", "put", "patch"):
                how["json"] = bodies(held).get(name, {})
            answered = await stranger.request(method, address, **how)
            assert answered.status_code == 404, (name, answered.status_code, answered.text)
            tried += 1
    assert tried >= 20
