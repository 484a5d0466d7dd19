"""What the session can be told from outside."""

from ipaddress import ip_network
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from viva_core.settings import DatabaseSettings, GrpcServerSettings, NatsSettings, ServiceSettings

from viva_session.domain.webhook import Network


class Settings(DatabaseSettings, NatsSettings, GrpcServerSettings, ServiceSettings):
    """Environment variables, prefix VIVA_."""

    question_timeout: float = Field(
        default=20.0, gt=0, le=600, description="seconds to wait for question_gen before the bank's question is asked"
    )
    evaluation_timeout: float = Field(
        default=120.0, gt=0, le=7200, description="seconds to wait for the evaluator before an answer is left unscored"
    )
    speech_timeout: float = Field(
        default=120.0,
        gt=0,
        le=7200,
        description="seconds to wait for the first words of an answer that was given by voice before it counts as "
        "empty; words that come later still make a new version of the report",
    )
    review_time: float = Field(
        default=900.0,
        gt=0,
        le=86400,
        description="seconds a candidate has to read the transcript after the last answer",
    )
    erasure_sweep: float = Field(
        default=1200.0,
        gt=0,
        le=86400,
        description="seconds after an erasure at which the streams are searched again: longer than any worker may be "
        "at one command (the evaluator: 900)",
    )
    webhook_key: SecretStr | None = Field(
        default=None, min_length=16, description="seals the secrets of webhooks at rest; none: webhooks are off"
    )
    webhook_networks: str = Field(
        default="",
        description="networks (CIDR, separated by commas) that webhooks may reach beside public addresses; none: "
        "private, loopback and link-local addresses are refused",
    )
    webhook_http: bool = Field(default=False, description="whether webhooks may be sent without TLS")
    webhook_ca_file: Path | None = Field(
        default=None, description="certificates (PEM) that webhooks believe beside the system's, for an inner CA"
    )
    webhook_give_up_days: float = Field(
        default=5.0, gt=0, le=30, description="days for which one delivery is tried before it is given up"
    )
    webhook_pause_days: float = Field(
        default=3.0, gt=0, le=30, description="days of nothing but failures after which a webhook is paused"
    )
    webhook_slots: int = Field(default=4, ge=1, le=64, description="deliveries that are sent at once")
    public_url: str = Field(
        default="http://localhost:8080", description="where browsers find the gateway: links in webhooks begin with it"
    )
    slots: int = Field(default=4, ge=1, le=64, description="events of workers that are taken in at once")

    @field_validator("webhook_networks")
    @classmethod
    def _networks(cls, value: str) -> str:
        for each in filter(None, (part.strip() for part in value.split(","))):
            ip_network(each)  # its error names what is wrong
        return value

    @field_validator("public_url")
    @classmethod
    def _bare(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @property
    def networks(self) -> tuple[Network, ...]:
        """What webhooks may reach beside public addresses."""
        return tuple(ip_network(part.strip()) for part in self.webhook_networks.split(",") if part.strip())
