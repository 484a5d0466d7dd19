"""What no browser would offer is refused before anything else reads it."""

import pytest
from viva_core.errors import Invalid
from viva_media.domain.offer import asking_for, check, offers_video, packet_ms, without_mdns
from viva_media.domain.rate import Bucket

GOOD = "\r\n".join(
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghabcdefghabcdefgh",
        "a=fingerprint:sha-256 00:11",
        "a=candidate:1 1 udp 2122260223 7f3a.local 54321 typ host",
        "a=candidate:2 1 udp 2122260223 192.0.2.7 54321 typ host",
        "a=sendrecv",
        "",
    ]
)


def test_a_browsers_offer_passes() -> None:
    check(GOOD)


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "v=0",
        "hello",
        GOOD.replace("v=0", "v=1"),
        GOOD + "not a line\r\n",
        GOOD + "a=candidate:1 1 udp 1 192.0.2.7 1 typ host\r\n" * 10_000,
        GOOD + "a=candidate:1 1 udp 1 192.0.2.7 1 typ host\r\n" * 150,
        GOOD + "a=x:" + "y" * 1_000_000,
        GOOD + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" * 5,
        GOOD.replace("m=audio", "m=video"),
        GOOD.replace("a=fingerprint", "a=x-fingerprint"),
        "\x00" * 100,
    ],
)
def test_anything_else_is_invalid(sdp: str) -> None:
    with pytest.raises(Invalid) as raised:
        check(sdp)
    assert raised.value.reason == "SDP_MALFORMED"


def test_candidates_that_only_the_pages_network_resolves_are_left_out() -> None:
    assert ".local" not in without_mdns(GOOD)
    assert "192.0.2.7" in without_mdns(GOOD)


def test_video_is_noticed_in_every_section() -> None:
    video = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na={}\r\n"
    assert offers_video(GOOD + video.format("inactive") + video.format("sendonly"))
    assert offers_video(GOOD + video.format("sendrecv").replace("m=video 9", "m=video 0") + video.format("sendrecv"))
    assert not offers_video(GOOD + video.format("inactive") + video.format("recvonly"))


def test_video_is_noticed_only_where_pictures_would_be_sent() -> None:
    video = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na={}\r\n"
    assert not offers_video(GOOD)
    assert offers_video(GOOD + video.format("sendrecv"))
    assert offers_video(GOOD + video.format("sendonly"))
    assert offers_video(GOOD + video.format("rtcp-mux"))
    assert not offers_video(GOOD + video.format("recvonly"))
    assert not offers_video(GOOD + video.format("inactive"))
    assert not offers_video(GOOD + video.format("sendrecv").replace("m=video 9", "m=video 0"))


def test_the_answer_asks_for_longer_packets_of_sound_and_of_nothing_else() -> None:
    asked = asking_for(GOOD + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=inactive\r\n", packet_ms=40)
    assert asked == GOOD + "a=ptime:40\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=inactive\r\n"
    assert asking_for(GOOD, packet_ms=40) == GOOD + "a=ptime:40\r\n"


def test_how_long_packets_shall_be_is_read_from_the_section_of_sound() -> None:
    assert packet_ms(asking_for(GOOD, packet_ms=40)) == 40
    assert packet_ms(GOOD) == 20


def test_a_bucket_gives_so_many_at_once_and_then_one_at_a_time() -> None:
    bucket = Bucket(2, 3.0)
    assert [bucket.take(0.0), bucket.take(0.0)] == [0.0, 0.0]
    assert bucket.take(0.0) == 3.0
    assert bucket.take(1.0) == 2.0
    assert bucket.take(3.1) == 0.0
