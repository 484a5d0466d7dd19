"""A sampled frame, detect and expression on one core, beside `DeepFace.analyze` with its defaults.

Both from the JPEG on, in a process of their own that may use one core, in milliseconds of that core (others may use it
too), over the same 60 views of one photograph in the public domain (NASA's portrait of Eileen Collins). DeepFace's own
weights are in no package: where they were not pulled its network runs with random ones, which take the same time and
agree with nothing. So agreement is told by the same weights read in two ways: over the whole frame with the cascade and
the steps of `DeepFace.analyze` (what the smaller picture costs), and by Keras itself over 100 people's faces (what the
conversion to ONNX costs): the subset of *Labeled Faces in the Wild* that scikit-image carries, 25 × 25 pixels each.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from viva_core.models.catalogue import catalogue
from viva_core.models.download import pull
from viva_core.models.settings import default_folder

from tests.bench.rows import Row, p50, row

_VIEWS = 60


def run(*, quick: bool = False) -> list[Row]:
    """Milliseconds a frame, and how often the labels agree."""
    pull(catalogue().get("fer-mini-xception"), default_folder())
    ours = _apart("ours")
    peer = _apart("peer") if find_spec("deepface") is not None else None
    if peer is None:
        sys.stderr.write("vision: without viva-vision's extra `deepface` there is no peer to measure\n")
    milliseconds = p50(ours["milliseconds"])
    theirs = p50(peer["milliseconds"]) if peer is not None else None
    rows = [
        row(
            "a frame: faces and expression, one core",
            "ms",
            milliseconds,
            18,
            at="most",
            peer=theirs,
            peer_name="DeepFace.analyze, defaults",
        ),
        row("frames whose face is found", "of 60", ours["found"], 54, at="least"),
        row(
            "labels that agree with the same weights on the whole frame",
            "%",
            ours["agreement"],
            80,
            at="least",
        ),
    ]
    if peer is not None:
        agree = _apart("keras")["agreement"]
        rows.append(row("labels that agree with Keras, 100 people (LFW subset)", "%", agree, 99, at="least"))
    if theirs is not None:
        rows.append(row("frames in the time of one of DeepFace.analyze", "x", theirs / milliseconds, 15, at="least"))
    return rows


def _apart(which: str) -> dict[str, Any]:
    """Measure in a process that may use one core."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.vision", which],
        env=os.environ | threads,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _ours() -> dict[str, Any]:
    import cv2
    import cv2.data
    from viva_testkit import faces
    from viva_vision.adapters import picture
    from viva_vision.bootstrap import open_looker
    from viva_vision.settings import Settings

    cv2.setNumThreads(1)
    looker = open_looker(Settings(), 1)
    frames = [faces.jpeg(view) for view in faces.views(_VIEWS)]
    looker.read(frames[0])
    milliseconds, labels = [], []
    for frame in frames:
        started = time.process_time()
        seen = looker.read(frame)
        milliseconds.append((time.process_time() - started) * 1000)
        labels.append(seen.reading.likeliest if seen.reading is not None else None)
    whole = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml"))
    both = agreed = 0
    for frame, label in zip(frames, labels, strict=True):
        image = picture.decode(frame)
        found = whole.detectMultiScale(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), 1.1, 10)
        if label is None or not len(found):
            continue
        x, y, width, height = max(found, key=lambda box: int(box[2]) * int(box[3]))
        both += 1
        agreed += looker.model.read(image[y : y + height, x : x + width]).likeliest is label
    found_faces = sum(label is not None for label in labels)
    return {"milliseconds": milliseconds, "found": found_faces, "agreement": 100 * agreed / max(both, 1), "both": both}


def _keras() -> dict[str, Any]:
    import cv2
    import tf_keras
    from viva_testkit import faces
    from viva_vision.bootstrap import open_looker
    from viva_vision.settings import Settings

    ours = open_looker(Settings(), 1).model
    network = tf_keras.models.load_model(pull(catalogue().get("fer-mini-xception"), default_folder()), compile=False)
    agreed = 0
    crowd = faces.crowd()
    for face in crowd:
        # As the network's authors prepare a face, in words of their own: (x / 255 - 0.5) * 2, 64 x 64, grey.
        grey = cv2.resize(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY), (64, 64)).astype("float32")
        theirs = network((grey / 255 - 0.5)[None, :, :, None] * 2).numpy()[0]
        agreed += int(theirs.argmax()) == max(range(7), key=ours.read(face).probabilities.__getitem__)
    return {"agreement": 100 * agreed / len(crowd)}


def _peer() -> dict[str, Any]:
    from viva_testkit import faces
    from viva_testkit.deepface import WEIGHTS, random_weights
    from viva_vision.adapters import picture
    from viva_vision.adapters.deep_face import install_weights

    with tempfile.TemporaryDirectory() as folder:
        pulled = default_folder() / WEIGHTS
        home = Path(folder)
        install_weights(pulled if pulled.is_file() else random_weights(home), home)
        from deepface import DeepFace

        frames = [faces.jpeg(view) for view in faces.views(_VIEWS)]
        milliseconds = []
        for number, frame in enumerate([frames[0], *frames]):
            started = time.process_time()
            # As one calls it, but that a frame without a face shall not raise.
            DeepFace.analyze(picture.decode(frame), actions=["emotion"], enforce_detection=False, silent=True)
            if number:
                milliseconds.append((time.process_time() - started) * 1000)
    return {"milliseconds": milliseconds}


if __name__ == "__main__":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    sys.stdout.write(json.dumps({"ours": _ours, "peer": _peer, "keras": _keras}[sys.argv[1]]()) + "\n")
