"""Who may call which operation: the one table. A route that is not in it cannot be served.

This is the first of two doors: it looks at the caller's kind and roles alone. The second one, in the session service
(`viva_session.domain.access`), looks at the thing itself: its tenant and its owner.
"""

from collections.abc import Mapping
from enum import StrEnum

from viva_core.errors import Denied, Unauthenticated

from viva_gateway.domain.principal import Principal


class Who(StrEnum):
    """Kinds of callers."""

    ANYONE = "anyone"
    RECRUITER = "recruiter"
    REVIEWER = "reviewer"
    ADMIN = "admin"
    CANDIDATE = "candidate"


_ANYONE = frozenset({Who.ANYONE})
_STAFF = frozenset({Who.RECRUITER, Who.REVIEWER, Who.ADMIN})
_RECRUITERS = frozenset({Who.RECRUITER, Who.ADMIN})
_REVIEWERS = frozenset({Who.REVIEWER, Who.ADMIN})
_ADMINS = frozenset({Who.ADMIN})
_CANDIDATE = frozenset({Who.CANDIDATE})
_ALL_KNOWN = _STAFF | _CANDIDATE

ACCESS: Mapping[str, frozenset[Who]] = {
    # Signing in and out.
    "login": _ANYONE,
    "create_token": _ANYONE,
    "refresh_token": _ANYONE,
    "revoke_token": _ANYONE,
    "get_sign_in_methods": _ANYONE,
    "start_oidc": _ANYONE,
    "finish_oidc": _ANYONE,
    "logout": _STAFF,
    "get_me": _STAFF,
    "change_password": _STAFF,
    # Accounts.
    "list_accounts": _ADMINS,
    "create_account": _ADMINS,
    "get_account": _ADMINS,
    "update_account": _ADMINS,
    # What is asked, and how it is scored.
    "list_bank_competencies": _STAFF,
    "list_rubrics": _STAFF,
    "get_rubric": _STAFF,
    "get_rubric_version": _STAFF,
    "create_rubric": _RECRUITERS,
    "update_rubric": _RECRUITERS,
    "publish_rubric": _RECRUITERS,
    "list_positions": _STAFF,
    "get_position": _STAFF,
    "create_position": _RECRUITERS,
    "update_position": _RECRUITERS,
    "publish_position": _RECRUITERS,
    "archive_position": _RECRUITERS,
    "preview_question": _RECRUITERS,
    # Invitations and interviews.
    "create_invitations": _RECRUITERS,
    "import_invitations": _RECRUITERS,
    "reissue_invitation": _RECRUITERS,
    "revoke_invitation": _RECRUITERS,
    "list_candidates": _STAFF,
    "export_candidates": _RECRUITERS,
    "watch_candidates": _STAFF,
    "resolve_request": _RECRUITERS,
    "list_interviews": _STAFF,
    "get_interview": _STAFF,
    "get_resume": _STAFF,
    "watch_interview": _ALL_KNOWN,
    # Reports and decisions.
    "get_report": _STAFF,
    "get_recording": _STAFF,
    "list_reviews": _STAFF,
    "submit_review": _REVIEWERS,
    "score_by_hand": _REVIEWERS,
    "list_evaluations": _REVIEWERS,
    "replay_evaluations": _REVIEWERS,
    "export_interviews": _RECRUITERS,
    "export_interview": _RECRUITERS,
    "list_webhooks": _ADMINS,
    "create_webhook": _ADMINS,
    "get_webhook": _ADMINS,
    "update_webhook": _ADMINS,
    "delete_webhook": _ADMINS,
    "rotate_webhook_secret": _ADMINS,
    "ping_webhook": _ADMINS,
    "list_webhook_deliveries": _ADMINS,
    "get_webhook_delivery": _ADMINS,
    "replay_webhook_deliveries": _ADMINS,
    "list_dead_letters": _ADMINS,
    "get_dead_letter": _ADMINS,
    "retry_dead_letter": _ADMINS,
    "delete_dead_letter": _ADMINS,
    "get_retention": _ADMINS,
    "get_sign_in_settings": _ADMINS,
    "list_audit": _ADMINS,
    "erase_interview": _ADMINS,
    "get_erasure": _ADMINS,
    # The candidate's own interview; it is named by the session, so there is no id to guess.
    "open_candidate_session": _ANYONE,
    "close_candidate_session": _CANDIDATE,
    "get_own_interview": _CANDIDATE,
    "record_consents": _CANDIDATE,
    "upload_resume": _CANDIDATE,
    "get_own_resume": _CANDIDATE,
    "mark_ready": _CANDIDATE,
    "start_interview": _CANDIDATE,
    "save_draft": _CANDIDATE,
    "submit_answer": _CANDIDATE,
    "get_transcript": _CANDIDATE,
    "revise_transcript": _CANDIDATE,
    "submit_request": _CANDIDATE,
    "complete_interview": _CANDIDATE,
    "erase_own_interview": _CANDIDATE,
    "list_ice_servers": _CANDIDATE,
    "open_peer": _CANDIDATE,
    "get_peer": _CANDIDATE,
    "close_peer": _CANDIDATE,
    "set_speech": _CANDIDATE,
    "list_own_expressions": _CANDIDATE,
    "get_own_report": _CANDIDATE,
}


def allowed(operation: str, principal: Principal | None) -> bool:
    """Whether the caller's kind and roles open the operation."""
    who = ACCESS[operation]
    if Who.ANYONE in who:
        return True
    if principal is None:
        return False
    if principal.is_candidate:
        return Who.CANDIDATE in who
    return any(Who(role.value) in who for role in principal.roles)


def demand(operation: str, principal: Principal | None) -> None:
    """Raise Unauthenticated or Denied unless the caller may call the operation."""
    if allowed(operation, principal):
        return
    if principal is None:
        raise Unauthenticated(
            "this needs a candidate's session: open your link"
            if ACCESS[operation] == _CANDIDATE
            else "this needs a session or a bearer token: sign in"
        )
    if principal.is_candidate:
        raise Denied("this is not for candidates")
    wanted = [who.value for who in Who if who in ACCESS[operation] & _STAFF]
    raise Denied(f"this needs the role {' or '.join(wanted)}" if wanted else "this is for candidates")


def accepts_candidates(operation: str) -> bool:
    """Whether a candidate's cookie is looked at."""
    return Who.CANDIDATE in ACCESS[operation]


def accepts_staff(operation: str) -> bool:
    """Whether a staff cookie or a bearer token is looked at."""
    return bool(ACCESS[operation] & _STAFF)
