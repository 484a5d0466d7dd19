"""Accounts and sign-in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, SecretStr

from viva_gateway.domain.principal import Account, ordered
from viva_gateway.schemas.base import Email, In, Name, Out

RoleName = Literal["recruiter", "reviewer", "admin"]
_Roles = Annotated[list[RoleName], Field(min_length=1, max_length=3)]
_NewPassword = Annotated[SecretStr, Field(min_length=12, max_length=200)]
_Password = Annotated[SecretStr, Field(min_length=1, max_length=200)]
_EXAMPLE: dict[str, JsonValue] = {"email": "recruiter@example.com", "password": "a long passphrase of yours"}


class Credentials(In):
    """E-mail address and password."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    email: Email
    password: _Password


class RefreshIn(In):
    """A refresh token."""

    refresh_token: SecretStr = Field(min_length=20, max_length=200)


class Tokens(Out):
    """A bearer token for `Authorization`, and the refresh token for the next one."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the type's name, not a token
    expires_in: int = Field(description="Seconds")
    refresh_token: str = Field(description="Good once")


class PasswordChange(In):
    """The old password and the new one."""

    current: _Password
    new: _NewPassword


class AccountOut(Out):
    """A person of the employer."""

    account_id: str
    tenant_id: str
    email: str
    name: str
    roles: list[RoleName]
    has_password: bool
    disabled: bool
    created_at: datetime

    @classmethod
    def from_account(cls, account: Account) -> "AccountOut":
        """From the domain's account."""
        return cls(
            account_id=str(account.id),
            tenant_id=str(account.tenant_id),
            email=account.email,
            name=account.name,
            roles=[role.value for role in ordered(account.roles)],
            has_password=account.has_password,
            disabled=account.disabled,
            created_at=account.created_at,
        )


class NewAccount(In):
    """A new account of the caller's tenant; without a password it signs in by the identity provider."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"email": "lee@example.com", "name": "Lee", "roles": ["recruiter"], "password": "a long passphrase"}
            ]
        }
    )

    email: Email
    name: Name
    roles: _Roles
    password: _NewPassword | None = None


class AccountChange(In):
    """What of an account is changed; what is left out stays."""

    name: Name | None = None
    roles: _Roles | None = None
    disabled: bool | None = None
    password: _NewPassword | None = None


class SignInMethods(Out):
    """The ways to sign in that are offered."""

    password: bool
    oidc: bool = Field(description="Whether an identity provider is set up: /api/v1/auth/oidc/login goes there")


class Me(Out):
    """Who is signed in."""

    account_id: str
    tenant_id: str
    name: str
    roles: list[RoleName]
