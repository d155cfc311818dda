"""What an administrator fills in for one Flickr account, and what connecting it fills in."""

from typing import Annotated

from pydantic import Field, SecretStr

from app.channels.labels import connected, labels
from app.channels.social.settings import EMPTY, FILLED_IN, AccessToken, AccountId, AccountName, Address, SocialSettings


class FlickrSettings(SocialSettings):
    """One account, through an API key of the organisation's own. Below `token` stands what connecting fills in."""

    api_key: str = Field("", description="Of your app at Flickr.", json_schema_extra=labels("API-sleutel", "API key"))
    api_secret: SecretStr = Field(
        EMPTY, description="Of your app at Flickr.", json_schema_extra=labels("API-geheim", "API secret")
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
    api_url: Address = Field(
        "https://api.flickr.com",
        description="Address of the API.",
        json_schema_extra=labels("Adres van de API", "API address"),
    )
    site_url: Address = Field(
        "https://www.flickr.com",
        description="Where consent is asked, and where photos and people are.",
        json_schema_extra=labels("Adres van de site", "Site address"),
    )
    token: AccessToken = EMPTY
    token_secret: SecretStr = Field(
        EMPTY,
        description=FILLED_IN,
        json_schema_extra=connected("Geheim van de toegangssleutel", "Token secret"),
    )
    nsid: AccountId = ""
    user_name: AccountName = ""
