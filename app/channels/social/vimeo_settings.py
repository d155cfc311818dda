"""What an administrator fills in for one Vimeo account, and what connecting it fills in."""

from typing import Annotated

from pydantic import Field, SecretStr

from app.channels.labels import labels
from app.channels.social.settings import EMPTY, AccessToken, AccountId, AccountName, Address, Rights, SocialSettings


class VimeoSettings(SocialSettings):
    """One account, through an app of the organisation's own. What stands below `access_token` is filled in by connecting."""

    client_id: str = Field("", description="Of your app at Vimeo.", json_schema_extra=labels("Client-id", "Client id"))
    client_secret: SecretStr = Field(
        EMPTY, description="Of your app at Vimeo.", json_schema_extra=labels("Clientgeheim", "Client secret")
    )
    backfill_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        30,
        description="Comments of the last days that are fetched on connecting.",
        json_schema_extra=labels("Dagen terug bij het begin", "Days back at the start"),
    )
    recent_videos: Annotated[int, Field(ge=1, le=200)] = Field(
        50,
        description="So many of the newest videos are watched for comments.",
        json_schema_extra=labels("Aantal video's", "Number of videos"),
    )
    rescan_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        15,
        description="How often recent comments are looked at again for replies, edits and deletions.",
        json_schema_extra=labels("Opnieuw kijken (minuten)", "Look again (minutes)"),
    )
    api_url: Address = Field(
        "https://api.vimeo.com",
        description="Address of the API.",
        json_schema_extra=labels("Adres van de API", "API address"),
    )
    access_token: AccessToken = EMPTY
    user_id: AccountId = ""
    user_name: AccountName = ""
    scopes: Rights = ()
