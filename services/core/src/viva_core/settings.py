"""Settings come from the environment, prefix `VIVA_`; a secret comes from a file.

A service composes one class from `ServiceSettings` and the mixins it needs. Any field X may be given as
`VIVA_X_FILE=/path` instead, which is how a mounted Kubernetes secret reaches it without ever being in an environment
that `ps` or a crash report shows. Giving both is an error. Variables that a service has no field for are left alone, so
that several services may share one environment.
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from viva_core.errors import Invalid, Violation

PREFIX = "VIVA_"
_MASK = "**********"
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+(?=@)")


class _FileSource(PydanticBaseSettingsSource):
    """Reads `VIVA_<FIELD>_FILE`."""

    def __init__(self, settings_cls: type[BaseSettings], environment: Mapping[str, str]) -> None:
        super().__init__(settings_cls)
        self._environment = environment

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The file's content without the last newline; None when no file is named."""
        name = f"{PREFIX}{field_name.upper()}"
        path = self._environment.get(f"{name}_FILE")
        if not path:
            return None, field_name, False
        if name in self._environment:
            raise Invalid(
                f"both {name} and {name}_FILE are set: keep one",
                [Violation(name, f"unset it, or unset {name}_FILE")],
            )
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else "cannot be read as text"
            raise Invalid(
                f"{name}_FILE: {path}: {why}", [Violation(f"{name}_FILE", f"name a readable file ({why})")]
            ) from None

    def __call__(self) -> dict[str, Any]:
        """Every field that a file gives."""
        found = {}
        for name, field in self.settings_cls.model_fields.items():
            value, key, _ = self.get_field_value(field, name)
            if value is not None:
                found[key] = value
        return found


class ServiceSettings(BaseSettings):
    """What every service has."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, protected_namespaces=())

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="the least severe level that is logged"
    )
    log_format: Literal["json", "console"] = Field(default="json", description="json for machines, console for eyes")
    otlp_endpoint: str | None = Field(
        default=None, description="where traces go, OTLP over gRPC (http://collector:4317); none: nothing is exported"
    )
    metrics_port: int = Field(
        default=9464, ge=-1, le=65535, description="port of /metrics; 0 takes a free one, -1 serves none"
    )
    health_port: int = Field(
        default=9465,
        ge=-1,
        le=65535,
        description="port of grpc.health.v1, plaintext; 0 takes a free one, -1 serves none",
    )
    monitoring_host: str = Field(default="127.0.0.1", description="address that /metrics and health listen on")
    grace: float = Field(
        default=25.0, gt=0, le=3600, description="seconds from SIGTERM to finish what is in hand; then it is given back"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over files, files over the environment; no .env file is read."""
        return init_settings, _FileSource(settings_cls, os.environ), env_settings


class NatsSettings(BaseModel):
    """How to reach the bus."""

    nats_url: str = Field(
        default="nats://127.0.0.1:4222", description="nats-server's URL; several, separated by commas"
    )
    nats_user: str | None = Field(
        default=None, description="NATS user, named as the role; none where no account is set"
    )
    nats_password: SecretStr | None = Field(default=None, description="its password")


class DatabaseSettings(BaseModel):
    """How to reach PostgreSQL."""

    database_url: SecretStr = Field(description="postgresql://user:password@host:port/database")
    database_pool: int = Field(default=10, ge=2, le=200, description="connections kept open, at most")


class GrpcServerSettings(BaseModel):
    """Where a service is called."""

    grpc_host: str = Field(default="127.0.0.1", description="address that gRPC listens on")
    grpc_port: int = Field(default=50051, ge=0, le=65535, description="its port; 0 takes a free one")
    grpc_max_message_bytes: int = Field(
        default=8 * 1024 * 1024, ge=64 * 1024, description="largest message taken or sent, bytes"
    )
    grpc_max_connection_age: float = Field(
        default=300.0, gt=0, description="seconds after which callers must connect, and so resolve names, anew"
    )


S = TypeVar("S", bound=ServiceSettings)


def load(settings: type[S]) -> S:
    """Build the settings; raises Invalid that names each wrong variable, and never shows a value."""
    try:
        return settings()
    except ValidationError as error:
        violations = [
            Violation(f"{PREFIX}{'.'.join(str(part) for part in fault['loc']).upper()}", fault["msg"])
            for fault in error.errors(include_input=False, include_url=False)
        ]
        named = "; ".join(f"{violation.field}: {violation.description}" for violation in violations)
        raise Invalid(f"settings: {named}", violations) from None


def describe(settings: ServiceSettings) -> dict[str, dict[str, Any]]:
    """Every field: the variable that sets it, the value in force (secrets masked), where it came from, what it is."""
    described = {}
    for name, field in sorted(type(settings).model_fields.items()):
        described[f"{PREFIX}{name.upper()}"] = {
            "value": _shown(getattr(settings, name)),
            "set": name in settings.model_fields_set,
            "description": field.description or "",
        }
    return described


def _shown(value: Any) -> str | int | float | None:
    """Plain values as they are; secrets masked, and in URLs whatever stands before the host."""
    if isinstance(value, (int, float, type(None))):
        return value
    return _MASK if isinstance(value, SecretStr) else _CREDENTIALS.sub(_MASK, str(value))


def print_settings(settings: ServiceSettings) -> None:
    """The effective settings as JSON on stdout, secrets masked: `python -m <service> --print-settings`."""
    json.dump(describe(settings), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
