"""No table may hold what a face showed: the catalogue has no place for it, and no document in it has a field for it.

What is wanted of the consent to it (that it was given, that it was taken back) is kept, and is no expression.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import psycopg
import viva_session.domain
from google.protobuf.descriptor import Descriptor
from pydantic import SecretStr
from viva.evaluation.v1 import evaluation_pb2
from viva.event.v1 import events_pb2
from viva.question.v1 import question_pb2
from viva.session.v1 import interview_pb2
from viva.vision.v1 import vision_pb2
from viva_core.bus import subjects
from viva_core.bus.topology import SAYS, SESSION, Role
from viva_gateway import commands
from viva_gateway.settings import GatewaySettings
from viva_session.adapters import schema

WORDS = frozenset("expression expressions emotion emotions face faces facial mood sentiment".split())
LABELS = frozenset(name.removeprefix("EXPRESSION_").lower() for name in vision_pb2.Expression.keys()[1:])

CATALOGUE = """
SELECT format('%s.%s.%s', n.nspname, c.relname, a.attname) AS name, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast' AND NOT a.attisdropped
"""
TYPES_AND_CODE = """
SELECT format('%s.%s', n.nspname, x.name), x.text FROM (
  SELECT typnamespace AS at, typname AS name, (SELECT string_agg(enumlabel, ' ') FROM pg_enum WHERE enumtypid = t.oid)
    AS text FROM pg_type t WHERE typtype IN ('e', 'd')
  UNION ALL SELECT pronamespace, proname, prosrc FROM pg_proc
  UNION ALL SELECT connamespace, conname, pg_get_constraintdef(oid) FROM pg_constraint
) x JOIN pg_namespace n ON n.oid = x.at WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
"""


def words(text: str) -> set[str]:
    """The words of a name as SQL or Python writes it."""
    return set(re.findall("[a-z]+", text.lower()))


async def test_the_catalogue_has_no_place_for_what_a_face_showed(database_url: str) -> None:
    schema.migrate(database_url)
    await commands.migrate(GatewaySettings(database_url=SecretStr(database_url)))
    with psycopg.connect(database_url) as connection:
        columns = connection.execute(CATALOGUE).fetchall()
        others = connection.execute(TYPES_AND_CODE).fetchall()
    names = [name for name, _ in columns]
    assert {"public.interviews.document", "public.turns.document", "gateway.sessions.token_hash"} <= set(names)
    suspicious = [name for name in names if words(name) & WORDS]
    suspicious += [name for name, text in others if words(f"{name} {text}") & (WORDS | LABELS)]
    assert suspicious == []


def test_no_message_that_a_table_keeps_can_hold_what_a_face_showed() -> None:
    """The log and the outbox keep what the session says: its events, the workers' commands, its own answers."""
    kept = [message for message in events_pb2.DESCRIPTOR.message_types_by_name.values() if _of_session(message)]
    kept += [question_pb2.GenerateRequest.DESCRIPTOR, evaluation_pb2.EvaluateRequest.DESCRIPTOR]
    kept += [interview_pb2.Interview.DESCRIPTOR]
    assert len(kept) > len(SAYS[Role.SESSION])
    assert [name for message in kept for name in _reaches(message) if name.startswith("viva.vision.")] == []
    # The search finds what is there.
    assert "viva.vision.v1.Face" in set(_reaches(events_pb2.ExpressionsSeen.DESCRIPTOR))


def _of_session(message: Descriptor) -> bool:
    return subjects.event_name(message) in SAYS[Role.SESSION]


def _reaches(root: Descriptor) -> Iterator[str]:
    seen: set[str] = set()
    todo = [root]
    while todo:
        message = todo.pop()
        if message.full_name not in seen:
            seen.add(message.full_name)
            yield message.full_name
            todo += [field.message_type for field in message.fields if field.message_type is not None]


def test_no_document_that_a_table_keeps_has_a_field_for_it() -> None:
    """The JSON documents are the session's dataclasses, field by field."""
    named = []
    for found in pkgutil.walk_packages(viva_session.domain.__path__, "viva_session.domain."):
        module = importlib.import_module(found.name)
        for kind in vars(module).values():
            if isinstance(kind, type) and is_dataclass(kind):
                named += [f"{kind.__name__}.{field.name}" for field in fields(kind)]
    assert "Interview.state" in named
    assert [name for name in named if words(name) & WORDS] == []


def test_who_scores_asks_or_serves_pages_pulls_no_expression() -> None:
    """The session is handed them with the other events, to remove those that may not be kept."""
    assert any(each.endswith(".expressions-seen") for each in SESSION.filters)
    assert "expressions-seen" in SAYS[Role.VISION]
    assert "expressions-seen" not in {name for role, names in SAYS.items() if role is not Role.VISION for name in names}
