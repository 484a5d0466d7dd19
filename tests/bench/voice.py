"""A candidate who speaks: what one costs media, how many a pod holds, and how soon speech is words.

Speech is read English (pocketsphinx-testdata). Four measurements: a candidate with a camera before media's peer and
before aiortc as it comes (`voice_camera`); a ramp of candidates without one before a whole media process, with a
Deepgram on loopback that answers at once (`voice_load`); Moonshine with its guards and bare; and one candidate whose
words Moonshine writes down. Callers, engine, bus and media share the machine's cores, so the ramp says where this
machine breaks, not where a pod with cores of its own would.
"""

import sys
import time
from dataclasses import dataclass

import numpy as np
from viva_local.demo.words import word_errors, words
from viva_media.adapters.moonshine import Moonshine
from viva_media.adapters.moonshine_model import MoonshineModel
from viva_media.adapters.silero import Silero
from viva_media.domain.audio import RATE, Pcm, Span, silence
from viva_media.domain.transcript import text_of

from tests.bench import voice_camera
from tests.bench.rows import Row, p50, row
from tests.bench.voice_load import SILENCE, Held, hold
from tests.bench.voice_sound import Clip, Reading, clips, readings, spans

_BEYOND = 300  # ms
_RAMP = (40, 60, 80, 100, 120)
_BARE = "the model bare, on the whole"


def run(*, quick: bool = False) -> list[Row]:
    """All four."""
    silero = Silero()
    said, read = clips(silero), readings()
    speech = np.concatenate([each.pcm for each in read])
    return [
        *voice_camera.run(speech, quick=quick),
        *_pod(said, quick=quick),
        *_moonshine(read, silero, rounds=1 if quick else 5),
        *_words_after_speech(said, seconds=25 if quick else 150),
    ]


def _pod(said: list[Clip], *, quick: bool) -> list[Row]:
    """Step by step, until sound is dropped or words come late."""
    steps = []
    for count in (10, 20) if quick else _RAMP:
        steps.append(hold(said, count, 30 if quick else 300 if count == _RAMP[0] else 60, engine=True))
        _tell(steps[-1])
        if not _holds(steps[-1]):
            break
    first = steps[0]
    most = max((step.count for step in steps if _holds(step)), default=0)
    broke = f", broke at {steps[-1].count}" if not _holds(steps[-1]) else ", did not break"
    return [
        row(f"sound dropped, {first.count} candidates, callers on the same cores", "s", first.dropped_seconds, 0),
        row(
            f"utterance over to final event, beyond the engine, {first.count} candidates, p95 of 15 s, median",
            "ms",
            first.usually_beyond_engine,
            _BEYOND,
        ),
        row("the same over the whole time, p95", "ms", first.beyond_engine),
        row(f"candidates held beside their callers{broke}", "", most, None if quick else _RAMP[0], at="least"),
        row(f"media, {first.count} candidates", "core", first.cores),
        row("cores that the host took meanwhile, worst 15 s", "%", 100 * first.stolen),
        row("memory of one more candidate without camera (PSS)", "MB", first.megabytes),
    ]


def _holds(step: Held) -> bool:
    return step.dropped_seconds == 0 and step.usually_beyond_engine <= _BEYOND


def _tell(step: Held) -> None:
    sys.stderr.write(
        f"voice: {step.count} candidates, {step.utterances} utterances, dropped {step.dropped_seconds:.2f} s, p95 "
        f"{step.beyond_engine:.0f} ms beyond the engine, usually {step.usually_beyond_engine:.0f}; "
        f"media {step.cores:.2f} core, {step.megabytes:.2f} MB each; "
        f"callers {step.callers_cores:.2f} core, late by {step.callers_late * 1000:.0f} ms at worst; "
        f"the host took {step.stolen * 100:.0f} % of the cores at worst\n"
    )


@dataclass
class _Writing:
    """What came of the recording, and the seconds it took."""

    text: str
    seconds: float


def _moonshine(read: list[Reading], silero: Silero, *, rounds: int) -> list[Row]:
    """With the guards: cut where voice activity cuts, trimmed, loops undone. Bare: the whole recording at once."""
    model, pause = MoonshineModel(), silence(RATE)
    engine = Moonshine(model)
    whole = np.concatenate([pause, *(part for each in read for part in (each.pcm, pause))])
    cut = [span for span, _ in spans(whole, silero)]
    said = " ".join(each.text for each in read)
    guarded, bare = [], []
    for _ in range(rounds):
        guarded.append(_guarded(engine, whole, cut))
        bare.append(_bare(model, whole))
    length = len(whole) / RATE
    return [
        row(
            "Moonshine with guards, real-time factor, one thread",
            "x",
            p50([each.seconds for each in guarded]) / length,
            peer=p50([each.seconds for each in bare]) / length,
            peer_name=_BARE,
        ),
        row(
            "Moonshine with guards, word errors on read speech",
            "%",
            _errors(said, guarded[0].text),
            peer=_errors(said, bare[0].text),
            peer_name=_BARE,
        ),
    ]


def _errors(said: str, heard: str) -> float:
    return 100 * word_errors(said, heard) / len(words(said))


def _guarded(engine: Moonshine, pcm: Pcm, cut: list[Span]) -> _Writing:
    started = time.thread_time()
    heard = [engine.transcribe(pcm[span.start : span.end], span) for span in cut]
    return _Writing(" ".join(text_of(each) for each in heard), time.thread_time() - started)


def _bare(model: MoonshineModel, pcm: Pcm) -> _Writing:
    started = time.thread_time()
    heard = model.transcribe(pcm)
    return _Writing(" ".join(word.text for word in heard), time.thread_time() - started)


def _words_after_speech(said: list[Clip], *, seconds: float) -> list[Row]:
    """One candidate before media and Moonshine; the engine's own time on the same utterances, apart."""
    held = hold(said, 1, seconds, engine=False)
    _tell(held)
    engine, taken = Moonshine(MoonshineModel()), []
    for clip in said:
        pcm = clip.pcm[: round((clip.voiced_until + 0.2) * RATE)]
        started = time.perf_counter()
        engine.transcribe(pcm, Span(0, len(pcm)))
        taken.append((time.perf_counter() - started) * 1000)
    return [
        row("end of speech to final event, Moonshine, p50", "ms", p50([delay for _, delay in held.delays]) * 1000, 700),
        row(f"of that: the silence that ends an utterance is {SILENCE * 1000:.0f}, the engine, p50", "ms", p50(taken)),
    ]
