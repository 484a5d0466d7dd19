"""Dead letters: what could not be handled, with its cause, kept until a person retries it, deletes it or it ages out.

A dead letter is the original payload under the original headers, plus `Viva-Dead-*` headers that say where it came
from and why it is here. The cause is a reason code and the error's message for people; neither holds an answer or a
name (see `viva_core.errors`).
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from viva_core.bus.envelope import EXPIRES_AT, ID, MESSAGE_ID, TYPE, format_time, parse_time
from viva_core.bus.jetstream import JetStreamApi, StoredMessage
from viva_core.bus.publisher import PubAck, Publisher
from viva_core.bus.subjects import Address, matches, parse
from viva_core.bus.topology import CONSUMERS, DEAD, ROOT
from viva_core.errors import Invalid, NotFound, Refused, VivaError

_PREFIX = "Viva-Dead-"
_STREAM = f"{_PREFIX}Stream"
_CONSUMER = f"{_PREFIX}Consumer"
_SUBJECT = f"{_PREFIX}Subject"
_SEQUENCE = f"{_PREFIX}Sequence"
_ATTEMPTS = f"{_PREFIX}Attempts"
_REASON = f"{_PREFIX}Reason"
_CAUSE = f"{_PREFIX}Cause"
_TIME = f"{_PREFIX}Time"
_RETRIES = "Viva-Retries"


def dead_headers(
    headers: Mapping[str, str] | None,
    cause: VivaError,
    *,
    stream: str,
    consumer: str,
    subject: str,
    sequence: int,
    attempts: int,
    moment: datetime,
) -> dict[str, str]:
    """The headers of a dead letter. The same message dies once however often it is tried: its id says which it is."""
    original = {name: value for name, value in (headers or {}).items() if not name.startswith("Nats-")}
    return original | {
        MESSAGE_ID: f"dead/{stream}/{consumer}/{sequence}/{original.get(ID, '')}",
        _STREAM: stream,
        _CONSUMER: consumer,
        _SUBJECT: subject,
        _SEQUENCE: str(sequence),
        _ATTEMPTS: str(attempts),
        _REASON: cause.reason,
        _CAUSE: cause.message,
        _TIME: format_time(moment),
    }


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead letter. `number` is how it is named: its sequence on the dead-letter stream."""

    number: int
    message_id: str
    message_type: str
    stream: str
    consumer: str
    subject: str
    attempts: int
    retries: int
    reason: str
    cause: str
    died_at: datetime
    headers: Mapping[str, str]
    payload: bytes

    @classmethod
    def of(cls, stored: StoredMessage) -> "DeadLetter":
        """Read it from the stream."""
        headers = stored.headers
        # Who may write where, the server sees to; what a header says, nobody does.
        *_, stream, consumer = stored.subject.split(".")
        return cls(
            number=stored.sequence,
            message_id=headers.get(ID, ""),
            message_type=headers.get(TYPE, ""),
            stream=stream,
            consumer=consumer,
            subject=headers.get(_SUBJECT, ""),
            attempts=int(headers.get(_ATTEMPTS, "0")),
            retries=int(headers.get(_RETRIES, "0")),
            reason=headers.get(_REASON, ""),
            cause=headers.get(_CAUSE, ""),
            died_at=parse_time(headers.get(_TIME, ""), _TIME),
            headers=headers,
            payload=stored.payload,
        )

    @property
    def address(self) -> Address | None:
        """Whose it is; None for one that came from no interview's subject."""
        try:
            return parse(self.subject)
        except Invalid:
            return None

    @property
    def plausible(self) -> bool:
        """Whether its consumer reads the subject that it says it came from. Whoever may write dead letters of one
        consumer could otherwise have anything said on the bus, by the hand of the person who sends them again."""
        return any(
            matches(self.subject, each)
            for consumer in CONSUMERS
            if (consumer.stream, consumer.durable) == (self.stream, self.consumer)
            for each in consumer.filters
        )

    def about(self, tenant_id: str, interview_id: str) -> bool:
        """Whether it belongs to this interview."""
        address = self.address
        return address is not None and (address.tenant_id, address.interview_id) == (tenant_id, interview_id)


class DeadLetters:
    """The dead-letter stream, for people (`viva dead`, the administration) and for erasure."""

    def __init__(self, api: JetStreamApi) -> None:
        self._api = api

    async def list(self, *, stream: str = "*", consumer: str = "*", after: int = 0) -> AsyncIterator[DeadLetter]:
        """Every dead letter, oldest first; of one stream or one consumer, or after a number, where asked."""
        number = after
        while True:
            stored = await self._api.message(DEAD.name, number + 1, subject=f"{ROOT}.dead.{stream}.{consumer}")
            if stored is None:
                return
            number = stored.sequence
            yield DeadLetter.of(stored)

    async def show(self, number: int) -> DeadLetter:
        """One dead letter; raises NotFound."""
        stored = await self._api.message(DEAD.name, number)
        if stored is None:
            raise NotFound(f"there is no dead letter {number}")
        return DeadLetter.of(stored)

    async def retry(self, number: int, publisher: Publisher) -> PubAck:
        """Publish it to its original subject again and remove it from the dead letters.

        It keeps its id, so an effect that did happen is not made twice. It loses its expiry: a person asks for the
        work now, however late it is. A crash between the two steps leaves the letter, and the stream drops a second
        retry as a duplicate. Raises NotFound, and Refused for a subject that its consumer does not read.
        """
        letter = await self.show(number)
        if not letter.plausible:
            raise Refused(
                f"dead letter {number} says that it came from a subject which {letter.consumer} does not read: "
                "it cannot be sent again, only deleted",
                reason="DEAD_LETTER_IMPLAUSIBLE",
            )
        headers = {name: value for name, value in letter.headers.items() if not name.startswith((_PREFIX, "Nats-"))}
        headers.pop(EXPIRES_AT, None)
        headers[MESSAGE_ID] = f"{letter.message_id}/retry/{number}"
        headers[_RETRIES] = str(letter.retries + 1)
        ack = await publisher.publish(letter.subject, letter.payload, headers)
        await self._api.delete(DEAD.name, number)
        return ack

    async def delete(self, number: int) -> None:
        """Remove it for good; raises NotFound."""
        if not await self._api.delete(DEAD.name, number):
            raise NotFound(f"there is no dead letter {number}")
