"""Previews of questions."""

from typing import Annotated

from pydantic import ConfigDict, Field

from viva_gateway.schemas.base import In, Slug, Text, Whole


class PreviewIn(In):
    """What to ask about."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"competency_id": "system_design"}]})

    competency_id: Slug
    fallback: Annotated[Text, Field(max_length=1000, description="What to show if the model cannot")] = ""
    seed: Whole = Field(default=0, ge=0, le=2**31 - 1, description="Another seed may give another question")
