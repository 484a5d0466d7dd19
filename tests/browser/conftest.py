"""A real Chromium before the pages of a real stack."""

import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright
from viva_local.demo.client import ApiClient

_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-features=MediaRouter"
).split()
_TITLES = {"en": "Backend engineer", "ko": "백엔드 개발자"}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium, as it is installed."""
    binary = shutil.which("chromium")
    assert binary is not None, "the tests need a browser: apt-get install chromium"
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(executable_path=binary, args=_FLAGS)
        yield made
        await made.close()


@pytest.fixture
def invite_to(recruiter: ApiClient) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Makes a link to an interview in a language: `invite_to("ko", questions=2, seconds=3600)`; the invitation. More
    named values go into the position: `mode="practice"`."""

    async def make(language: str, questions: int = 1, seconds: int = 3600, **more: Any) -> dict[str, Any]:
        entry = (await recruiter.get("/bank/competencies", language=language))["items"][0]
        criterion = entry["criteria"][0] | {"weight": 100}
        rubric = await recruiter.post("/rubrics", {"title": "One", "language": language, "criteria": [criterion]})
        rubric_id = rubric["rubric"]["rubric_id"]
        await recruiter.post(f"/rubrics/{rubric_id}/publish")
        spec = {
            "title": _TITLES[language],
            "job_description": "You run our payments.",
            "language": language,
            "mode": "hiring",
            "duration_seconds": 1200,
            "competencies": [{"competency": entry["competency"], "weight": 100, "rubric_id": rubric_id}],
            "max_questions": questions,
            **more,
        }
        position = await recruiter.post("/positions", spec)
        path = f"/positions/{position['position_id']}"
        await recruiter.post(f"{path}/publish", headers={"If-Match": f'"{position["revision"]}"'})
        candidate = {"name": "Kim Minji", "email": f"{uuid.uuid4()}@example.com"}
        body = {"invitations": [{"candidate": candidate}], "valid_for_seconds": seconds}
        made: dict[str, Any] = (await recruiter.post(f"{path}/invitations", body))["items"][0]
        return made

    return make
