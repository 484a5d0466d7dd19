"""The whole table of who may do what, written down a second time: the code allows exactly this."""

import itertools
from uuid import UUID

import pytest
from viva_core.errors import Denied, NotFound
from viva_session.domain.access import Action, Actor, Kind, Resource, Role, authorize

OWN_TENANT, OTHER_TENANT = UUID(int=1), UUID(int=2)
OWN_INTERVIEW, OTHER_INTERVIEW = UUID(int=11), UUID(int=12)
NOTHING = "there is nothing here by that id"

# One letter each: Recruiter, reViewer, Admin, Candidate, Service.
TABLE = {
    "tenant.create": "S",
    "bank.read": "RVAS",
    "rubric.write": "RA",
    "rubric.read": "RVA",
    "position.write": "RA",
    "position.read": "RVA",
    "invitation.write": "RA",
    "interview.read": "RVACS",
    "interview.list": "RVA",
    "interview.take": "C",
    "resume.write": "RAC",
    "resume.read": "RVAC",
    "recording.read": "RVA",
    "report.read": "RVA",
    "report.read_own": "C",
    "review.write": "VA",
    "review.read": "RVA",
    "score.write": "VA",
    "request.write": "C",
    "request.resolve": "RA",
    "evaluation.read": "VAS",
    "audit.read": "A",
    "webhook.read": "A",
    "webhook.write": "A",
    "dead_letter.read": "A",
    "dead_letter.retry": "A",
    "dead_letter.delete": "A",
    "retention.read": "A",
    "interview.erase": "AC",
    "forecast.read": "S",
}
LETTERS = {Role.RECRUITER: "R", Role.REVIEWER: "V", Role.ADMIN: "A"}
ROLE_SETS = [frozenset(some) for count in range(4) for some in itertools.combinations(Role, count)]


def actors() -> list[tuple[Actor, str]]:
    """Everybody who can act for the own tenant, with their letters."""
    staff = [
        (Actor(Kind.STAFF, OWN_TENANT, "s", "Kim", roles), "".join(LETTERS[role] for role in roles))
        for roles in ROLE_SETS
    ]
    return [
        *staff,
        (Actor(Kind.CANDIDATE, OWN_TENANT, "c", "", interview_id=OWN_INTERVIEW), "C"),
        # Roles are for staff: on others they give nothing.
        (Actor(Kind.CANDIDATE, OWN_TENANT, "c", "", frozenset(Role), OWN_INTERVIEW), "C"),
        (Actor(Kind.SERVICE, OWN_TENANT, "evaluator", ""), "S"),
        (Actor(Kind.SERVICE, OWN_TENANT, "evaluator", "", frozenset(Role)), "S"),
    ]


def decision(actor: Actor, action: Action, resource: Resource | None) -> str:
    """What is decided; for what is not there the message, which is one whatever the reason."""
    try:
        authorize(actor, action, resource)
    except Denied:
        return "denied"
    except NotFound as nothing:
        return nothing.message
    return "yes"


def test_the_table_names_every_action() -> None:
    assert TABLE.keys() == {action.value for action in Action}


@pytest.mark.parametrize("action", list(Action))
def test_exactly_what_the_table_says_is_allowed(action: Action) -> None:
    for actor, letters in actors():
        expected = "yes" if set(letters) & set(TABLE[action]) else "denied"
        assert decision(actor, action, Resource(OWN_TENANT, OWN_INTERVIEW)) == expected, (actor, action)
        for elsewhere in (None, OTHER_INTERVIEW):
            found = decision(actor, action, Resource(OWN_TENANT, elsewhere))
            # A candidate's world is one interview; the others see all of their tenant's.
            assert found == (NOTHING if actor.kind is Kind.CANDIDATE else expected), (actor, action)


@pytest.mark.parametrize("action", list(Action))
def test_what_is_another_tenants_or_nobodys_is_not_there_for_anybody(action: Action) -> None:
    for actor, _ in actors():
        for interview_id in (None, OWN_INTERVIEW, OTHER_INTERVIEW):
            assert decision(actor, action, Resource(OTHER_TENANT, interview_id)) == NOTHING
        assert decision(actor, action, None) == NOTHING


@pytest.mark.parametrize("action", list(Action))
def test_a_candidate_without_an_interview_has_nothing(action: Action) -> None:
    lost = Actor(Kind.CANDIDATE, OWN_TENANT, "c", "")
    for interview_id in (None, OWN_INTERVIEW):
        assert decision(lost, action, Resource(OWN_TENANT, interview_id)) == NOTHING


def test_there_is_no_role_but_these() -> None:
    assert set(Role) == {"recruiter", "reviewer", "admin"}
    for unknown in ("owner", "Admin", "", "candidate"):
        with pytest.raises(ValueError, match="not a valid Role"):
            Role(unknown)
