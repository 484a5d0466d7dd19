"""From a type to the structural schema that Kubernetes wants: references inlined, null taken out, CEL put in."""

from typing import Any

from pydantic import BaseModel

from viva_operator.api.base import Part
from viva_operator.api.template import Open

_DROPPED = ("title", "$defs", "additionalProperties")
_KEPT_OPEN = {kind.__name__ for kind in Open.__subclasses__()}


def structural(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a type, without any reference."""
    made = model.model_json_schema(by_alias=True)
    return _plain(made, made.get("$defs", {}), model)


def _plain(node: dict[str, Any], definitions: dict[str, Any], model: type[BaseModel] | None = None) -> dict[str, Any]:
    node = _resolved(node, definitions)
    found = {key: value for key, value in node.items() if key not in _DROPPED}
    name = node.get("title", "")
    if "const" in found:
        found["enum"] = [found.pop("const")]
    if "properties" in node:
        found["properties"] = {key: _plain(value, definitions) for key, value in node["properties"].items()}
        found.pop("additionalProperties", None)
        if name in _KEPT_OPEN:
            found["x-kubernetes-preserve-unknown-fields"] = True
    elif isinstance(node.get("additionalProperties"), dict):
        found["additionalProperties"] = _plain(node["additionalProperties"], definitions)
    if "items" in node:
        found["items"] = _plain(node["items"], definitions)
    found |= _rules(name, found, model)
    return _bounded(found)


def _bounded(found: dict[str, Any]) -> dict[str, Any]:
    """pydantic says maxLength for a mapping's size too; Kubernetes calls it maxProperties."""
    if found.get("type") == "object":
        for ours, theirs in (("maxLength", "maxProperties"), ("minLength", "minProperties")):
            if ours in found:
                found[theirs] = found.pop(ours)
    if found.get("default", 0) is None:
        del found["default"]
    if "default" in found and isinstance(found["default"], dict):
        found["default"] = {}
    return found


def _rules(name: str, found: dict[str, Any], model: type[BaseModel] | None) -> dict[str, Any]:
    kind = model or _KINDS.get(name)
    own = list(getattr(kind, "rules", ())) if kind is not None else []
    together = [*own, *found.get("x-kubernetes-validations", [])]
    return {"x-kubernetes-validations": together} if together else {}


def _resolved(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The node itself: what it refers to, with what it says beside the reference; of `X | null`, X."""
    if "anyOf" in node:
        (kind,) = (option for option in node["anyOf"] if option.get("type") != "null")
        rest = {key: value for key, value in node.items() if key not in ("anyOf", "title")}
        return _resolved({**kind, **rest}, definitions)
    if "$ref" in node:
        target = definitions[node["$ref"].rpartition("/")[2]]
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return {**target, **rest, "title": target["title"]}
    return node


def _subclasses(kind: type[BaseModel]) -> dict[str, type[BaseModel]]:
    found = {kind.__name__: kind}
    for sub in kind.__subclasses__():
        found |= _subclasses(sub)
    return found


_KINDS = _subclasses(Part)
