"""The gateway keeps the word of its OpenAPI document: what that allows, and what it forbids, tried on a real stack."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.core.parameters import ParameterLocation
from viva_gateway.app import description
from viva_local.demo.client import ApiClient
from viva_local.demo.material import load_resume
from viva_testkit.stack import LocalStack

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(600)]
Json = dict[str, Any]
Invite = Callable[[ApiClient, int], Awaitable[str]]

# They end the session under which everything else is tried: see the last test.
ENDERS = ("logout", "revoke_token", "change_password", "close_candidate_session", "erase_own_interview")
# What a schema cannot say, so that it allows what is refused (422). Whatever else is allowed must be taken.
BEYOND_SCHEMA = {
    "create_rubric": "a criterion's five anchors are the five bands, and no criterion_id stands there twice",
    "update_rubric": "the same",
    "create_position": "no competency stands there twice",
    "update_position": "the same",
    "create_invitations": "nobody stands there twice",
    "record_consents": "no purpose stands there twice",
    "import_invitations": "the columns of a CSV file",
    "open_peer": "what a text must be to be an SDP offer",
    "list_candidates": "a competency goes with the order by competency, and with no other",
    "export_candidates": "the same",
    "create_webhook": "what a URL must be to be called",
    "update_webhook": "the same",
    "replay_webhook_deliveries": "one delivery goes without a range of time, and a range has two ends",
    "score_by_hand": "which criteria the answer's rubric has",
    "upload_resume": "what a file must be to be a PDF, a DOCX or a text",
}
OFF = {"enabled": False}
# In a multipart body everything is bytes: a number there is a file that says a number.
ALSO_OFF = {"upload_resume": {"negative_data_rejection": OFF}}
ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "412", "429"]
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428"]
CONFIG = schemathesis.Config.from_dict(
    {
        "seed": 20261124,
        "checks": {
            # 412: If-Match names what was current once. That refuses a change and says nothing of the request's form.
            "positive_data_acceptance": {"expected-statuses": ACCEPTED},
            "negative_data_rejection": {"expected-statuses": REFUSED},
            # 428 is what a missing If-Match is answered (RFC 6585).
            "missing_required_header": {"expected-statuses": ["400", "401", "403", "406", "415", "422", "428"]},
        },
        "operations": [
            {"include-operation-id": name, "checks": {"positive_data_acceptance": OFF} | ALSO_OFF.get(name, {})}
            for name in BEYOND_SCHEMA
        ],
    }
)
whole = schemathesis.openapi.from_dict(description(), config=CONFIG)
schema = whole.exclude(operation_id=list(ENDERS))


class World:
    """What a request can name: things of each kind, made over the API itself."""

    def __init__(self, stack: LocalStack, invite: Invite) -> None:
        self.url = stack.state.gateway_url
        self._credentials = {
            "email": stack.state.admin_email,
            "password": stack.home.secret("admin-password").read_text(),
        }
        self.staff = httpx.Client(base_url=f"{self.url}/api/v1", timeout=60)
        self.token: str = self.staff.post("/auth/token", json=self._credentials).json()["access_token"]
        self.staff.headers["Authorization"] = f"Bearer {self.token}"
        held, self.held_cookie = asyncio.run(self._hold(invite))
        self.interview_id, self.position_id = held["interview_id"], held["position_id"]
        self.turn_id = held["turns"][0]["turn_id"]
        spec = self.staff.get(f"/positions/{self.position_id}").json()["spec"]
        self.rubric_id = spec["competencies"][0]["rubric_id"]
        self.account_id = self.staff.get("/auth/me").json()["account_id"]
        self.invited_cookie = self.cookie(self.invite()["token"])

    async def _hold(self, invite: Invite) -> tuple[Json, str]:
        """An interview with everything that one can have, and its candidate's cookie."""
        recruiter, candidate = ApiClient(self.url), ApiClient(self.url)
        await recruiter.sign_in(**self._credentials)
        begun = await candidate.post("/candidate/session", {"token": await invite(recruiter, 3600)})
        said = [
            {"purpose": each, "granted": True, "text_version": "1"} for each in ("record", "transcribe", "ai_scoring")
        ]
        await candidate.post("/candidate/interview/consents", {"consents": said})
        resume = load_resume("en")
        await candidate.upload("/candidate/interview/resume", resume.file_name, resume.media_type, resume.content)
        await candidate.post("/candidate/interview/ready")
        await candidate.post("/candidate/interview/start")
        async with aclosing(candidate.live(begun["interview_id"], 0)) as messages:
            async for message in messages:
                interview = message["data"].get("interview")
                if interview is None:
                    continue
                if interview["state"] == "reported":
                    break
                turn = interview["turns"][-1] if interview["turns"] else {"answer": None}
                if (turn["answer"] or {}).get("state") == "open":
                    path = f"/candidate/interview/turns/{turn['turn_id']}/answer"
                    await candidate.post(
                        path, {"text": "I profiled it, and found the lock that all of them waited for."}
                    )
                elif interview["progress"]["asking_finished"] and interview["state"] == "in_progress":
                    await candidate.post("/candidate/interview/complete")
        cookie = candidate._http.cookies["viva_candidate"]
        await recruiter.aclose()
        await candidate.aclose()
        return interview, cookie

    def invite(self) -> Json:
        """A fresh interview."""
        body = {"invitations": [{"candidate": {"name": "Kim Minji", "email": f"{uuid.uuid4()}@example.com"}}]}
        made: Json = self.staff.post(f"/positions/{self.position_id}/invitations", json=body).json()["items"][0]
        return made

    def cookie(self, token: str) -> str:
        """A candidate's session."""
        opened = httpx.post(f"{self.url}/api/v1/candidate/session", json={"token": token})
        return opened.cookies["viva_candidate"]

    def draft_position(self) -> Json:
        """A position that may be changed."""
        spec = self.staff.get(f"/positions/{self.position_id}").json()["spec"]
        made: Json = self.staff.post("/positions", json=spec).json()
        return made

    def draft_rubric(self) -> Json:
        """A rubric that may be changed."""
        kept = self.staff.get(f"/rubrics/{self.rubric_id}").json()
        body = {"title": kept["title"], "language": kept["language"], "criteria": kept["rubric"]["criteria"]}
        made: Json = self.staff.post("/rubrics", json=body).json()
        return made

    def webhook(self) -> str:
        """A webhook to an address that nothing is sent to; there may be 20 of them, so the one before goes."""
        for old in self.staff.get("/webhooks").json()["items"]:
            self.staff.delete(f"/webhooks/{old['webhook_id']}")
        body = {"url": "https://127.0.0.1/", "events": ["ping"]}
        made: str = self.staff.post("/webhooks", json=body).json()["webhook_id"]
        return made

    def named(self, operation: str) -> Json:
        """What a request of the operation may name, so that it finds something: ids and the ETag."""
        found = {
            "account_id": self.account_id,
            "interview_id": self.interview_id,
            "position_id": self.position_id,
            "rubric_id": self.rubric_id,
            "turn_id": self.turn_id,
            "request_id": str(uuid.uuid4()),
            "peer_id": str(uuid.uuid4()),  # of nobody: whoever hangs up twice does no harm
            "version": 1,
            "number": 2**40,  # of no dead letter
        }
        if operation in ("update_position", "publish_position", "archive_position"):
            draft = self.draft_position()
            found |= {"position_id": draft["position_id"], "If-Match": f'"{draft["revision"]}"'}
        if operation in ("update_rubric", "publish_rubric"):
            rubric = self.draft_rubric()["rubric"]
            found |= {"rubric_id": rubric["rubric_id"], "If-Match": f'"{rubric["sha256"]}"'}
        if operation in ("reissue_invitation", "revoke_invitation", "erase_interview", "replay_evaluations"):
            found["interview_id"] = self.invite()["interview_id"]
        if "webhook" in operation:
            found["webhook_id"] = self.webhook()
            found["delivery_id"] = self.staff.post(f"/webhooks/{found['webhook_id']}/ping").json()["delivery_id"]
        if operation == "update_account":
            found["account_id"] = self.staff.post(
                "/accounts", json={"email": f"{uuid.uuid4()}@example.com", "name": "Lee", "roles": ["recruiter"]}
            ).json()["account_id"]
        return found


