"""What the settings of every service have in common: addresses that are checked, and the fields that connecting fills in."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from app.channels.labels import connected

FILLED_IN = "Filled in by connecting."


class SocialSettings(BaseModel):
    """Settings of one account: nothing that is not known, and no white space round a word."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


def checked(value: str) -> str:
    """An address without a slash at its end. Raises `ValueError` with what to write instead."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or not value.isascii() or any(sign.isspace() for sign in value):
        raise ValueError("give a whole address, such as https://social.voorbeeldstad.example")
    return value.rstrip("/")


Address = Annotated[str, AfterValidator(checked)]
AccessToken = Annotated[
    SecretStr, Field(description=FILLED_IN, json_schema_extra=connected("Toegangssleutel", "Access token"))
]
AccountId = Annotated[str, Field(description=FILLED_IN, json_schema_extra=connected("Account-id", "Account id"))]
AccountName = Annotated[str, Field(description=FILLED_IN, json_schema_extra=connected("Naam", "Name"))]
Rights = Annotated[tuple[str, ...], Field(description=FILLED_IN, json_schema_extra=connected("Rechten", "Rights"))]
EMPTY = SecretStr("")
