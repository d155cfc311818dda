"""What every account at Twilio needs: which account, its secret, our number, and where the service is."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr, field_validator

from app.channels.phone_number import e164

API = "https://api.twilio.com"


def labels(dutch: str, english: str) -> dict[str, JsonValue]:
    """A field's label by language, in its JSON schema beside the description."""
    return {"labels": {"nl": dutch, "en": english}}


class TwilioAccount(BaseModel):
    """One number at one Twilio account. The auth token signs what Twilio pushes and opens its interface."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    account_sid: str = Field(
        description="Begins with AC; on the console's first page.",
        json_schema_extra=labels("Account-SID van Twilio", "Twilio account SID"),
    )
    auth_token: SecretStr = Field(
        description="Beside the account SID. It also signs what Twilio sends us.",
        json_schema_extra=labels("Auth token", "Auth token"),
    )
    number: str = Field(
        description="Our number at Twilio, such as +31 20 123 4567.",
        json_schema_extra=labels("Ons nummer", "Our number"),
    )
    api_url: str = Field(
        API,
        description="Only to be changed for a regional address of Twilio.",
        json_schema_extra=labels("Adres van de dienst", "Address of the service"),
    )
    backfill_days: Annotated[int, Field(ge=0, le=365)] = Field(
        7,
        description="How many days back are read when the account is new.",
        json_schema_extra=labels("Dagen terug bij aansluiten", "Days back on connecting"),
    )

    @field_validator("account_sid")
    @classmethod
    def _sid(cls, value: str) -> str:
        if not re.fullmatch(r"AC[0-9a-f]{32}", value):
            raise ValueError("give the account SID: AC and 32 digits or letters a to f")
        return value

    @field_validator("number")
    @classmethod
    def _whole(cls, value: str) -> str:
        number = e164(value)
        if number is None:
            raise ValueError("give the whole number, with its country code")
        return number

    @field_validator("api_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"give a whole address, such as {API}")
        return value.rstrip("/")
