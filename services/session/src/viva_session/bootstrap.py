"""Builds everything, once."""

import asyncio
import secrets
import ssl
from datetime import timedelta

from viva.event.v1 import events_pb2
from viva.session.v1 import administration_pb2_grpc, session_pb2_grpc, webhook_pb2_grpc
from viva_core.bus import Bus, Worker, message_types
from viva_core.bus.dead import DeadLetters
from viva_core.bus.erase import erase_interview
from viva_core.bus.topology import SESSION, WEBHOOKS, Role
from viva_core.db import Outbox, Relay, create_engine, session_factory
from viva_core.grpc import GrpcMetrics, Registration, create_server
from viva_core.ids import uuid7
from viva_core.runtime import Environment, Part, environment

from viva_session.adapters import schema
from viva_session.adapters.candidates import Candidates
from viva_session.adapters.catalogue import Catalogue
from viva_session.adapters.interviews import CommandTimes, InterviewStore
from viva_session.adapters.records import Records
from viva_session.adapters.resume import ResumeReader
from viva_session.adapters.sealing import Sealer
from viva_session.adapters.watch import Watch
from viva_session.adapters.webhook_client import WebhookClient
from viva_session.adapters.webhooks import WebhookStore
from viva_session.application.candidates import CandidateLists
from viva_session.application.dead_letters import DeadLetterDesk
from viva_session.application.erasure import Erasure
from viva_session.application.interviews import Interviews
from viva_session.application.invitations import Invitations
from viva_session.application.positions import Positions
from viva_session.application.retention import Retention
from viva_session.application.webhooks import Sending, Webhooks
from viva_session.domain.bank import load_bank
from viva_session.domain.flow import Flow, Patience
from viva_session.domain.hearing import Hearing
from viva_session.domain.invitation import TOKEN_BYTES
from viva_session.domain.rules import Rules
from viva_session.grpc_api.administration import ADMINISTRATION_SERVICE, AdministrationApi
from viva_session.grpc_api.api import PUBLIC, SERVICE, SessionApi
from viva_session.grpc_api.webhooks import WEBHOOK_SERVICE, WebhookApi
from viva_session.housekeeping import Housekeeping
from viva_session.settings import Settings
from viva_session.timers import Timers
from viva_session.webhooks import Limits, WebhookEvents, WebhookSender
from viva_session.worker import SessionWorker


async def bootstrap(settings: Settings) -> tuple[Environment, list[Part]]:
    """Everything that runs, in the order it starts. Raises Refused when the schema is not this code's, Transient when
    the database is away."""
    env = environment("session", settings)
    dsn = settings.database_url.get_secret_value()
    await asyncio.to_thread(schema.check, dsn)

    engine = create_engine(settings, application="viva-session")
    sessions = session_factory(engine)
    bus = await Bus.connect(
        settings, source=Role.SESSION.value, health=env.health, registry=env.registry, clock=env.clock
    )
    bank = load_bank()
    flow = Flow(bank, _patience(settings), uuid7)
    rules, hearing = Rules(flow), Hearing(flow)
    times = CommandTimes(question=settings.question_timeout, evaluation=settings.evaluation_timeout)
    store = InterviewStore(Outbox(Role.SESSION.value, clock=env.clock), times)
    catalogue, records = Catalogue(), Records()

    interviews = Interviews(sessions, store, records, env.clock)
    positions = Positions(sessions, catalogue, records, env.clock, uuid7)
    invitations = Invitations(interviews, catalogue, rules, uuid7, lambda: secrets.token_urlsafe(TOKEN_BYTES))
    erasure = Erasure(
        interviews,
        rules,
        lambda tenant, one: erase_interview(bus.api, tenant, one),
        uuid7,
        sweep_after=timedelta(seconds=settings.erasure_sweep),
    )

    webhooks = _webhooks(settings, interviews)
    sender = WebhookSender(
        webhooks,
        WebhookClient(settings.networks, trust=_trust(settings)),
        env.health,
        env.registry,
        Limits(timedelta(days=settings.webhook_pause_days), settings.webhook_slots),
    )
    listener = Worker(
        bus,
        WEBHOOKS,
        WebhookEvents(webhooks, sender.look).handle,
        message_types=message_types(events_pb2),
        health=env.health,
    )
    watch = Watch(dsn)
    timers = Timers(interviews, erasure, rules, hearing, env.health, env.registry, bus.api.purge)
    housekeeping = Housekeeping(sessions, env.clock)
    relay = Relay(dsn, bus, health=env.health, registry=env.registry)
    worker = Worker(
        bus,
        SESSION,
        SessionWorker(interviews, rules, hearing, bus.api.purge, erasure.sound_gone).handle,
        message_types=message_types(events_pb2),
        health=env.health,
        slots=settings.slots,
    )
    api = SessionApi(
        positions=positions,
        interviews=interviews,
        invitations=invitations,
        lists=CandidateLists(interviews, catalogue, Candidates()),
        erasure=erasure,
        catalogue=catalogue,
        bank=bank,
        rules=rules,
        resumes=ResumeReader(),
        watch=watch,
        new_id=uuid7,
    )
    server = create_server(
        [
            Registration(session_pb2_grpc.add_SessionServiceServicer_to_server, api, SERVICE),
            Registration(webhook_pb2_grpc.add_WebhookServiceServicer_to_server, WebhookApi(webhooks), WEBHOOK_SERVICE),
            Registration(
                administration_pb2_grpc.add_AdministrationServiceServicer_to_server,
                AdministrationApi(
                    DeadLetterDesk(interviews, DeadLetters(bus.api), bus.publisher),
                    Retention(sessions, webhooks.store, env.clock),
                ),
                ADMINISTRATION_SERVICE,
            ),
        ],
        settings=settings,
        metrics=GrpcMetrics(env.registry),
        tracer=env.tracing.tracer("viva.grpc"),
        public=PUBLIC,
    )
    return env, [
        Part("database", stop=lambda _: engine.dispose()),
        Part("bus", stop=lambda _: bus.close(), run=bus.watch),
        Part("relay", stop=relay.stop, run=relay.run),
        Part("watch", stop=watch.stop, run=watch.run),
        Part("timers", stop=timers.stop, run=timers.run),
        Part("housekeeping", stop=housekeeping.stop, run=housekeeping.run),
        Part("worker", stop=worker.stop, run=worker.run),
        Part("webhooks", stop=sender.stop, run=sender.run),
        Part("webhook events", stop=listener.stop, run=listener.run),
        Part("gRPC", server.start, server.stop),
    ]


def _webhooks(settings: Settings, interviews: Interviews) -> Webhooks:
    key = settings.webhook_key
    sending = Sending(settings.public_url, settings.webhook_http, timedelta(days=settings.webhook_give_up_days))
    store = WebhookStore(Sealer(None if key is None else key.get_secret_value()))
    return Webhooks(
        interviews.sessions, store, interviews.records, interviews.clock, uuid7, secrets.token_bytes, sending
    )


def _trust(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.webhook_ca_file is not None:
        context.load_verify_locations(settings.webhook_ca_file)
    return context


def _patience(settings: Settings) -> Patience:
    return Patience(
        question=timedelta(seconds=settings.question_timeout),
        evaluation=timedelta(seconds=settings.evaluation_timeout),
        speech=timedelta(seconds=settings.speech_timeout),
        review=timedelta(seconds=settings.review_time),
    )
