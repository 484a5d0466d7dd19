"""Weights for DeepFace's expression network that weigh the same and know nothing: its own are not in any package. They
take the same time as the real ones and say nothing of a face."""

import os
from pathlib import Path

WEIGHTS = "facial_expression_model_weights.h5"


def random_weights(folder: Path) -> Path:
    """Write them, in a process that has DeepFace (viva-vision's extra `deepface`)."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["DEEPFACE_BACKEND_ENGINE"] = "tensorflow"
    from deepface import DeepFace  # noqa: F401  # chooses which Keras it is, before anything imports one
    from deepface.commons import weight_utils
    from deepface.models.demography.tf import Emotion

    path = folder / WEIGHTS
    fetch, load = weight_utils.download_weights_if_necessary, weight_utils.load_model_weights
    try:
        weight_utils.download_weights_if_necessary = lambda *_, **__: str(path)
        weight_utils.load_model_weights = lambda model, **_: model
        Emotion.load_model().save_weights(str(path))
    finally:
        weight_utils.download_weights_if_necessary, weight_utils.load_model_weights = fetch, load
    return path
