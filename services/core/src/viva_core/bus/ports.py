"""What the bus needs of its surroundings."""

from typing import Protocol

from pydantic import SecretStr


class Health(Protocol):
    """Where a part says whether it works; `viva_core.health.Health` is one."""

    def set(self, part: str, ok: bool, why: str = "") -> None:
        """`part` works, or does not because of `why`."""


class NatsSettings(Protocol):
    """How to reach the server: `viva_core.settings.NatsSettings` is one."""

    @property
    def nats_url(self) -> str:
        """One URL, or several with commas between them."""

    @property
    def nats_user(self) -> str | None:
        """The role's name, where the server demands users."""

    @property
    def nats_password(self) -> SecretStr | None:
        """Its password."""