@pytest.fixture(scope="module")
def world(stack: LocalStack, invite: Invite) -> Iterator[World]:
    """One for all operations."""
    made = World(stack, invite)
    yield made
    made.staff.close()


def credentials(world: World, case: schemathesis.Case) -> Json:
    """What says who calls: of staff a bearer token, of a candidate the cookie."""
    kinds = {name for each in case.operation.definition.raw["security"] for name in each}
    if "bearer" in kinds:
        return {"headers": {"Authorization": f"Bearer {world.token}"}}
    wrong = case.meta is not None and case.meta.is_negative_at(ParameterLocation.COOKIE)
    if "candidateCookie" not in kinds or wrong:  # what is tried then is a cookie that is missing, or not one of ours
        return {}
    held = case.operation.path.endswith(("/report", "/transcript", "/draft", "/answer", "/complete"))
    cookie = world.held_cookie if held else world.invited_cookie
    return {"headers": {"X-Viva-CSRF": "1"}, "cookies": {"viva_candidate": cookie}}


def complete(case: schemathesis.Case, named: Json) -> None:
    """Fill in what no schema can tell, where the request is meant to be right: which ids, cursors and ETags there are,
    and that a key of idempotency is a new one."""
    for name in case.path_parameters:
        case.path_parameters[name] = named[name]
    for name in list(case.headers):
        if name == "If-Match" and name in named:
            case.headers[name] = named[name]
        if name == "Idempotency-Key":
            case.headers[name] = str(uuid.uuid4())
    case.query.pop("cursor", None)


