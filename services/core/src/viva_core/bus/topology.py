"""The one declaration of what is on the bus: streams, durable consumers, and who says what.

`apply` makes a server match it, `permissions` derives each role's rights from it, and services only bind to it.
Nothing else in Viva names a stream, a consumer or a subject pattern.

A consumer has no server-side limit on deliveries on purpose: JetStream would stop delivering such a message and leave
it in the work queue, invisible. The worker counts the attempts instead and dead-letters the message itself
(`ConsumerSpec.max_attempts`), also when the attempts before died with their process.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

ROOT = "viva.v1"

MEBIBYTE = 1024 * 1024
HOUR = 3600.0
DAY = 24 * HOUR


class Role(StrEnum):
    """Who is on the bus; also the name of its NATS user. `ADMIN` is for people and for hook jobs."""

    SESSION = "session"
    QUESTION_GEN = "question-gen"
    EVALUATOR = "evaluator"
    VISION = "vision"
    MEDIA = "media"
    GATEWAY = "gateway"
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True)
class StreamSpec:
    """One stream. Times are seconds, sizes are bytes; -1 means no limit."""

    name: str
    description: str
    subjects: tuple[str, ...]
    retention: Literal["limits", "workqueue"] = "limits"
    storage: Literal["file", "memory"] = "file"
    discard: Literal["old", "new"] = "old"
    max_age: float = 0.0
    max_bytes: int = -1
    max_messages: int = -1
    max_messages_per_subject: int = -1
    max_message_bytes: int = MEBIBYTE
    duplicate_window: float = 300.0
    direct: bool = False
    """Whether the newest message of a subject may be read by whoever has the right to that subject alone."""


@dataclass(frozen=True)
class Backoff:
    """How long a message rests before its next attempt: `first * factor**(attempt-1)` seconds, at most `limit`."""

    first: float = 0.5
    factor: float = 2.0
    limit: float = 30.0

    def delay(self, attempt: int, chance: float) -> float:
        """Seconds before the attempt after `attempt` (from 1); `chance` in [0, 1) takes off up to a half."""
        exponent = min(attempt - 1, 32)  # beyond it every sane limit is met, and a float could overflow
        return min(self.limit, self.first * self.factor**exponent) * (1.0 - chance / 2)


@dataclass(frozen=True)
class ConsumerSpec:
    """One durable pull consumer and how its messages are handled. Times are seconds."""

    stream: str
    durable: str
    filters: tuple[str, ...]
    ack_wait: float = 30.0
    """After this long without an ack or a sign of progress, the server gives the message to another worker."""
    time_limit: float = 120.0
    """How long one handler may run."""
    max_attempts: int = 8
    """A message that was tried this often goes to the dead letters instead of being tried again."""
    backoff: Backoff = Backoff()
    max_ack_pending: int = 1000
    memory: bool = False
    dead_letters: bool = True
    """Whether what cannot be handled is kept. Dead letters lie on a disk: what must never touch one is only counted."""


EVENTS = StreamSpec(
    name="VIVA_EVENT_V1",
    description="Each interview's log, append-only: what replay and projections read",
    subjects=(f"{ROOT}.event.*.*.*",),
    direct=True,
)
COMMANDS = StreamSpec(
    name="VIVA_COMMAND_V1",
    description="Work for the workers; a full queue refuses instead of forgetting",
    subjects=(f"{ROOT}.command.*.*.*",),
    retention="workqueue",
    discard="new",
    max_age=DAY,  # a command's own expiry is minutes; this only bounds what nobody ever fetched
    max_bytes=1024 * MEBIBYTE,
    max_messages=100_000,
)
FRAMES = StreamSpec(
    name="VIVA_FRAME_V1",
    description="The newest sampled frame of each interview, in memory only: a face never touches a disk",
    subjects=(f"{ROOT}.frame.*.*",),
    storage="memory",
    max_age=30.0,
    max_bytes=256 * MEBIBYTE,
    max_messages_per_subject=1,
    duplicate_window=30.0,
)
DEAD = StreamSpec(
    name="VIVA_DEAD_V1",
    description="What could not be handled, with its cause, until a person retries it or it ages out",
    subjects=(f"{ROOT}.dead.*.*",),
    max_age=30 * DAY,
    max_bytes=1024 * MEBIBYTE,
    max_message_bytes=2 * MEBIBYTE,  # a whole command and the headers that say why it died
)
STREAMS = (EVENTS, COMMANDS, FRAMES, DEAD)

ERASED = "interview-erased"
"""What the session says of an erasure."""
MEDIA_ERASED = "media-erased"
"""What media answers."""
OUTLIVES = (ERASED, MEDIA_ERASED)
"""The events of an interview that outlive its erasure: they name nobody."""

SAYS: dict[Role, tuple[str, ...]] = {
    Role.SESSION: (
        "interview-created",
        "consent-recorded",
        "interview-ready",
        "interview-started",
        "question-requested",
        "question-asked",
        "answer-submitted",
        "transcript-revised",
        "answer-scored",
        "interview-completed",
        "report-ready",
        "review-submitted",
        "candidate-requested",
        "interview-expired",
        "interview-abandoned",
        ERASED,
    ),
    Role.QUESTION_GEN: ("question-started", "question-generated"),
    Role.EVALUATOR: ("answer-evaluated",),
    Role.MEDIA: (
        "transcript-final",
        "transcript-gap",
        "utterance-ended",
        "peer-changed",
        "line-quality-measured",
        MEDIA_ERASED,
    ),
    Role.VISION: ("expressions-seen",),
}
"""Which events each role publishes: the kebab-case names of the messages in viva.event.v1."""

LIVE: dict[Role, tuple[str, ...]] = {
    Role.QUESTION_GEN: ("question",),
    Role.MEDIA: ("transcript", "level"),
    Role.VISION: ("expressions",),
}
"""Which live kinds each role publishes on core NATS: lost without harm."""

READS: dict[Role, tuple[str, ...]] = {
    Role.VISION: ("consent-recorded",),
    Role.MEDIA: ("consent-recorded",),
}
"""Of which events each role may read an interview's newest: what it needs to know before it acts."""

