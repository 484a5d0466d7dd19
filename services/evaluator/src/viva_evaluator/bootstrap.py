"""Builds everything, once."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from viva.evaluation.v1 import evaluation_pb2, evaluation_pb2_grpc
from viva_core.bus import Bus, Worker, message_types
from viva_core.bus.topology import EVALUATOR, Role
from viva_core.grpc import GrpcMetrics, Registration, create_server
from viva_core.models import ModelWatch, TextModel, open_model
from viva_core.runtime import Environment, Part, environment

from viva_evaluator.adapters.prompts import load_prompts
from viva_evaluator.evaluator import Evaluator
from viva_evaluator.grpc_api import EvaluationApi
from viva_evaluator.metrics import EvaluationMetrics
from viva_evaluator.replay import Replay
from viva_evaluator.settings import Settings
from viva_evaluator.worker import EvaluationWorker


async def bootstrap(
    settings: Settings, *, open_text_model: Callable[[Settings], TextModel] = open_model
) -> tuple[Environment, list[Part]]:
    """Everything that runs, in the order it starts."""
    env = environment("evaluator", settings)
    model = await asyncio.to_thread(open_text_model, settings)
    longest = timedelta(seconds=settings.evaluation_longest)
    metrics = EvaluationMetrics(env.registry)
    prompts = load_prompts()
    evaluator = Evaluator(model, prompts)
    replay = Replay(model, prompts, lambda model_id: open_text_model(other_model(settings, model_id)))
    bus = await Bus.connect(
        settings, source=Role.EVALUATOR.value, health=env.health, registry=env.registry, clock=env.clock
    )
    worker = Worker(
        bus,
        EVALUATOR,
        EvaluationWorker(bus, evaluator, metrics, env.clock, longest=longest).handle,
        message_types=message_types(evaluation_pb2.EvaluateRequest),
        health=env.health,
        slots=settings.slots,
    )
    server = create_server(
        [
            Registration(
                evaluation_pb2_grpc.add_EvaluationServiceServicer_to_server,
                EvaluationApi(evaluator, replay, model, metrics, longest=longest),
                "viva.evaluation.v1.EvaluationService",
            )
        ],
        settings=settings,
        metrics=GrpcMetrics(env.registry),
        tracer=env.tracing.tracer("viva.grpc"),
    )
    watch = ModelWatch(model, env.health)
    return env, [
        Part("bus", stop=lambda _: bus.close(), run=bus.watch),
        Part("model", stop=lambda _: model.aclose()),
        Part("model watch", watch.first, run=watch.run),
        Part("gRPC", server.start, server.stop),
        Part("worker", stop=worker.stop, run=worker.run),
    ]


def other_model(settings: Settings, model_id: str) -> Settings:
    """The settings with another model of the catalogue; what names the one in service more closely is dropped."""
    return settings.model_copy(update={"model_id": model_id, "model_file": None, "model_served_name": None})
