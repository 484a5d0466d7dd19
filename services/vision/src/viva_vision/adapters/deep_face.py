"""DeepFace as it is: its detectors, and its `analyze` for expressions. Needs the extra `deepface` (TensorFlow).

Imported only when it is chosen: the import alone takes seconds and 0.9 GB. DeepFace looks for its weights under
`$DEEPFACE_HOME/.deepface/weights` and would fetch what is missing from the internet while a candidate waits; so the
catalogue's file is put there first, and without it the service does not start.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
from viva_core.errors import Invalid
from viva_core.models.port import ModelInfo

from viva_vision.domain.expression import Expression, Reading
from viva_vision.domain.frame import Box
from viva_vision.ports import Pixels

WEIGHTS = "facial_expression_model_weights.h5"


def install_weights(weights: Path, home: Path) -> None:
    """Let DeepFace find the catalogue's weights, under a home of ours."""
    folder = home / ".deepface" / "weights"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / WEIGHTS
    half = link.with_name(f"{WEIGHTS}.{os.getpid()}.partial")
    half.unlink(missing_ok=True)
    half.symlink_to(weights.resolve())
    half.replace(link)
    os.environ["DEEPFACE_HOME"] = str(home)


def _deepface() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["DEEPFACE_BACKEND_ENGINE"] = "tensorflow"
    try:
        from deepface import DeepFace
    except (ImportError, ValueError) as error:  # ValueError: DeepFace is there, TensorFlow is not
        raise Invalid(
            "DeepFace is not installed: install viva-vision with its extra `deepface`, or set "
            "VIVA_VISION_ENGINE=fer-onnx.",
            reason="ENGINE_MISSING",
        ) from error
    return DeepFace


class DeepFaceExpressions:
    """`DeepFace.analyze(actions=["emotion"])` on a face that was found already."""

    def __init__(self, info: ModelInfo) -> None:
        self.info = info
        self._deepface = _deepface()

    def read(self, face: Pixels) -> Reading:
        """What the face shows."""
        (found,) = self._deepface.analyze(
            face, actions=["emotion"], detector_backend="skip", enforce_detection=False, silent=True
        )
        percent = [max(float(found["emotion"][label.value]), 0.0) for label in Expression]
        total = sum(percent)
        return Reading(tuple(min(each / total, 1.0) for each in percent))


class DeepFaceDetector:
    """One of DeepFace's detectors: opencv, mtcnn, retinaface, ssd and others; some fetch weights of their own."""

    def __init__(self, backend: str) -> None:
        self._deepface = _deepface()
        self._backend = backend

    def find(self, image: Pixels) -> list[Box]:
        """The faces; DeepFace answers with the whole picture, sure of nothing, where it finds none."""
        found = self._deepface.extract_faces(
            image, detector_backend=self._backend, enforce_detection=False, align=False, normalize_face=False
        )
        height, width = image.shape[:2]
        return [
            _box(each["facial_area"], float(np.clip(each.get("confidence") or 0.0, 0.0, 1.0)))
            for each in found
            # It leaves out a pixel each way of the whole picture.
            if min(width - each["facial_area"]["w"], height - each["facial_area"]["h"]) > 1
        ]


def _box(area: dict[str, Any], confidence: float) -> Box:
    return Box(max(int(area["x"]), 0), max(int(area["y"]), 0), int(area["w"]), int(area["h"]), confidence)
