"""Builds everything, once."""

import asyncio
from datetime import timedelta

from viva.vision.v1 import vision_pb2, vision_pb2_grpc
from viva_core.bus import Bus, Worker, message_types
from viva_core.bus.topology import VISION, Role
from viva_core.cores import usable_cores
from viva_core.errors import Invalid
from viva_core.grpc import GrpcMetrics, Registration, create_server
from viva_core.health import Health
from viva_core.models.catalogue import catalogue
from viva_core.runtime import Environment, Part, environment

from viva_vision.adapters.fer_onnx import FerOnnx
from viva_vision.adapters.haar import HaarDetector
from viva_vision.adapters.ledger import BusLedger
from viva_vision.adapters.timeline import BusTimeline
from viva_vision.adapters.weights import onnx_network, weights_file
from viva_vision.grpc_api import VisionApi
from viva_vision.looker import Looker
from viva_vision.metrics import VisionMetrics
from viva_vision.ports import ExpressionModel, FaceDetector
from viva_vision.settings import Settings
from viva_vision.vision import Vision
from viva_vision.worker import FrameWorker, Overtaken


async def bootstrap(settings: Settings) -> tuple[Environment, list[Part]]:
    """Everything that runs, in the order it starts."""
    env = environment("vision", settings)
    slots = settings.vision_slots or usable_cores()
    looker = await asyncio.to_thread(open_looker, settings, slots)
    metrics = VisionMetrics(env.registry)
    bus = await Bus.connect(
        settings, source=Role.VISION.value, health=env.health, registry=env.registry, clock=env.clock
    )
    vision = Vision(BusLedger(bus), looker, BusTimeline(bus))
    stale = timedelta(seconds=settings.vision_frame_age)
    frames = FrameWorker(bus, vision, metrics, env.clock, stale=stale)
    worker = Worker(
        bus,
        VISION,
        frames.handle,
        message_types=message_types(vision_pb2.AnalyzeFrameRequest),
        health=env.health,
        slots=slots,
    )
    server = create_server(
        [
            Registration(
                vision_pb2_grpc.add_VisionServiceServicer_to_server,
                VisionApi(vision, metrics, env.health),
                "viva.vision.v1.VisionService",
            )
        ],
        settings=settings,
        metrics=GrpcMetrics(env.registry),
        tracer=env.tracing.tracer("viva.grpc"),
    )

    async def close_looker(_: float) -> None:
        looker.close()

    return env, [
        Part("bus", stop=lambda _: bus.close(), run=bus.watch),
        Part("model", lambda: warm_up(looker, env.health), close_looker),
        Part("overtaken frames", run=Overtaken(bus, metrics, lambda: frames.taken).run),
        Part("gRPC", server.start, server.stop),
        Part("worker", stop=worker.stop, run=worker.run),
    ]


async def warm_up(looker: Looker, health: Health) -> None:
    """Build every thread's detector and run the model once before anybody waits for it."""
    health.set("model", False, "warming up")
    await looker.warm_up()
    health.set("model", True)


def open_looker(settings: Settings, slots: int) -> Looker:
    """The detector and the model that the settings name.

    Raises:
        NotFound: the weights are not there; the message says how to get them.
        Invalid: the settings do not fit together, or a file is not what it should be.
    """
    model: ExpressionModel
    detector: FaceDetector
    if settings.vision_engine == "fer-onnx":
        if settings.vision_detector != "haar":
            raise Invalid("VIVA_VISION_DETECTOR: fer-onnx finds faces by haar; other detectors come with deepface.")
        known = catalogue().get("fer-mini-xception")
        model, detector = FerOnnx(onnx_network(known, settings.model_folder), known.info()), HaarDetector()
    else:
        from viva_vision.adapters.deep_face import DeepFaceDetector, DeepFaceExpressions, install_weights

        known = catalogue().get("deepface-emotion")
        home = settings.deepface_home or settings.model_folder / "deepface"
        install_weights(weights_file(known, settings.model_folder), home)
        model = DeepFaceExpressions(known.info())
        named = settings.vision_detector
        detector = HaarDetector() if named == "haar" else DeepFaceDetector(named)
        slots = 1  # Keras holds Python's lock for much of a call: a second thread would only slow the first
    return Looker(detector, model, slots=slots)
