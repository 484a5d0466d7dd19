"""The link that `viva up` prints, so that one may try an interview at once."""

from viva_core.errors import Conflict, NotFound, Refused

from viva_local.demo.client import ApiClient
from viva_local.demo.material import load_position
from viva_local.demo.position import publish_position
from viva_local.home import Home, RunningStack

_VALID_SECONDS = 7 * 24 * 3600
_CANDIDATE = {"name": "Kim Minji", "email": "candidate@example.com"}


async def candidate_link(home: Home, state: RunningStack) -> str:
    """A fresh link to an interview for the demo's position, which is defined at the first start."""
    recruiter = ApiClient(state.gateway_url)
    try:
        await recruiter.sign_in(state.admin_email, home.secret("admin-password").read_text())
        kept = home.root / "seeded-position"
        if kept.exists():
            try:
                return await _invite(recruiter, kept.read_text().strip())
            except (NotFound, Refused, Conflict):
                pass  # it was archived, or the data is new: define it again
        position_id = await publish_position(recruiter, load_position("en"))
        kept.write_text(position_id)
        return await _invite(recruiter, position_id)
    finally:
        await recruiter.aclose()


async def _invite(recruiter: ApiClient, position_id: str) -> str:
    body = {"invitations": [{"candidate": _CANDIDATE}], "valid_for_seconds": _VALID_SECONDS}
    made = await recruiter.post(f"/positions/{position_id}/invitations", body)
    url: str = made["items"][0]["url"]
    return url
