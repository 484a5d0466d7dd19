"""What a model saw in the candidate's pictures, and the words that belong to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from viva_gateway.schemas.base import Language, Out, Page
from viva_gateway.schemas.scores import ModelRef

Expression = Literal["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
FrameQuality = Literal["dark", "blurred", "too_small", "no_face", "several_faces"]


class ExpressionProbability(Out):
    """How likely the model holds one expression."""

    expression: Expression | None
    probability: float = Field(description="0 to 1; all seven together 1")


class Face(Out):
    """A face, in parts of the picture's width and height."""

    x: float
    y: float
    width: float
    height: float
    confidence: float = Field(description="How sure the detector was that it is a face")
    expressions: list[ExpressionProbability] = Field(description="All seven; empty when the face is too small to read")


class ExpressionPoint(Out):
    """What one picture showed."""

    captured_at: datetime | None
    turn_id: str = Field(description="The turn that was open; empty between turns")
    faces: int = Field(description="How many; a picture without a face keeps its place")
    face: Face | None = Field(description="The largest; null when there was none")
    quality: list[FrameQuality | None] = Field(description="What made the picture hard to read; empty for a good one")
    model: ModelRef | None


class Notice(Out):
    """What has to stand beside the timeline wherever it is shown."""

    heading: str
    is_this: str = Field(description="What it is")
    is_not: str = Field(description="What it is not")
    for_whom: str = Field(description="Who sees it, and how it is taken away")


class ExpressionTimeline(Page[ExpressionPoint]):
    """A page of the timeline."""

    notice: dict[Language, Notice]


NOTICE: Mapping[Language, Notice] = {
    "en": Notice(
        heading="What the model saw",
        is_this="Every few seconds a model looked at one picture of your camera and named the expression that the face "
        "most resembled. It was right on about two pictures of three when it was tried.",
        is_not="It does not know what you felt or meant, and it says nothing about you or your answers. It enters no "
        "score.",
        for_whom="Only you see this, in practice only. Take back your consent and it is deleted.",
    ),
    "ko": Notice(
        heading="모델이 본 것",
        is_this="모델이 몇 초마다 카메라 사진을 한 장씩 보고 얼굴과 가장 비슷한 표정의 이름을 골랐습니다. "
        "시험에서는 사진 세 장 중 두 장 정도를 맞혔습니다.",
        is_not="모델은 당신이 무엇을 느꼈는지, 무슨 뜻이었는지 알지 못하며, 당신이나 답변에 대해 아무것도 말해 주지 "
        "않습니다. 어떤 점수에도 들어가지 않습니다.",
        for_whom="연습 면접에서만, 당신에게만 보입니다. 동의를 철회하면 삭제됩니다.",
    ),
}
