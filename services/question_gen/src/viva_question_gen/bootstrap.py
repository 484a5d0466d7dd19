"""Builds everything, once."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from viva.question.v1 import question_pb2, question_pb2_grpc
from viva_core.bus import Bus, Worker, message_types
from viva_core.bus.topology import QUESTION_GEN, Role
from viva_core.grpc import GrpcMetrics, Registration, create_server
from viva_core.models import ModelWatch, TextModel, open_model
from viva_core.runtime import Environment, Part, environment

from viva_question_gen.adapters.prompts import load_prompts
from viva_question_gen.generator import Generator
from viva_question_gen.grpc_api import QuestionApi
from viva_question_gen.metrics import QuestionMetrics
from viva_question_gen.settings import Settings
from viva_question_gen.worker import QuestionWorker


async def bootstrap(
    settings: Settings, *, open_text_model: Callable[[Settings], TextModel] = open_model
) -> tuple[Environment, list[Part]]:
    """Everything that runs, in the order it starts."""
    env = environment("question-gen", settings)
    model = await asyncio.to_thread(open_text_model, settings)
    longest = timedelta(seconds=settings.question_longest)
    metrics = QuestionMetrics(env.registry)
    generator = Generator(model, load_prompts())
    bus = await Bus.connect(
        settings, source=Role.QUESTION_GEN.value, health=env.health, registry=env.registry, clock=env.clock
    )
    worker = Worker(
        bus,
        QUESTION_GEN,
        QuestionWorker(bus, generator, metrics, env.clock, longest=longest).handle,
        message_types=message_types(question_pb2.GenerateRequest),
        health=env.health,
        slots=settings.slots,
    )
    server = create_server(
        [
            Registration(
                question_pb2_grpc.add_QuestionServiceServicer_to_server,
                QuestionApi(generator, model, metrics, longest=longest),
                "viva.question.v1.QuestionService",
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
