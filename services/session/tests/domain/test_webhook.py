"""What a receiver can rely on, and where no delivery ever goes."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from viva_core.errors import Invalid
from viva_session.domain.webhook import (
    Event,
    body_of,
    check_url,
    headers,
    may_be_called,
    new_secret,
    rest_after,
    signatures,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the specification's own libraries."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signed = signatures([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_replaced_both_sign_and_the_newest_first() -> None:
    old, new = new_secret(b"o" * 32), new_secret(b"n" * 32)
    sent = headers([new, old], "id", NOW, b"{}")
    first, second = sent["webhook-signature"].split(" ")
    for signature, noise in ((first, b"n"), (second, b"o")):
        mac = hmac.new(noise * 32, f"id.{sent['webhook-timestamp']}.{{}}".encode(), hashlib.sha256).digest()
        assert signature == f"v1,{base64.b64encode(mac).decode()}"


def test_the_body_is_a_cloud_event_of_ids_states_and_links() -> None:
    about = {"interview_id": str(UUID(int=1)), "position_id": str(UUID(int=2)), "state": "reported"}
    event = json.loads(body_of(UUID(int=3), Event.REPORT_READY, UUID(int=4), NOW, "https://viva.example", about))
    assert event["specversion"] == "1.0"
    assert (event["type"], event["time"]) == ("viva.report_ready", "2026-11-25T12:00:00Z")
    assert event["data"]["links"]["report"] == f"https://viva.example/api/v1/interviews/{UUID(int=1)}/report"
    assert event["data"].keys() == {"tenant_id", "interview_id", "position_id", "state", "links"}


@given(attempt=st.integers(1, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_a_rest_is_never_longer_than_six_hours_and_never_nothing(attempt: int, chance: float) -> None:
    assert timedelta(seconds=2.5) <= rest_after(attempt, chance) <= timedelta(hours=6)
    assert rest_after(attempt, 0) <= rest_after(attempt + 1, 0)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # the metadata of most clouds
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "64:ff9b::a9fe:a9fe",  # NAT64 of 169.254.169.254
        "ff02::1",
        "::",
    ],
)
def test_what_is_not_public_is_not_called(address: str) -> None:
    assert not may_be_called(ip_address(address), ())


def test_public_addresses_are_called_and_others_only_where_they_are_allowed() -> None:
    assert may_be_called(ip_address("93.184.216.34"), ())
    assert may_be_called(ip_address("2606:2800:220:1::1"), ())
    allowed = (ip_network("10.0.0.0/8"),)
    assert may_be_called(ip_address("10.1.2.3"), allowed)
    assert may_be_called(ip_address("::ffff:10.1.2.3"), allowed)
    assert not may_be_called(ip_address("192.168.1.1"), allowed)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "https://",
        "https:///path",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com:99999/",
        "https://hooks example.com/",
        "https://[::1",
        "https://hooks.example.com/\x00",
        "javascript:alert(1)",
        "",
    ],
)
def test_a_url_that_cannot_be_right_is_refused_by_name(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_url(url, http=False)
    assert [violation.field for violation in refused.value.violations] == ["url"]


def test_plain_http_is_taken_only_where_it_is_allowed() -> None:
    check_url("https://hooks.example.com:8443/viva?x=1", http=False)
    check_url("http://hooks.example.com/", http=True)
