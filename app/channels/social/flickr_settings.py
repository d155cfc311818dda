"""What an administrator fills in for one Flickr account, and what connecting it fills in."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from app.channels.labels import connected, labels
from app.channels.social.web_address import checked


class FlickrSettings(BaseModel):
    """One account, through an API key of the organisation's own. Below `token` stands what connecting fills in."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    api_key: str = Field("", description="Of your app at Flickr.", json_schema_extra=labels("API-sleutel", "API key"))
    api_secret: SecretStr = Field(
        SecretStr(""), description="Of your app at Flickr.", json_schema_extra=labels("API-geheim", "API secret")
    )
    backfill_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        30,
        description="Comments of the last days that are fetched on connecting.",
        json_schema_extra=labels("Dagen terug bij het begin", "Days back at the start"),
    )
    rescan_days: Annotated[int, Field(ge=1, le=90)] = Field(
        14,
        description="Comments of the last days are looked at again for edits and deletions.",
        json_schema_extra=labels("Opnieuw kijken (dagen)", "Look again (days)"),
    )
    rescan_minutes: Annotated[int, Field(ge=5, le=1440)] = Field(
        60,
        description="How often that is done.",
        json_schema_extra=labels("Opnieuw kijken (minuten)", "Look again (minutes)"),
    )
    api_url: str = Field(
        "https://api.flickr.com",
        description="Address of the API.",
        json_schema_extra=labels("Adres van de API", "API address"),
    )
    site_url: str = Field(
        "https://www.flickr.com",
        description="Where consent is asked, and where photos and people are.",
        json_schema_extra=labels("Adres van de site", "Site address"),
    )
    token: SecretStr = Field(
        SecretStr(""),
        description="Filled in by connecting.",
        json_schema_extra=connected("Toegangssleutel", "Access token"),
    )
    token_secret: SecretStr = Field(
        SecretStr(""),
        description="Filled in by connecting.",
        json_schema_extra=connected("Geheim van de toegangssleutel", "Token secret"),
    )
    nsid: str = Field(
        "", description="Filled in by connecting.", json_schema_extra=connected("Account-id", "Account id")
    )
    user_name: str = Field("", description="Filled in by connecting.", json_schema_extra=connected("Naam", "Name"))

    @field_validator("api_url", "site_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        return checked(value)
