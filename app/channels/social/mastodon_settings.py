"""What an administrator fills in for one Mastodon account, and what connecting it fills in."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from app.channels.labels import connected, labels
from app.channels.social.settings import (
    EMPTY,
    FILLED_IN,
    AccessToken,
    AccountId,
    AccountName,
    Address,
    Rights,
    SocialSettings,
)


class MastodonSettings(SocialSettings):
    """One account on one server. What stands below `access_token` is filled in by connecting."""

    api_url: Address = Field(
        "https://social.overheid.nl",
        description="Address of the server that the account lives on.",
        json_schema_extra=labels("Server", "Server"),
    )
    backfill_days: Annotated[int, Field(ge=0, le=365)] = Field(
        7,
        description="Mentions of the last days that are fetched on connecting.",
        json_schema_extra=labels("Dagen terug bij het begin", "Days back at the start"),
    )
    rescan_minutes: Annotated[int, Field(ge=5, le=1440)] = Field(
        15,
        description="How often recent posts are looked at again for edits and deletions.",
        json_schema_extra=labels("Opnieuw kijken (minuten)", "Look again (minutes)"),
    )
    split: bool = Field(
        False,
        description="Cut an answer that is too long into several numbered posts.",
        json_schema_extra=labels("Lange antwoorden splitsen", "Split long answers"),
    )
    access_token: AccessToken = EMPTY
    client_id: str = Field("", description=FILLED_IN, json_schema_extra=connected("Toepassing", "Application id"))
    client_secret: SecretStr = Field(
        EMPTY,
        description=FILLED_IN,
        json_schema_extra=connected("Geheim van de toepassing", "Application secret"),
    )
    account_id: AccountId = ""
    acct: AccountName = ""
    scopes: Rights = ()
    max_characters: Annotated[int, Field(ge=1)] = Field(
        500,
        description="The server's own limit; filled in by connecting.",
        json_schema_extra=connected("Langste bericht", "Longest post"),
    )
    characters_per_url: Annotated[int, Field(ge=1)] = Field(
        23,
        description="What an address counts for; filled in by connecting.",
        json_schema_extra=connected("Tekens per adres", "Characters per address"),
    )

    @property
    def host(self) -> str:
        """The server's name, which makes a local handle a whole one."""
        return urlsplit(self.api_url).hostname or ""
