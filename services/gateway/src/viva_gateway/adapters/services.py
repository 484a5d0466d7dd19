"""The services behind the gateway."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
from viva.evaluation.v1.evaluation_pb2_grpc import EvaluationServiceStub
from viva.media.v1.media_pb2_grpc import MediaServiceStub
from viva.question.v1.question_pb2_grpc import QuestionServiceStub
from viva.session.v1.administration_pb2_grpc import AdministrationServiceStub
from viva.session.v1.session_pb2_grpc import SessionServiceStub
from viva.session.v1.webhook_pb2_grpc import WebhookServiceStub
from viva.vision.v1.vision_pb2_grpc import VisionServiceStub
from viva_core.grpc import GrpcMetrics, create_channel

from viva_gateway.settings import GatewaySettings

if TYPE_CHECKING:  # names of the type stubs alone: at run time one class serves both kinds of channel
    from viva.evaluation.v1.evaluation_pb2_grpc import EvaluationServiceAsyncStub
    from viva.media.v1.media_pb2_grpc import MediaServiceAsyncStub
    from viva.question.v1.question_pb2_grpc import QuestionServiceAsyncStub
    from viva.session.v1.administration_pb2_grpc import AdministrationServiceAsyncStub
    from viva.session.v1.session_pb2_grpc import SessionServiceAsyncStub
    from viva.session.v1.webhook_pb2_grpc import WebhookServiceAsyncStub
    from viva.vision.v1.vision_pb2_grpc import VisionServiceAsyncStub

_EDGES = 12 * 1024 * 1024  # a report of 40 long answers with every revision fits


@dataclass(frozen=True)
class Services:
    """Stubs with Viva's channels under them: deadlines, actor and trace go with each call, errors come back as ours."""

    session: "SessionServiceAsyncStub"
    webhooks: "WebhookServiceAsyncStub"
    administration: "AdministrationServiceAsyncStub"
    question: "QuestionServiceAsyncStub"
    evaluation: "EvaluationServiceAsyncStub"
    media: "MediaServiceAsyncStub | None"
    """None where interviews are held in writing alone."""
    vision: "VisionServiceAsyncStub | None"
    """None where nobody looks at faces."""
    channels: tuple[grpc.aio.Channel, ...]

    async def close(self) -> None:
        """Close the channels; calls under way are cancelled."""
        for channel in self.channels:
            await channel.close()


def connect(settings: GatewaySettings, metrics: GrpcMetrics) -> Services:
    """Open the channels, inside the event loop; they connect when they are used."""
    session = create_channel(
        settings.session_target, metrics=metrics, timeout=settings.call_timeout, max_message_bytes=_EDGES
    )
    question = create_channel(settings.question_target, metrics=metrics, timeout=settings.model_timeout)
    evaluation = create_channel(
        settings.evaluation_target, metrics=metrics, timeout=settings.model_timeout, max_message_bytes=_EDGES
    )
    channels = [session, question, evaluation]
    media = None
    if settings.media_target is not None:
        channels.append(create_channel(settings.media_target, metrics=metrics, timeout=settings.call_timeout))
        media = MediaServiceStub(channels[-1])
    vision = None
    if settings.vision_target is not None:
        channels.append(create_channel(settings.vision_target, metrics=metrics, timeout=settings.call_timeout))
        vision = VisionServiceStub(channels[-1])
    return Services(
        session=SessionServiceStub(session),
        webhooks=WebhookServiceStub(session),
        administration=AdministrationServiceStub(session),
        question=QuestionServiceStub(question),
        evaluation=EvaluationServiceStub(evaluation),
        media=media,
        vision=vision,
        channels=tuple(channels),
    )