@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_api_keeps_its_word(case: schemathesis.Case, world: World) -> None:
    if case.meta is not None and case.meta.generation.mode.is_positive:
        complete(case, world.named(case.operation.definition.raw["operationId"]))
    # What is answered counts, not the page that it leads to.
    case.call_and_validate(base_url=world.url, timeout=60, allow_redirects=False, **credentials(world, case))


def ask(world: World, path: str, headers: Json, **what: Any) -> int:
    """One request by hand, its answer checked like all others; the status."""
    case = whole[f"/api/v1{path}"]["DELETE" if path == "/candidate/session" else "POST"].Case(**what)
    return case.call_and_validate(base_url=world.url, headers={"X-Viva-CSRF": "1", **headers}, timeout=120).status_code


def test_what_ends_a_session_keeps_its_word(world: World) -> None:
    account = {"email": f"{uuid.uuid4()}@example.com", "name": "Lee", "roles": ["recruiter"], "password": "x" * 12}
    assert world.staff.post("/accounts", json=account).status_code == 201

    def signed_in(password: str) -> tuple[Json, str]:
        body = {"email": account["email"], "password": password}
        tokens = world.staff.post("/auth/token", json=body, headers={"Authorization": ""}).json()
        return {"Authorization": f"Bearer {tokens['access_token']}"}, tokens["refresh_token"]

    bearer, refresh = signed_in("x" * 12)
    change = {"current": "y" * 12, "new": "z" * 12}
    assert ask(world, "/auth/password", bearer, body=change) == 403
    assert ask(world, "/auth/password", bearer, body=change | {"current": "x" * 12}) == 204
    assert ask(world, "/auth/refresh", {}, body={"refresh_token": refresh}) == 401

    bearer, refresh = signed_in("z" * 12)
    assert ask(world, "/auth/revoke", {}, body={"refresh_token": refresh}) == 204
    assert ask(world, "/auth/logout", bearer) == 401
    bearer, _ = signed_in("z" * 12)
    assert ask(world, "/auth/logout", bearer) == 204
    assert ask(world, "/auth/logout", bearer) == 401

    cookie = {"Cookie": f"viva_candidate={world.cookie(world.invite()['token'])}"}
    assert ask(world, "/candidate/session", cookie) == 204
    assert ask(world, "/candidate/session", cookie) == 401

    cookie = {"Cookie": f"viva_candidate={world.cookie(world.invite()['token'])}"}
    assert ask(world, "/candidate/interview/erasure", cookie) == 200
    assert ask(world, "/candidate/interview/erasure", cookie) == 401


def test_scoring_again_keeps_its_word(world: World) -> None:
    path, ids = "/interviews/{interview_id}/evaluations/replay", {"interview_id": world.interview_id}
    bearer = {"Authorization": f"Bearer {world.token}"}
    assert ask(world, path, bearer, path_parameters=ids, body={}) == 200


def test_the_document_is_what_is_served(world: World) -> None:
    assert world.staff.get("/openapi.json").json() == description()


@pytest.mark.parametrize("role", ["recruiter", "reviewer", "admin"])
def test_a_role_may_what_the_document_says_and_nothing_else(world: World, role: str) -> None:
    """The gateway's table of who may what, and the session service's own behind it, say the same."""
    account = {"email": f"{uuid.uuid4()}@example.com", "name": role, "roles": [role], "password": "x" * 12}
    assert world.staff.post("/accounts", json=account).status_code == 201
    given = {"email": account["email"], "password": account["password"]}
    token = httpx.post(f"{world.url}/api/v1/auth/token", json=given).json()["access_token"]
    document = whole.raw_schema
    models = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            name, may = operation["operationId"], operation.get("x-viva-access", ["candidate"])
            if may == ["candidate"] or name in ENDERS:
                continue
            named = {key: str(value) for key, value in world.named(name).items()}
            headers = {"Authorization": f"Bearer {token}", "If-Match": named.get("If-Match", "")}
            model = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            examples = models[model["$ref"].rpartition("/")[2]].get("examples", [{}]) if model else [None]
            address = f"{world.url}{path.format_map(named)}"
            answered = httpx.request(method, address, json=examples[0], headers=headers, timeout=60)
            assert (answered.status_code == 403) == (role not in may), (name, answered.status_code, answered.text)
