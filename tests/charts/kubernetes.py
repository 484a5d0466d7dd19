"""Kubernetes' own schemas, strict, from the wheel kubernetes-validate; each is read once."""

import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from kubernetes_validate.utils import all_versions, major_minor, schema_contents
from referencing import Registry, Resource

MINORS = ("1.34", "1.35", "1.36", "1.37")


@cache
def _folder(minor: str) -> str:
    version = [each for each in all_versions() if major_minor(each) == minor][-1]
    return f"kubernetes-json-schema/v{version.removeprefix('v')}-local-strict"


@cache
def _definitions(minor: str) -> Registry[Any]:
    known = Resource.from_contents(schema_contents(f"{_folder(minor)}/_definitions.json", minor))
    return (known @ Registry()).crawl()


@cache
def _validator(minor: str, kind: str, api_version: str) -> Draft202012Validator:
    group = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api_version)
    schema = schema_contents(f"{_folder(minor)}/{kind.lower()}-{group}.json", minor)
    registry = (Resource.from_contents(schema) @ _definitions(minor)).crawl()
    return Draft202012Validator(schema, registry=registry)


def faults(manifest: dict[str, Any], minor: str) -> list[str]:
    """What a server of this minor would refuse; each with where it stands."""
    name = f"{manifest['kind']}/{manifest['metadata']['name']}"
    validator = _validator(minor, manifest["kind"], manifest["apiVersion"])
    return [f"{name} {error.json_path}: {error.message}" for error in validator.iter_errors(manifest)]
