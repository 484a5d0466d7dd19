"""Turns a small Keras network (an HDF5 file of Keras 2) into ONNX without TensorFlow: the file is read as data.

Only the layers are known of which mini-Xception is made; any other is refused rather than guessed at.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from viva_core.errors import Invalid

_OPSET, _IR = 17, 8
_RELU, _SOFTMAX = "relu", "softmax"
Weights = NDArray[np.float32]


def convert(path: Path) -> bytes:
    """The ONNX file: one input "face" (N × 1 × height × width), one output "probabilities" (N × labels).

    The same weights always give the same bytes. Raises Invalid for a file that is no such network.
    """
    try:
        with h5py.File(path, "r") as file:
            config = json.loads(file.attrs["model_config"])["config"]
            return _Graph(config, file["model_weights"]).model().SerializeToString(deterministic=True)
    except (OSError, KeyError, ValueError) as error:
        raise Invalid(f"{path.name} is no Keras model that can be converted", reason="MODEL_FILE_UNREADABLE") from error


class _Graph:
    """One network on its way."""

    def __init__(self, config: Mapping[str, Any], weights: h5py.Group) -> None:
        self._config = config
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def model(self) -> onnx.ModelProto:
        layers = self._config["layers"]
        first = layers[0]
        _, height, width, channels = first["config"]["batch_input_shape"]
        if first["class_name"] != "InputLayer" or channels != 1:
            raise ValueError("wanted one grey picture as the input")
        for layer in layers[1:]:
            self._layer(layer)
        # One channel: rows × columns × 1 and 1 × rows × columns lie in memory alike, so the input needs no transpose.
        face = helper.make_tensor_value_info(first["name"], TensorProto.FLOAT, ["n", 1, height, width])
        last = layers[-1]["name"]
        labels = self._constants[-1].dims[0]
        probabilities = helper.make_tensor_value_info(last, TensorProto.FLOAT, ["n", labels])
        graph = helper.make_graph(self._nodes, "expressions", [face], [probabilities], self._constants)
        model = helper.make_model(
            graph, producer_name="viva", opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR
        )
        onnx.checker.check_model(model, full_check=True)
        return model

    def _layer(self, layer: Mapping[str, Any]) -> None:
        name, config = layer["name"], layer["config"]
        inputs = [link[0] for link in layer["inbound_nodes"][0]]
        match layer["class_name"]:
            case "Conv2D":
                self._conv(name, inputs[0], config, self._kernel(name, "kernel"), config["strides"])
            case "SeparableConv2D":
                depthwise = self._weight(name, "depthwise_kernel").transpose(2, 3, 0, 1)
                self._plain(
                    "Conv",
                    [inputs[0], self._constant(f"{name}/depthwise", depthwise)],
                    f"{name}/depthwise:out",
                    **_window(config, config["strides"]),
                    group=depthwise.shape[0],
                )
                self._conv(name, f"{name}/depthwise:out", config, self._kernel(name, "pointwise_kernel"), [1, 1])
            case "BatchNormalization":
                values = [self._weight(name, each) for each in ("gamma", "beta", "moving_mean", "moving_variance")]
                constants = [self._constant(f"{name}/{index}", value) for index, value in enumerate(values)]
                self._plain("BatchNormalization", [inputs[0], *constants], name, epsilon=config["epsilon"])
            case "Activation" if config["activation"] == _RELU:
                self._plain("Relu", inputs, name)
            case "Activation" if config["activation"] == _SOFTMAX:
                self._plain("Softmax", inputs, name, axis=1)
            case "MaxPooling2D":
                pool = {"kernel_shape": config["pool_size"], "strides": config["strides"]}
                self._plain("MaxPool", inputs, name, **pool, auto_pad=_padding(config))
            case "Add":
                self._plain("Add", inputs, name)
            case "GlobalAveragePooling2D":
                self._plain("GlobalAveragePool", inputs, f"{name}:square")
                self._plain("Flatten", [f"{name}:square"], name, axis=1)
            case other:
                raise ValueError(f"unknown layer {other}")

    def _conv(self, name: str, source: str, config: Mapping[str, Any], kernel: Weights, strides: list[int]) -> None:
        if config["activation"] != "linear" or config["dilation_rate"] != [1, 1]:
            raise ValueError(f"{name}: an activation or a dilation in a convolution")
        inputs = [source, self._constant(f"{name}/kernel", kernel)]
        if config["use_bias"]:
            inputs.append(self._constant(f"{name}/bias", self._weight(name, "bias")))
        shape = {"kernel_size": list(kernel.shape[2:]), "padding": config["padding"]}
        self._plain("Conv", inputs, name, **_window(shape, strides))

    def _plain(self, kind: str, inputs: Iterable[str], output: str, **attributes: Any) -> None:
        self._nodes.append(helper.make_node(kind, list(inputs), [output], name=output, **attributes))

    def _constant(self, name: str, value: Weights) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _kernel(self, layer: str, which: str) -> Weights:
        """Keras keeps height × width × in × out, ONNX wants out × in × height × width."""
        return self._weight(layer, which).transpose(3, 2, 0, 1)

    def _weight(self, layer: str, which: str) -> Weights:
        group = self._weights[layer]
        for name in group.attrs["weight_names"]:
            text = name.decode() if isinstance(name, bytes) else name
            if text.rsplit("/", 1)[-1] == f"{which}:0":
                return np.asarray(group[text], dtype=np.float32)
        raise KeyError(f"{layer} has no {which}")


def _window(config: Mapping[str, Any], strides: list[int]) -> dict[str, Any]:
    return {"kernel_shape": config["kernel_size"], "strides": strides, "auto_pad": _padding(config)}


def _padding(config: Mapping[str, Any]) -> str:
    return {"same": "SAME_UPPER", "valid": "VALID"}[config["padding"]]
