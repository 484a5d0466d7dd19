"""The weights on disk: those of the catalogue, and what is made of them once."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from viva_core.errors import Invalid, NotFound
from viva_core.models.catalogue import Model
from viva_core.models.download import place, state

from viva_vision.adapters.keras_onnx import convert

ONNX_SHA256 = "ab4876401a987cdd09a0f909989b06f537eda3d9dc3dd8f54a8fdf8c4ec889a2"
"""Of what `fer-mini-xception`'s weights become."""


def weights_file(model: Model, folder: Path) -> Path:
    """Where a model's weights lie. Raises NotFound and says how to get them, Invalid when they are not what they were.

    A file whose hash the catalogue does not know is taken as it is: who pulled it gave the hash.
    """
    found = state(model, folder)
    if found in ("good", "unproven"):
        return place(model, folder)
    if found == "missing":
        raise NotFound(
            f"{place(model, folder)} is missing. Fetch it: viva models pull {model.id}", reason="MODEL_FILE_MISSING"
        )
    raise Invalid(f"{place(model, folder)} has the {found}. Fetch it anew: viva models pull {model.id}")


def onnx_network(model: Model, folder: Path) -> bytes:
    """The network to run: as it was converted before, if that is still what it should be, else converted now and kept
    beside the weights, where the folder can be written. Raises as `weights_file` does.
    """
    kept = folder / f"{model.id}.onnx"
    with suppress(OSError):
        network = kept.read_bytes()
        if hashlib.sha256(network).hexdigest() == ONNX_SHA256:
            return network
    network = convert(weights_file(model, folder))
    if hashlib.sha256(network).hexdigest() != ONNX_SHA256:
        raise Invalid("the weights became another network than they should", reason="MODEL_FILE_UNREADABLE")
    with suppress(OSError):  # a folder that is mounted read-only: then every start converts, in a tenth of a second
        half = kept.with_name(f"{kept.name}.{os.getpid()}.partial")
        half.write_bytes(network)
        half.replace(kept)
    return network
