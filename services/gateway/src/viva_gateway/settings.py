"""Everything that may be set for the gateway; each field is `VIVA_<NAME>`, secrets may come from `VIVA_<NAME>_FILE`."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from viva_core.settings import DatabaseSettings, NatsSettings, ServiceSettings


class GatewaySettings(ServiceSettings, NatsSettings, DatabaseSettings):
    """Settings of the gateway."""

    http_host: str = Field(default="127.0.0.1", description="address that REST and WebSocket listen on")
    http_port: int = Field(default=8080, ge=0, le=65535, description="their port; 0 takes a free one")
    public_url: str = Field(
        default="http://localhost:8080", description="where browsers find the gateway; https turns on Secure and HSTS"
    )
    allowed_origins: str = Field(
        default="", description="further origins, separated by commas, that browsers may call from (CORS); none: off"
    )
    forwarded_allow_ips: str = Field(
        default="", description="addresses of proxies whose X-Forwarded-For and -Proto are believed; none: no proxy"
    )
    web_folder: Path | None = Field(
        default=None, description="folder with the built pages (`make web`); none: the API alone is served"
    )
    session_target: str = Field(default="127.0.0.1:50051", description="gRPC address of the session service")
    question_target: str = Field(default="127.0.0.1:50052", description="gRPC address of question_gen")
    evaluation_target: str = Field(default="127.0.0.1:50053", description="gRPC address of the evaluator")
    media_target: str | None = Field(
        default=None, description="gRPC address of media; none: interviews are held in writing alone"
    )
    media_token_key: SecretStr | None = Field(
        default=None, min_length=16, description="seals what a peer may do; the same as media's"
    )
    vision_target: str | None = Field(
        default=None, description="gRPC address of vision; none: nobody looks at faces, in practice either"
    )
    call_timeout: float = Field(default=15.0, gt=0, le=600, description="seconds for a call to another service")
    model_timeout: float = Field(
        default=300.0, gt=0, le=3600, description="seconds for a call that a model answers (preview, replay)"
    )

    token_key: SecretStr | None = Field(
        default=None,
        description="signs bearer tokens and seals stored responses: 32 characters or more of randomness (HS256), "
        "or an Ed25519 private key in PEM (EdDSA)",
    )
    access_token_seconds: int = Field(default=600, ge=30, le=3600, description="life of a bearer token")
    refresh_token_days: int = Field(default=30, ge=1, le=365, description="life of a refresh token")
    staff_session_hours: float = Field(default=24.0, gt=0, le=720, description="life of a staff session")
    staff_idle_hours: float = Field(default=8.0, gt=0, le=720, description="it ends after so much idleness")
    candidate_session_hours: float = Field(default=24.0, gt=0, le=720, description="life of a candidate's session")
    session_rotation_seconds: float = Field(
        default=900.0, ge=1, description="after this long a session cookie gets a new value"
    )

    max_body_bytes: int = Field(default=1024 * 1024, ge=1024, description="largest request body, bytes")
    max_resume_bytes: int = Field(default=5 * 1024 * 1024, ge=1024, le=5 * 1024 * 1024, description="largest résumé")
    rate_staff: str = Field(default="1200/minute", description="requests of one account")
    rate_candidate: str = Field(default="600/minute", description="requests of one candidate")
    rate_anonymous: str = Field(default="240/minute", description="requests of one address that nobody signed in from")
    rate_login: str = Field(default="10/minute", description="tries to sign in, per account and per address")
    rate_redeem: str = Field(default="30/minute", description="tries to open an invitation link, per address")

    oidc_issuer: str | None = Field(default=None, description="OpenID Connect issuer; none: local accounts only")
    oidc_client_id: str | None = Field(default=None, description="the client's id at the issuer")
    oidc_client_secret: SecretStr | None = Field(default=None, description="its secret; none for a public client")

    live_heartbeat: float = Field(default=15.0, gt=0, le=300, description="seconds between heartbeats on a WebSocket")
    live_backlog: int = Field(
        default=256, ge=8, le=10_000, description="messages that wait for one WebSocket; a slower reader is cut off"
    )
    live_max_sockets: int = Field(default=2_000, ge=1, description="WebSockets of this process")
    live_per_subject: int = Field(
        default=8, ge=1, description="WebSockets of one candidate or account on one interview"
    )

    @field_validator("public_url")
    @classmethod
    def _bare(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @property
    def https(self) -> bool:
        """Whether browsers reach the gateway over TLS."""
        return self.public_url.startswith("https://")

    @property
    def oidc_redirect_uri(self) -> str:
        """Where the identity provider sends the browser back to; to be registered there."""
        return f"{self.public_url}/api/v1/auth/oidc/callback"

    @property
    def origins(self) -> frozenset[str]:
        """The further origins."""
        return frozenset(origin.strip().rstrip("/") for origin in self.allowed_origins.split(",") if origin.strip())
