"""What a meter says of a muted, clipped, quiet or lossy line."""

import numpy as np
import pytest
from viva_media.domain.activity import WINDOW
from viva_media.domain.audio import RATE, Pcm
from viva_media.domain.quality import FLOOR, Fault, Meter, Network, loudness, loudness_of_each


def tone(amplitude: float) -> Pcm:
    """One window of a tone."""
    wave = np.sin(np.arange(WINDOW) * 2 * np.pi * 440 / RATE) * amplitude * 32767
    return wave.clip(-32768, 32767).astype(np.int16)


def metered(window: Pcm, windows: int, *, speech: bool = True) -> Meter:
    """A meter that heard the window so many times."""
    meter = Meter()
    for _ in range(windows):
        meter.window(window, speech=speech)
    return meter


def test_a_full_scale_tone_is_three_decibels_under_full_scale() -> None:
    assert loudness(tone(1.0)) == pytest.approx(-3.0, abs=0.1)
    assert loudness(np.zeros(WINDOW, dtype=np.int16)) == FLOOR


def test_windows_measured_together_are_as_loud_as_alone() -> None:
    windows = [tone(1.0), tone(0.01), np.zeros(WINDOW, dtype=np.int16)]
    together = loudness_of_each(np.concatenate([*windows, tone(1.0)[:100]]), WINDOW)
    assert together == pytest.approx([loudness(window) for window in windows])


def test_a_single_full_sample_in_a_quiet_window_is_counted_however_the_loudness_was_measured() -> None:
    window = np.zeros(WINDOW, dtype=np.int16)
    window[7] = -32_768
    meter = Meter()
    meter.window(window, speech=True, dbfs=loudness_of_each(window, WINDOW)[0])
    assert meter.quality.clipping == pytest.approx(1 / WINDOW)


def test_a_good_line_has_no_faults() -> None:
    meter = metered(tone(0.2), 100)
    assert meter.faults == ()
    assert meter.quality.level_dbfs == pytest.approx(-17, abs=0.5)


def test_a_muted_microphone_is_silent() -> None:
    assert metered(np.zeros(WINDOW, dtype=np.int16), 200, speech=False).faults == (Fault.SILENT,)


def test_a_clipped_microphone_is_told() -> None:
    assert Fault.CLIPPING in metered(tone(3.0), 50).faults


def test_quiet_speech_is_told() -> None:
    assert Fault.TOO_QUIET in metered(tone(0.005), 60).faults


def test_how_long_speech_was_too_quiet_is_measured_however_loud_the_rest_was() -> None:
    meter = metered(tone(0.2), RATE // WINDOW)
    for _ in range(3 * RATE // WINDOW):
        meter.window(tone(0.005), speech=True)
    for _ in range(RATE // WINDOW):
        meter.window(tone(0.005), speech=False)
    assert meter.quality.level_dbfs > -40
    assert meter.quality.too_quiet == pytest.approx(3, abs=1)


def test_the_quiet_moments_of_a_loud_voice_are_not_too_quiet() -> None:
    meter = Meter()
    for _ in range(50):
        meter.window(tone(0.2), speech=True)
        meter.window(tone(0.005), speech=True)
    assert meter.quality.too_quiet == 0


def test_how_long_the_microphone_was_overdriven_is_measured() -> None:
    meter = metered(tone(3.0), 2 * RATE // WINDOW)
    for _ in range(RATE // WINDOW):
        meter.window(tone(0.2), speech=True)
    assert meter.quality.clipped == pytest.approx(2, abs=0.1)


def test_loss_and_jitter_are_told() -> None:
    meter = metered(tone(0.2), 10)
    meter.network = meter.network.plus(Network(900, 100, 80.0, 40.0))
    assert meter.faults == (Fault.LOSS, Fault.JITTER)
    assert meter.quality.loss == pytest.approx(0.1)


def test_a_reconnect_adds_up_what_was_lost() -> None:
    total = Network(100, 10, 5, 20).plus(Network(250, 12, 9, 10).since(Network(50, 2)))
    assert total == Network(300, 20, 9, 20)
