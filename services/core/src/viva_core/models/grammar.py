"""JSON Schema to GBNF, the grammar that llama.cpp holds a model to.

Own, and small, because llama-cpp-python's converter ignores in silence what it does not know (`minimum` and `maximum`
of integers) and allows raw line breaks inside strings, which strict JSON forbids. Here what cannot be held is refused.

The JSON is compact (at most one space after a colon or a comma), so that no tokens are spent on layout and no model can
pad for ever; strings hold no control characters and no `\\u` escapes, so every character is itself; properties come in
the order of the schema, all of them.
"""

import json
from collections.abc import Mapping
from typing import Any

from viva_core.errors import Invalid, Violation

_NOTES = frozenset({"title", "description", "default", "examples", "$schema", "$defs", "$id"})
_MOST_CHARACTERS = 2000  # llama.cpp refuses a grammar with a longer repetition
_MOST_INTEGERS = 1000
_FIXED = r"""
char ::= [^"\\\x00-\x1F\x7F] | "\\" ["\\/nt]
colon ::= ":" " "?
comma ::= "," " "?
integer ::= "-"? ("0" | [1-9] [0-9]{0,15})
number ::= integer ("." [0-9]{1,15})?
boolean ::= "true" | "false"
null ::= "null"
"""


def gbnf(schema: Mapping[str, Any]) -> str:
    """The grammar of `schema`, its start is `root`; raises Invalid for what cannot be held, naming the place."""
    rules = _Rules(schema)
    root = rules.of(schema, "$")
    return "\n".join([f"root ::= {root}", *rules.named]) + _FIXED


def _literal(value: object) -> str:
    """A GBNF terminal that matches the JSON text of `value`."""
    text = json.dumps(value, ensure_ascii=False)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Rules:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._references: dict[str, str] = {}
        self.named: list[str] = []

    def of(self, schema: Mapping[str, Any], place: str) -> str:
        """An expression for `schema`, put in parentheses where that matters."""
        if "$ref" in schema:
            return self._reference(schema["$ref"], place)
        if "const" in schema:
            return _literal(schema["const"])
        if "enum" in schema:
            return "(" + " | ".join(_literal(value) for value in schema["enum"]) + ")"
        if "anyOf" in schema:
            return "(" + " | ".join(self.of(one, f"{place}.anyOf") for one in schema["anyOf"]) + ")"
        match schema.get("type"):
            case "object":
                return self._object(schema, place)
            case "array":
                return self._array(schema, place)
            case "string":
                return self._string(schema, place)
            case "integer":
                return self._integer(schema, place)
            case "number" | "boolean" | "null" as kind:
                self._only(schema, {"type"}, place)
                return str(kind)
            case other:
                raise _refused(place, f"type {other!r} cannot be held")

    def _reference(self, target: str, place: str) -> str:
        name = target.removeprefix("#/$defs/")
        definition = self._root.get("$defs", {}).get(name)
        if not target.startswith("#/$defs/") or definition is None:
            raise _refused(place, f"$ref {target!r} leads nowhere; only #/$defs/… is followed")
        if name not in self._references:
            self._references[name] = rule = f"ref-{len(self._references)}"
            self.named.append(f"{rule} ::= {self.of(definition, f'$defs.{name}')}")
        return self._references[name]

    def _object(self, schema: Mapping[str, Any], place: str) -> str:
        self._only(schema, {"type", "properties", "required", "additionalProperties"}, place)
        properties: Mapping[str, Any] = schema.get("properties", {})
        missing = [name for name in properties if name not in schema.get("required", ())]
        if missing or schema.get("additionalProperties"):
            raise _refused(place, f"every property must be required and no other allowed: {', '.join(missing)}")
        members = [f"{_literal(name)} colon {self.of(of, f'{place}.{name}')}" for name, of in properties.items()]
        return '("{" ' + " comma ".join(members) + ' "}")'

    def _array(self, schema: Mapping[str, Any], place: str) -> str:
        self._only(schema, {"type", "items", "minItems", "maxItems"}, place)
        if "items" not in schema:
            raise _refused(place, "items must say what the array holds")
        item = self.of(schema["items"], f"{place}[]")
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        if most == 0:
            return '"[]"'
        more = f"(comma {item}){{{max(least - 1, 0)},{'' if most is None else most - 1}}}"
        return f'("[" {item} {more} "]")' if least else f'("[" ({item} {more})? "]")'

    def _string(self, schema: Mapping[str, Any], place: str) -> str:
        self._only(schema, {"type", "minLength", "maxLength"}, place)
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        if max(least, most or 0) > _MOST_CHARACTERS:
            raise _refused(place, f"at most {_MOST_CHARACTERS} characters can be held")
        if most is not None or least:
            return f'("\\"" char{{{least},{"" if most is None else most}}} "\\"")'
        return '("\\"" char* "\\"")'

    def _integer(self, schema: Mapping[str, Any], place: str) -> str:
        self._only(schema, {"type", "minimum", "maximum"}, place)
        least, most = schema.get("minimum"), schema.get("maximum")
        if least is None and most is None:
            return "integer"
        if least is None or most is None or not 0 <= most - least < _MOST_INTEGERS:
            raise _refused(place, f"needs minimum and maximum, at most {_MOST_INTEGERS} values apart")
        return "(" + " | ".join(_literal(value) for value in range(least, most + 1)) + ")"

    @staticmethod
    def _only(schema: Mapping[str, Any], known: set[str], place: str) -> None:
        unknown = sorted(set(schema) - known - _NOTES)
        if unknown:
            raise _refused(place, f"cannot be held: {', '.join(unknown)}")


def _refused(place: str, why: str) -> Invalid:
    return Invalid(
        f"The engine cannot hold a model to this JSON Schema: {place}: {why}.",
        [Violation(place, why)],
        reason="SCHEMA_NOT_SUPPORTED",
    )
