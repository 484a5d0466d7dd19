"""values.schema.json: strict at every level, so that a typo in a values file is refused and not ignored.

Types come from the defaults in values.yaml, descriptions from its comments, and the services' own settings from their
settings classes; the tables here say what a default cannot.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from viva_core.models.catalogue import catalogue
from viva_core.settings import ServiceSettings
from viva_evaluator.settings import Settings as EvaluatorSettings
from viva_gateway.settings import GatewaySettings
from viva_media.settings import Settings as MediaSettings
from viva_question_gen.settings import Settings as QuestionGenSettings
from viva_session.settings import Settings as SessionSettings
from viva_vision.settings import Settings as VisionSettings

from charts.generator.documented import Value, documented

Schema = dict[str, Any]

SETTINGS: dict[str, type[ServiceSettings]] = {
    "session": SessionSettings,
    "questionGen": QuestionGenSettings,
    "evaluator": EvaluatorSettings,
    "media": MediaSettings,
    "vision": VisionSettings,
    "gateway": GatewaySettings,
}
OURS = frozenset(
    """log_level log_format otlp_endpoint metrics_port health_port monitoring_host grace nats_url nats_user database_url
    grpc_host grpc_port http_host http_port public_url session_target question_target evaluation_target media_target
    model_engine model_id model_folder model_file spool_folder recording_folder deepface_home turn_urls
    turn_relay""".split()
)
"""Settings that the chart sets from its other values; `settings` takes all others but secrets."""

_MAP: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
_OBJECT: Schema = {"type": "object"}
_NAME: Schema = {"type": "string", "pattern": r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$", "maxLength": 253}
_KEY: Schema = {"type": "string", "pattern": r"^[-._a-zA-Z0-9]+$"}
_QUANTITY: Schema = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti)$"}
_RESOURCES: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        kind: {
            "type": "object",
            "additionalProperties": {
                "type": ["string", "integer"],
                "pattern": r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$",
            },
        }
        for kind in ("requests", "limits")
    },
}
_PORT: Schema = {"type": "integer", "minimum": 1, "maximum": 65535}
_COUNT: Schema = {"type": "integer", "minimum": 1, "maximum": 1000}
_SECONDS: Schema = {"type": "integer", "minimum": 1, "maximum": 3600}
_OBJECTS: Schema = {"type": "array", "items": _OBJECT}
_STRINGS: Schema = {"type": "array", "items": {"type": "string"}}

BY_PATH: dict[str, Schema] = {
    "mode": {"enum": ["cpu", "gpu"]},
    "telemetry.logLevel": {"enum": ["debug", "info", "warning", "error"]},
    "secrets.existingSecret": _NAME,
    "global.imagePullSecrets": {"type": "array", "items": _NAME},
    "certificate.issuerKind": {"enum": ["Issuer", "ClusterIssuer"]},
    "models.accessMode": {"enum": ["ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany"]},
    "models.sha256": {"type": "object", "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
    "gpu.placement": {"enum": ["operator", "scheduler"]},
    "gpu.modelWorkers": {
        "type": "object",
        "propertyNames": {"pattern": "^[a-z0-9-]+$"},
        "additionalProperties": _OBJECT,
    },
    "turn.service.type": {"enum": ["LoadBalancer", "NodePort", "ClusterIP"]},
    "turn.externalIp": {"type": "string", "pattern": r"^([0-9]{1,3}(\.[0-9]{1,3}){3})?$"},
    "postgresql.external.port": _PORT,
    "nats.streamReplicas": {"enum": [1, 3, 5]},
    "nats.external.url": {"type": "string", "pattern": "^((nats|tls)://[^ ]+)?$"},
    "gateway.publicUrl": {"type": "string", "pattern": "^https?://[^ /]+$"},
    "account.tenantId": {"type": "string", "pattern": "^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$"},
    "account.email": {"type": "string", "pattern": "^([^@ ]+@[^@ ]+)?$"},
    "account.roles": {"type": "string", "pattern": "^(recruiter|reviewer|admin)(,(recruiter|reviewer|admin))*$"},
    "defaults.preStopSeconds": {"type": "integer", "minimum": 0, "maximum": 600},
    "tools.deadlineSeconds": {"type": "integer", "minimum": 10, "maximum": 3600},
    "vllm.gpus": {"type": "integer", "minimum": 1, "maximum": 16},
    "vllm.maxModelLen": {"type": "integer", "minimum": 512},
    "serviceMonitor.interval": {"type": "string", "pattern": "^[0-9]+(s|m)$"},
    "extraObjects": {"type": "array", "items": {"type": ["object", "string"]}},
}
BY_NAME: dict[str, Schema] = {
    "resources": _RESOURCES,
    "size": _QUANTITY,
    "shmSize": _QUANTITY,
    "replicas": _COUNT,
    "min": _COUNT,
    "max": _COUNT,
    "lag": _COUNT,
    "drainSeconds": _SECONDS,
    "startupSeconds": {"type": "integer", "minimum": 10, "maximum": 7200},
    "maxUnavailable": {"type": "integer", "minimum": 1},
    "digest": {"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"},
    "pullPolicy": {"enum": ["", "Always", "IfNotPresent", "Never"]},
    "labels": _MAP,
    "annotations": _MAP,
    "podLabels": _MAP,
    "podAnnotations": _MAP,
    "nodeSelector": _MAP,
    "affinity": _OBJECT,
    "tolerations": _OBJECTS,
    "extraEnv": _OBJECTS,
    "parentRefs": _OBJECTS,
    "peers": _OBJECTS,
    "hostnames": _STRINGS,
    "existingClaim": _NAME,
    "storageClassName": _NAME,
}
_PODS = (
    "podLabels",
    "podAnnotations",
    "nodeSelector",
    "tolerations",
    "affinity",
    "priorityClassName",
    "maxUnavailable",
)
"""What every component may say for itself in place of `defaults`."""
_IMAGES = ("registry", "tag", "digest", "pullPolicy")


def schema(chart: Path) -> Schema:
    """The schema of a chart's values."""
    root: Schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Values of the chart viva",
        **_closed(),
    }
    for value in documented(chart / "values.yaml"):
        _place(root, value)
    for name, component in root["properties"].items():
        if "image" in component.get("properties", {}):
            _widen(component)
        if name in SETTINGS:
            component["properties"]["settings"] = _settings(SETTINGS[name])
    # Their names are refused by the templates, in a sentence that says what to use.
    # One for tests is taken too: it comes up in seconds, and what it scores says `demo` on every page.
    for name in ("questionGen", "evaluator"):
        root["properties"][name]["properties"]["model"]["enum"] = sorted(
            model.id for model in catalogue() if {"question_gen", "evaluator", "test"} & set(model.roles)
        )
    for old in json.loads((chart / "files" / "deprecations.json").read_text()):
        root["properties"][old] = {"deprecated": True}
    root["properties"]["global"]["additionalProperties"] = True  # Helm hands a parent chart's globals down
    return root


