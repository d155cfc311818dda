"""The base of everything that comes in or goes out as JSON.

In: unknown fields are refused, unstorable characters replaced. Field names are camelCase outside (as the API's query keys
are, after the NLGov API Design Rules) and snake_case inside.
"""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from app.web.text import clean

LARGEST = 2**63 - 1
Id = Annotated[int, Field(strict=True, ge=1, le=LARGEST)]  # in JSON
Moment = AwareDatetime


class Given(BaseModel):
    """What somebody sends us."""

    model_config = ConfigDict(
        extra="forbid", alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, frozen=True
    )

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        return clean(value)


class Told(BaseModel):
    """What we answer; made from rows or objects by attribute."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, from_attributes=True, frozen=True
    )
