"""What all models share."""

from typing import Annotated, Generic, Literal, Self, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from viva_gateway.schemas import wire

M = TypeVar("M", bound=Message)
T = TypeVar("T")


def _storable(text: str) -> str:
    """PostgreSQL keeps no NUL, and no UTF-8 text has a lone surrogate: say so here, not with a 500 later."""
    if "\x00" in text:
        raise PydanticCustomError("no_nul", "must not hold the NUL character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("unicode", "must be Unicode text") from None
    return text


def _whole(value: object) -> object:
    """JSON knows no integers, only numbers: 1.0 is the whole number 1, in JSON Schema too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Text = Annotated[str, AfterValidator(_storable), Field(json_schema_extra={"pattern": "^[^\\u0000]*$"})]
WHOLE = BeforeValidator(_whole)
Whole = Annotated[int, WHOLE]
Name = Annotated[Text, StringConstraints(min_length=1, max_length=200)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Email = Annotated[
    str,
    StringConstraints(
        min_length=3,
        max_length=254,
        # As browsers check it, and the contract does (HTML, 4.10.5.1.5).
        pattern=r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
        r"(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
    ),
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]
Uuid = UUID

Language = Literal["ko", "en"]
Mode = Literal["practice", "hiring"]
PublishState = Literal["draft", "published", "archived"]


class In(BaseModel):
    """What is taken: no unknown fields, and no conversions that guess."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, protected_namespaces=())

    def to_message(self, kind: type[M]) -> M:
        """As a protobuf message."""
        return wire.message(kind, self.model_dump(mode="python"))


class Out(BaseModel):
    """What is given."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    @classmethod
    def of(cls, message: Message) -> Self:
        """From a protobuf message."""
        return cls.model_validate(wire.plain(message))


class Page(Out, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null at the end")


class FieldProblem(Out):
    """One fault of one field."""

    field: str = Field(examples=["criteria[0].weight"])
    detail: str = Field(examples=["must be from 1 to 100"])


class ProblemDocument(Out):
    """RFC 9457."""

    type: str = Field(examples=["urn:viva:problem:invalid"])
    title: str = Field(examples=["Some fields are not right"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["criteria[0].weight: must be from 1 to 100"])
    instance: str = Field(examples=["/api/v1/rubrics"])
    reason: str = Field(description="For programs", examples=["INVALID_ARGUMENT"])
    correlation_id: str = Field(description="Quote it when you report a fault")
    errors: list[FieldProblem] = Field(default=[], description="Each fault, when fields are wrong")
