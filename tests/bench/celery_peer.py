"""Celery's side of the hop: the same payload through Redis. Run as `celery -A tests.bench.celery_peer worker`."""

import json
import os
import time
from pathlib import Path

from celery import Celery
from viva.question.v1 import question_pb2 as question

from tests.bench.payload import age_ms

app = Celery("bench", broker=os.environ["BENCH_REDIS"])
app.conf.update(
    task_ignore_result=True, worker_prefetch_multiplier=1, task_acks_late=True, worker_hijack_root_logger=False
)


@app.task(name="ask")
def ask(payload: str) -> None:
    """Read the command, and note when."""
    request = question.GenerateRequest.FromString(bytes.fromhex(payload))
    out = Path(os.environ["BENCH_OUT"]) / f"{os.getpid()}.jsonl"
    with out.open("a") as file:
        file.write(json.dumps((age_ms(request.request_id), time.monotonic())) + "\n")
