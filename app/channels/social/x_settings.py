"""What an administrator fills in for one X account, and what connecting it fills in."""

from datetime import datetime
from typing import Annotated

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
from app.channels.social.x_length import MOST


class XSettings(SocialSettings):
    """One account and the developer app by which we reach it. What stands below `access_token` is filled in by connecting."""

    client_id: str = Field(
        "",
        description="OAuth 2.0 client id of the developer app.",
        json_schema_extra=labels("Client-id", "Client id"),
    )
    client_secret: SecretStr = Field(
        EMPTY,
        description="OAuth 2.0 client secret of the developer app.",
        json_schema_extra=labels("Client-geheim", "Client secret"),
    )
    consumer_secret: SecretStr = Field(
        EMPTY,
        description="API key secret of the developer app, which signs what X pushes; empty without pushes.",
        json_schema_extra=labels("API-geheim", "API key secret"),
    )
    backfill_days: Annotated[int, Field(ge=0, le=365)] = Field(
        7,
        description="Mentions of the last days that are fetched on connecting; each costs $0.001.",
        json_schema_extra=labels("Dagen terug bij het begin", "Days back at the start"),
    )
    look_again_hours: Annotated[int, Field(ge=0, le=720)] = Field(
        0,
        description="Every so many hours the last mentions are read again, to find deletions; each costs $0.005. 0: never.",
        json_schema_extra=labels("Opnieuw kijken (uren)", "Look again (hours)"),
    )
    split: bool = Field(
        False,
        description="Cut an answer that is too long into several numbered posts; each is paid.",
        json_schema_extra=labels("Lange antwoorden splitsen", "Split long answers"),
    )
    max_length: Annotated[int, Field(ge=MOST, le=25_000)] = Field(
        MOST,
        description="Longest post that the account may make: 280, or more with a subscription.",
        json_schema_extra=labels("Langste bericht", "Longest post"),
    )
    api_url: Address = Field(
        "https://api.x.com", description="Leave as it is.", json_schema_extra=labels("API-adres", "API address")
    )
    consent_url: Address = Field(
        "https://x.com/i/oauth2/authorize",  # [M]; the OpenAPI document names https://api.x.com/2/oauth2/authorize
        description="Leave as it is.",
        json_schema_extra=labels("Toestemmingspagina", "Consent page"),
    )
    access_token: AccessToken = EMPTY
    refresh_token: SecretStr = Field(
        EMPTY,
        description=FILLED_IN,
        json_schema_extra=connected("Verversingssleutel", "Refresh token"),
    )
    expires_at: datetime | None = Field(
        None, description=FILLED_IN, json_schema_extra=connected("Loopt af op", "Expires at")
    )
    user_id: AccountId = ""
    username: AccountName = ""
    scopes: Rights = ()
