"""The demo's position over the public API, as a recruiter would define it."""

from viva_local.demo.client import ApiClient, Json
from viva_local.demo.material import DemoPosition, Mode


async def publish_position(recruiter: ApiClient, wanted: DemoPosition, mode: Mode = "hiring") -> str:
    """Define and publish the position with its rubrics; its id."""
    bank = await recruiter.get("/bank/competencies", language=wanted.language)
    known = {entry["competency"]["competency_id"]: entry for entry in bank["items"]}
    competencies = []
    for competency in wanted.competencies:
        entry = known[competency.competency_id]
        rubric_id = await _rubric(recruiter, wanted.language, entry, competency.criteria)
        competencies.append({"competency": entry["competency"], "weight": competency.weight, "rubric_id": rubric_id})
    position = await recruiter.post(
        "/positions",
        {
            "title": wanted.title,
            "job_description": wanted.job_description,
            "language": wanted.language,
            "mode": mode,
            "duration_seconds": wanted.duration.total_seconds(),
            "patience_seconds": wanted.patience.total_seconds(),
            "accommodations": wanted.accommodations,
            "competencies": competencies,
            "min_confidence": 0.0,
            "max_questions": wanted.max_questions,
        },
    )
    position_id: str = position["position_id"]
    await recruiter.post(f"/positions/{position_id}/publish", headers={"If-Match": f'"{position["revision"]}"'})
    return position_id


async def _rubric(recruiter: ApiClient, language: str, entry: Json, criteria: tuple[str, ...]) -> str:
    chosen = [criterion for criterion in entry["criteria"] if criterion["criterion_id"] in criteria]
    rubric = await recruiter.post(
        "/rubrics", {"title": entry["competency"]["title"], "language": language, "criteria": chosen}
    )
    rubric_id: str = rubric["rubric"]["rubric_id"]
    await recruiter.post(f"/rubrics/{rubric_id}/publish")
    return rubric_id
