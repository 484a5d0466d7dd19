"""The converted network says what the Keras network says: held against a forward pass in numpy, layer by layer as Keras
defines them, and against the bytes that were compared with TensorFlow by hand."""

import hashlib
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray
from viva_core.errors import Invalid, NotFound
from viva_core.models.catalogue import catalogue
from viva_testkit import faces
from viva_vision.adapters.fer_onnx import FerOnnx, prepared
from viva_vision.adapters.keras_onnx import convert
from viva_vision.adapters.weights import ONNX_SHA256, onnx_network
from viva_vision.domain.expression import Expression

Array = NDArray[np.float64]
MODEL = catalogue().get("fer-mini-xception")


def test_the_same_weights_become_the_same_bytes(weights: Path) -> None:
    assert hashlib.sha256(convert(weights)).hexdigest() == ONNX_SHA256


def test_it_is_what_keras_computes(weights: Path, fer: FerOnnx) -> None:
    for view in faces.views(4, seed=5):
        face = view[120:330, 200:410]
        expected = forward(weights, prepared(face)[0, 0].astype(np.float64)[:, :, None])
        np.testing.assert_allclose(fer.read(face).probabilities, expected, atol=2e-5)


def test_a_smile_is_happy(fer: FerOnnx) -> None:
    assert fer.read(faces.portrait(scale=1.4)[170:330, 240:400]).likeliest is Expression.HAPPY


def test_the_network_is_kept_and_a_spoilt_one_made_anew(weights: Path, tmp_path: Path) -> None:
    (tmp_path / weights.name).symlink_to(weights)
    network = onnx_network(MODEL, tmp_path)
    kept = tmp_path / "fer-mini-xception.onnx"
    assert kept.read_bytes() == network
    kept.write_bytes(network[:-100] + bytes(100))
    assert onnx_network(MODEL, tmp_path) == network == kept.read_bytes()
    (tmp_path / weights.name).unlink()
    assert onnx_network(MODEL, tmp_path) == network
    assert [path.name for path in tmp_path.iterdir()] == [kept.name]


def test_missing_weights_say_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="viva models pull fer-mini-xception"):
        onnx_network(MODEL, tmp_path)


def test_spoilt_weights_are_refused(weights: Path, tmp_path: Path) -> None:
    spoilt = bytearray(weights.read_bytes())
    spoilt[500_000] ^= 1
    (tmp_path / weights.name).write_bytes(spoilt)
    with pytest.raises(Invalid, match="wrong hash"):
        onnx_network(MODEL, tmp_path)


@pytest.mark.parametrize("content", [b"", b"no hdf5", bytes(4096)])
def test_what_is_no_keras_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "weights.hdf5"
    path.write_bytes(content)
    with pytest.raises(Invalid):
        convert(path)


def forward(path: Path, picture: Array) -> Array:
    """Keras' inference for one picture (height × width × channels), written down plainly."""
    with h5py.File(path, "r") as file:
        layers = json.loads(file.attrs["model_config"])["config"]["layers"]
        weights = {
            layer["name"]: {
                name.decode().rsplit("/", 1)[-1][:-2]: np.asarray(
                    file["model_weights"][layer["name"]][name], np.float64
                )
                for name in file["model_weights"][layer["name"]].attrs["weight_names"]
            }
            for layer in layers
        }
    made: dict[str, Array] = {layers[0]["name"]: picture}
    for layer in layers[1:]:
        inputs = [made[link[0]] for link in layer["inbound_nodes"][0]]
        made[layer["name"]] = _layer(layer["class_name"], layer["config"], weights[layer["name"]], inputs)
    return made[layers[-1]["name"]]


def _layer(kind: str, config: dict[str, Any], own: dict[str, Array], inputs: list[Array]) -> Array:
    first = inputs[0]
    if kind == "Conv2D":
        return _conv(first, own["kernel"], config["strides"][0], config["padding"]) + own.get("bias", 0.0)
    if kind == "SeparableConv2D":
        depthwise = own["depthwise_kernel"][:, :, :, 0]
        windows = _windows(first, depthwise.shape[0], 1, config["padding"], 0.0)
        return np.einsum("hwcij,ijc->hwc", windows, depthwise) @ own["pointwise_kernel"][0, 0]
    if kind == "BatchNormalization":
        scale = own["gamma"] / np.sqrt(own["moving_variance"] + config["epsilon"])
        return (first - own["moving_mean"]) * scale + own["beta"]
    if kind == "MaxPooling2D":
        pool, stride = config["pool_size"][0], config["strides"][0]
        return _windows(first, pool, stride, config["padding"], -np.inf).max(axis=(3, 4))
    if kind == "GlobalAveragePooling2D":
        return first.mean(axis=(0, 1))
    if kind == "Add":
        return np.asarray(sum(inputs))
    assert kind == "Activation"
    if config["activation"] == "relu":
        return np.maximum(first, 0.0)
    raised = np.exp(first - first.max())
    return np.asarray(raised / raised.sum())


def _conv(image: Array, kernel: Array, stride: int, padding: str) -> Array:
    return np.einsum("hwcij,ijco->hwo", _windows(image, kernel.shape[0], stride, padding, 0.0), kernel)


def _windows(image: Array, side: int, stride: int, padding: str, fill: float) -> Array:
    """Every window of the picture, height × width × channels × side × side; "same" pads more at the end, as Keras."""
    if padding == "same":
        pads = []
        for length in image.shape[:2]:
            total = max((-(-length // stride) - 1) * stride + side - length, 0)
            pads.append((total // 2, total - total // 2))
        image = np.pad(image, (*pads, (0, 0)), constant_values=fill)
    return np.lib.stride_tricks.sliding_window_view(image, (side, side), axis=(0, 1))[::stride, ::stride]
