"""What each role may touch on the bus, derived from the topology, and the nats-server configuration that enforces it.

Each role has an inbox prefix of its own, so that no role can listen to the replies of another. Publishing to a stream
needs no right but its subject; pulling needs exactly three: ask for the next message, acknowledge, and read the
consumer's state. Whoever pulls may also write its own dead letters, where it keeps any, and nothing else of that
stream. Reading is by subject: a role that must know one kind of event can ask for that kind and no other. Who may read
a whole log of one kind makes a consumer of it, under any name but those of the workers' consumers, which it could
change so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from viva_core.bus.subjects import dead_subject
from viva_core.bus.topology import (
    BINDS,
    COMMANDED,
    COMMANDS,
    CONSUMERS,
    DEAD,
    EVENTS,
    FRAMES,
    LIVE,
    READS,
    READS_BACK,
    ROOT,
    SAYS,
    SESSION,
    STREAMS,
    WATCHES,
    ConsumerSpec,
    Role,
)
from viva_core.errors import Invalid

_API = "$JS.API"


@dataclass(frozen=True)
class Permissions:
    """Subject patterns that a role may publish and subscribe to; everything else is denied, and `never` in any case."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    never: tuple[str, ...] = ()


def inbox_prefix(role: str) -> str:
    """The prefix of a role's reply subjects."""
    return f"_INBOX_{role}"


def _pulls(consumer: ConsumerSpec) -> tuple[str, ...]:
    return (
        f"{_API}.CONSUMER.MSG.NEXT.{consumer.stream}.{consumer.durable}",
        f"{_API}.CONSUMER.INFO.{consumer.stream}.{consumer.durable}",
        f"$JS.ACK.{consumer.stream}.{consumer.durable}.>",
        *((dead_subject(consumer.stream, consumer.durable),) if consumer.dead_letters else ()),
    )


def _watches(consumers: tuple[ConsumerSpec, ...]) -> tuple[str, ...]:
    """How much waits, and, where a stream keeps only what waits, since when."""
    queues = {stream.name for stream in STREAMS if stream.retention == "workqueue"}
    return (
        *(f"{_API}.CONSUMER.INFO.{consumer.stream}.{consumer.durable}" for consumer in consumers),
        *sorted(f"{_API}.STREAM.INFO.{name}" for name in queues & {consumer.stream for consumer in consumers}),
    )


def _reads_back(events: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{_API}.CONSUMER.CREATE.{EVENTS.name}.*.{ROOT}.event.*.*.{event}" for event in events)


def _consumers_of_workers(stream: str) -> tuple[str, ...]:
    return tuple(f"{_API}.CONSUMER.CREATE.{stream}.{each.durable}.>" for each in CONSUMERS if each.stream == stream)


def _session() -> tuple[str, ...]:
    """It sends the commands, and erases: what of an interview stands on the streams goes when the interview goes.

    It is also who an administrator asks to have a dead letter handled again. So it may say what its own worker hears:
    whatever it could forge by that, it could as well write into its own database.
    """
    return (
        *SESSION.filters,
        *(f"{ROOT}.command.{role}.*.*" for role in COMMANDED),
        *(f"{_API}.STREAM.PURGE.{stream.name}" for stream in (EVENTS, COMMANDS, FRAMES)),
        f"{_API}.STREAM.INFO.{EVENTS.name}",
        f"{_API}.STREAM.MSG.GET.{DEAD.name}",
        f"{_API}.STREAM.MSG.DELETE.{DEAD.name}",
    )


def permissions(role: Role) -> Permissions:
    """The rights of a role."""
    inbox = f"{inbox_prefix(role)}.>"
    if role is Role.ADMIN:
        return Permissions(
            publish=(f"{_API}.>", "$JS.ACK.>", "$JS.SNAPSHOT.>", f"{ROOT}.>"),
            subscribe=(inbox, f"{ROOT}.>", "$JS.EVENT.ADVISORY.>"),
        )
    publish = [f"{ROOT}.event.*.*.{event}" for event in SAYS.get(role, ())]
    publish += [f"{ROOT}.live.*.*.{kind}" for kind in LIVE.get(role, ())]
    publish += [f"{_API}.DIRECT.GET.{EVENTS.name}.{ROOT}.event.*.*.{event}" for event in READS.get(role, ())]
    publish += _reads_back(READS_BACK.get(role, ()))
    for consumer in BINDS.get(role, ()):
        publish += _pulls(consumer)
    publish += _watches(WATCHES.get(role, ()))
    if role is Role.SESSION:
        publish += _session()
    if role is Role.MEDIA:
        publish.append(f"{ROOT}.frame.*.*")
    subscribe = [inbox]
    if role is Role.GATEWAY:
        subscribe.append(f"{ROOT}.live.>")
    never = _consumers_of_workers(EVENTS.name) if role in READS_BACK else ()
    return Permissions(publish=tuple(publish), subscribe=tuple(subscribe), never=never)


def _quoted(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        raise Invalid("a NATS user's password must be printable ASCII")
    return json.dumps(text)


def _patterns(patterns: tuple[str, ...]) -> str:
    return "[" + ", ".join(_quoted(pattern) for pattern in patterns) + "]"


def nats_config(users: Mapping[Role, str], *, account: str = "VIVA") -> str:
    """The accounts block of a nats-server configuration: one user a role, with its password (or its bcrypt hash) and
    its rights. A role without a password gets no user, and so no way in.
    """
    if any(not password for password in users.values()):
        raise Invalid("a NATS user needs a password")
    lines = ["accounts {", f"  {account} {{", "    jetstream: enabled", "    users: ["]
    for role in sorted(users):
        rights = permissions(role)
        # With no rights listed, nats-server would allow everything: an empty list must deny everything.
        publish = f"allow: {_patterns(rights.publish)}" if rights.publish else 'deny: ">"'
        if rights.never:
            publish += f", deny: {_patterns(rights.never)}"
        lines += [
            f"      {{ user: {_quoted(role)}, password: {_quoted(users[role])}, permissions: {{",
            f"          publish: {{ {publish} }}",
            f"          subscribe: {{ allow: {_patterns(rights.subscribe)} }}",
            "      } }",
        ]
    return "\n".join([*lines, "    ]", "  }", "}", ""])