def _closed() -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": {}}


def _place(root: Schema, value: Value) -> None:
    node = root
    for part in value.path[:-1]:
        node = node["properties"][part]
    made = dict(_of(value))
    if value.description:
        made["description"] = value.description
    node["properties"][value.path[-1]] = made


def _of(value: Value) -> Schema:
    name, path = value.path[-1], ".".join(value.path)
    if found := BY_PATH.get(path) or BY_NAME.get(name):
        return found
    if path.startswith("apis."):
        return {"enum": ["auto", "served", "absent"]}
    if path.startswith("secrets.keys."):
        return _KEY
    if name.endswith("Peers"):
        return _OBJECTS
    return _closed() if not value.leaf else _by_default(value.default)


def _by_default(default: object) -> Schema:
    if isinstance(default, bool):
        return {"type": "boolean"}
    if isinstance(default, int):
        return {"type": "integer"}
    if isinstance(default, str):
        return {"type": "string"}
    if isinstance(default, list):
        return _STRINGS
    return _OBJECT


def _widen(component: Schema) -> None:
    properties = component["properties"]
    for name in _PODS:
        properties.setdefault(name, BY_NAME.get(name, {"type": "string"}))
    image = properties["image"]["properties"]
    for name in _IMAGES:
        image.setdefault(
            name, BY_NAME.get(name, {"type": ["string", "number"]} if name == "tag" else {"type": "string"})
        )


def _settings(settings: type[ServiceSettings]) -> Schema:
    described = settings.model_json_schema()["properties"]
    taken = {}
    for name, field in settings.model_fields.items():
        secret = "SecretStr" in str(field.annotation) or field.annotation is SecretStr
        if name in OURS or secret:
            continue
        taken[name] = {
            key: value for key, value in described[name].items() if key not in ("title", "default", "format")
        }
    return {**_closed(), "properties": dict(sorted(taken.items())), "description": "The service's own settings."}
