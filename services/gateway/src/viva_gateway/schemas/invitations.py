"""Invitations."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, ConfigDict, Field

from viva_gateway.schemas.base import In, Out, Whole
from viva_gateway.schemas.interviews import Candidate, CandidateOut

ValidFor = Annotated[float, Field(ge=60, le=7_776_000, description="How long the links hold, 1 minute to 90 days")]
_WEEK = 7 * 86_400


class NewInvitation(In):
    """Whom to invite."""

    candidate: Candidate
    scheduled_at: Annotated[AwareDatetime, Field(strict=False)] | None = None
    extra_time_percent: Whole = Field(default=0, ge=0, le=200, description="Extra time, percent of the duration")


class Invitations(In):
    """Whom to invite: all of them, or none with a fault for each wrong row."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"invitations": [{"candidate": {"name": "Kim Minji", "email": "minji@example.com"}}]},
            ]
        }
    )

    invitations: list[NewInvitation] = Field(min_length=1, max_length=500)
    valid_for_seconds: ValidFor = _WEEK


class Reissue(In):
    """A new link."""

    valid_for_seconds: ValidFor = _WEEK


class CreatedInvitation(Out):
    """A link. The token is shown this once."""

    interview_id: str
    token: str
    expires_at: datetime | None
    candidate: CandidateOut | None
    url: str = Field(description="What to send to the candidate; the token stands behind #, so that no server logs it")


class CreatedInvitations(Out):
    """Links, in the order of the request."""

    items: list[CreatedInvitation]
