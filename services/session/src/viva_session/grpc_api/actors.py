"""Who acts, as the domain sees it."""

from uuid import UUID

from viva.common.v1 import types_pb2 as common
from viva_core.grpc import current_actor

from viva_session.domain.access import Actor, Kind, Role

_KINDS = {
    common.ACTOR_KIND_STAFF: Kind.STAFF,
    common.ACTOR_KIND_CANDIDATE: Kind.CANDIDATE,
    common.ACTOR_KIND_SERVICE: Kind.SERVICE,
}


def acting() -> Actor:
    """Who acts in this call. Raises Unauthenticated."""
    message = current_actor()
    return Actor(
        kind=_KINDS[message.kind],
        tenant_id=UUID(message.tenant_id),
        subject_id=message.subject_id,
        name=message.display_name,
        roles=frozenset(Role(role) for role in message.roles),
        interview_id=UUID(message.interview_id) if message.interview_id else None,
    )


def actor_message(actor: Actor) -> common.Actor:
    """An actor, to be handed to the gateway."""
    kind = next(value for value, known in _KINDS.items() if known is actor.kind)
    return common.Actor(
        kind=kind,
        tenant_id=str(actor.tenant_id),
        subject_id=actor.subject_id,
        display_name=actor.name,
        roles=sorted(role.value for role in actor.roles),
        interview_id="" if actor.interview_id is None else str(actor.interview_id),
    )


def kind_value(kind: Kind) -> "common.ActorKind.ValueType":
    """A kind."""
    return next(value for value, known in _KINDS.items() if known is kind)
