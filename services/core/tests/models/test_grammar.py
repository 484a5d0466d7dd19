"""Schema to grammar: what can be held, what is refused, and that llama.cpp reads what comes out."""

import json
import time
from typing import Any

import pytest
from viva_core.errors import Invalid
from viva_core.models import Message, complete
from viva_core.models.grammar import gbnf

CHAT = (Message("system", "You fill in forms."), Message("user", "Write about two rainy days in Seoul."))


def objects(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


async def fill(llama: Any, schema: dict[str, Any], max_tokens: int = 300) -> Any:
    model = await llama.load()
    completion = await complete(
        model, CHAT, schema=schema, max_tokens=max_tokens, temperature=1.5, seed=11, deadline=time.monotonic() + 60
    )
    assert completion.finish_reason == "stop"
    return json.loads(completion.text)


@pytest.mark.model
async def test_integers_stay_in_their_range(llama: Any) -> None:
    scores = objects(**{f"score{n}": {"type": "integer", "minimum": 1, "maximum": 5} for n in range(8)})
    answer = await fill(llama, scores)
    assert all(value in range(1, 6) for value in answer.values())


@pytest.mark.model
async def test_strings_and_arrays_keep_their_bounds_and_are_strict_json(llama: Any) -> None:
    note = {"type": "string", "maxLength": 30}
    answer = await fill(llama, objects(days={"type": "array", "items": note, "minItems": 2, "maxItems": 3}, mood=note))
    assert 2 <= len(answer["days"]) <= 3
    assert all(len(day) <= 30 for day in [*answer["days"], answer["mood"]])


@pytest.mark.model
async def test_holds_references_alternatives_constants_and_plain_types(llama: Any) -> None:
    schema = objects(
        kind={"const": 'weather "report"'},
        place={"$ref": "#/$defs/place"},
        wet={"type": "boolean"},
        none={"type": "null"},
        amount={"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 0, "maximum": 99}]},
    ) | {"$defs": {"place": {"enum": ["서울", "Busan"]}}}
    answer = await fill(llama, schema)
    assert list(answer) == ["kind", "place", "wet", "none", "amount"]
    assert answer["kind"] == 'weather "report"'
    assert answer["place"] in ("서울", "Busan")


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "object", "properties": {"a": {"type": "string"}}}, "$"),
        (objects(a={"type": "string", "pattern": "x+"}), "$.a"),
        (objects(a={"type": "integer", "minimum": 1}), "$.a"),
        (objects(a={"type": "string", "maxLength": 5000}), "$.a"),
        (objects(a={"type": "array"}), "$.a"),
        (objects(a={"$ref": "#/$defs/nowhere"}), "$.a"),
        (objects(a={"type": "nonsense"}), "$.a"),
    ],
)
def test_refuses_what_it_cannot_hold_and_names_the_place(schema: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as caught:
        gbnf(schema)
    assert caught.value.violations[0].field == place
    assert caught.value.reason == "SCHEMA_NOT_SUPPORTED"


def test_long_strings_are_cheap_to_hold() -> None:
    started = time.perf_counter()
    gbnf(objects(**{f"reason{n}": {"type": "string", "maxLength": 2000} for n in range(10)}))
    assert time.perf_counter() - started < 0.1
