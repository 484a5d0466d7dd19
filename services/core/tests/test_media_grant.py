"""A grant opens what it names, for as long as it says, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from viva_core.errors import Denied
from viva_core.media_grant import MediaGrant, seal, unseal

KEY = b"a key of the test's own"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
GRANT = MediaGrant(
    tenant_id=UUID(int=1),
    interview_id=UUID(int=2),
    mode="practice",
    transcribe=True,
    record=False,
    expressions=True,
    patience=1.5,
    expires_at=NOW + timedelta(minutes=5),
)


def test_what_was_sealed_is_unsealed() -> None:
    assert unseal(seal(GRANT, KEY), KEY, NOW) == GRANT


def test_a_grant_runs_out() -> None:
    with pytest.raises(Denied) as raised:
        unseal(seal(GRANT, KEY), KEY, NOW + timedelta(minutes=5))
    assert raised.value.reason == "TOKEN_EXPIRED"


@given(st.integers(0, 300), st.characters(codec="ascii"))
def test_a_grant_that_was_changed_opens_nothing(place: int, character: str) -> None:
    token = seal(GRANT, KEY)
    changed = token[: place % len(token)] + character + token[place % len(token) + 1 :]
    if changed != token:
        with pytest.raises(Denied):
            unseal(changed, KEY, NOW)


@pytest.mark.parametrize("token", ["", ".", "a.b", "é.ü", "x" * 5000])
def test_nonsense_opens_nothing(token: str) -> None:
    with pytest.raises(Denied):
        unseal(token, KEY, NOW)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Denied):
        unseal(seal(GRANT, KEY), b"another key", NOW)


def test_pictures_need_practice_and_consent() -> None:
    assert GRANT.sees
    assert not replace(GRANT, expressions=False).sees
    assert not replace(GRANT, mode="hiring").sees
