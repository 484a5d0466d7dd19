"""Celery's side of the hop: the same bytes through Redis. Run as `celery -A tests.bench.celery_peer worker`.

Set as its makers advise for tasks that must not be lost: acknowledged late, one at a time. Pickle, because its JSON
would turn the bytes into base64. Each pool process keeps its figures and leaves them at its end, as ours do.
"""

import os

from celery import Celery
from celery.signals import worker_process_shutdown, worker_ready
from viva.question.v1 import question_pb2 as question

from tests.bench import processes
from tests.bench.payload import Handled

app = Celery("bench", broker=os.environ["BENCH_REDIS"])
app.conf.update(
    task_serializer="pickle",
    accept_content=["pickle"],
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    task_acks_late=True,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)
handled = Handled()


def _handle(payload: bytes) -> None:
    """Read the command, and note when."""
    handled.note(question.GenerateRequest.FromString(payload).request_id)


def _ready(**_: object) -> None:
    processes.say_ready()


def _report(**_: object) -> None:
    processes.report(handled.times)


ask = app.task(name="ask")(_handle)
worker_ready.connect(_ready)
worker_process_shutdown.connect(_report)
