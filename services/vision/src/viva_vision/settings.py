"""What vision can be told from outside."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from viva_core.models.settings import default_folder
from viva_core.settings import GrpcServerSettings, NatsSettings, ServiceSettings


class Settings(NatsSettings, GrpcServerSettings, ServiceSettings):
    """Environment variables, prefix VIVA_."""

    vision_engine: Literal["fer-onnx", "deepface"] = Field(
        default="fer-onnx",
        description="who reads expressions: fer-onnx, small and quick; deepface, with the extra of that name (1.9 GB)",
    )
    vision_detector: str = Field(
        default="haar",
        pattern=r"^[a-z0-9]+$",
        description="who finds faces: haar (OpenCV, on 288 pixels), or with deepface any detector_backend of it",
    )
    vision_slots: int = Field(
        default=0, ge=0, le=256, description="frames looked at at once; 0 takes every core this process may use"
    )
    vision_frame_age: float = Field(
        default=5.0, gt=0, le=30, description="seconds after which a frame is dropped instead of looked at"
    )
    model_folder: Path = Field(default_factory=default_folder, description="where pulled model files lie")
    deepface_home: Path | None = Field(
        default=None, description="deepface: where it looks for weights; by default beside the model files"
    )