READS_BACK: dict[Role, tuple[str, ...]] = {
    Role.VISION: ("expressions-seen",),
}
"""Of which events each role may read all that an interview's log holds. What a face showed, only who looked at it may:
it answers the candidate, and nobody who asks or scores has that right."""

COMMANDED = (Role.QUESTION_GEN, Role.EVALUATOR)
"""The roles that take commands; `session` sends them."""

QUESTION_GEN = ConsumerSpec(
    stream=COMMANDS.name,
    durable=Role.QUESTION_GEN.value,
    filters=(f"{ROOT}.command.{Role.QUESTION_GEN}.>",),
    ack_wait=10.0,  # a candidate waits: a dead worker's question goes to another one soon
    time_limit=300.0,
)
EVALUATOR = ConsumerSpec(
    stream=COMMANDS.name,
    durable=Role.EVALUATOR.value,
    filters=(f"{ROOT}.command.{Role.EVALUATOR}.>",),
    time_limit=900.0,  # several criteria on a small machine's CPU, with one repair each
    max_attempts=20,  # an engine that is away may come back as long as the command is worth doing
)
SESSION = ConsumerSpec(
    stream=EVENTS.name,
    durable=Role.SESSION.value,
    filters=tuple(
        f"{ROOT}.event.*.*.{event}"
        for role in (Role.QUESTION_GEN, Role.EVALUATOR, Role.MEDIA, Role.VISION)
        for event in SAYS[role]
    ),
    time_limit=30.0,
    max_attempts=20,  # the database may be away for minutes; what a worker did must not be thrown away
)
WEBHOOKS = ConsumerSpec(
    stream=EVENTS.name,
    durable="webhooks",
    filters=tuple(
        f"{ROOT}.event.*.*.{event}"
        for event in (
            "interview-created",
            "interview-started",
            "interview-completed",
            "report-ready",
            "review-submitted",
            "candidate-requested",
            "interview-expired",
            "interview-abandoned",
            ERASED,
        )
    ),
    time_limit=30.0,
    max_attempts=50,  # the database may be away for long: what a receiver is to be told must not be thrown away
)
VISION = ConsumerSpec(
    stream=FRAMES.name,
    durable=Role.VISION.value,
    filters=(f"{ROOT}.frame.>",),
    ack_wait=10.0,
    time_limit=10.0,
    max_attempts=2,
    memory=True,
    dead_letters=False,  # a face never touches a disk
)
MEDIA = ConsumerSpec(
    stream=EVENTS.name,
    durable=Role.MEDIA.value,
    filters=tuple(f"{ROOT}.event.*.*.{event}" for event in ("consent-recorded", ERASED)),
    time_limit=60.0,
    max_attempts=50,  # with the longest delays, 20 minutes: a store that is away must not leave a recording unerased
)
CONSUMERS = (QUESTION_GEN, EVALUATOR, SESSION, WEBHOOKS, VISION, MEDIA)

BINDS: dict[Role, tuple[ConsumerSpec, ...]] = {
    Role.QUESTION_GEN: (QUESTION_GEN,),
    Role.EVALUATOR: (EVALUATOR,),
    Role.SESSION: (SESSION, WEBHOOKS),
    Role.VISION: (VISION,),
    Role.MEDIA: (MEDIA,),
}
"""Which consumers each role's workers pull from."""

WATCHES: dict[Role, tuple[ConsumerSpec, ...]] = {
    Role.OPERATOR: (QUESTION_GEN, EVALUATOR, VISION, MEDIA),
}
"""Of which consumers each role may read how much waits, and since when; never a message."""
