"""What an administrator fills in for one Facebook page, and what connecting it fills in."""

from typing import Annotated

from pydantic import Field, SecretStr

from app.channels.labels import connected, labels
from app.channels.social.settings import EMPTY, FILLED_IN, AccessToken, Address, Rights, SocialSettings


class FacebookSettings(SocialSettings):
    """One page, through an app of the organisation's own. What stands below `access_token` is filled in by connecting."""

    app_id: str = Field("", description="Of your app at Meta.", json_schema_extra=labels("App-id", "App id"))
    app_secret: SecretStr = Field(
        EMPTY,
        description="Of your app at Meta; it also proves that a webhook is Meta's.",
        json_schema_extra=labels("Appgeheim", "App secret"),
    )
    verify_token: SecretStr = Field(
        EMPTY,
        description="A word of your own choice, entered at Meta beside the webhook's address.",
        json_schema_extra=labels("Verificatiewoord van de webhook", "Webhook verify token"),
    )
    page_id: str = Field(
        "",
        pattern=r"^[0-9]*$",
        description="Number of the page; may stay empty when you manage one page only.",
        json_schema_extra=labels("Pagina-id", "Page id"),
    )
    backfill_days: Annotated[int, Field(ge=1, le=365)] = Field(
        14,
        description="Comments under posts of the last days are fetched, also those whose webhook was lost.",
        json_schema_extra=labels("Dagen terug", "Days back"),
    )
    pull_minutes: Annotated[int, Field(ge=0, le=1440)] = Field(
        5,
        description="How often to look for comments whose webhook was lost, and for colleagues' answers.",
        json_schema_extra=labels("Nakijken (minuten)", "Look again (minutes)"),
    )
    api_url: Address = Field(
        "https://graph.facebook.com",
        description="Address of the Graph API.",
        json_schema_extra=labels("Adres van de API", "API address"),
    )
    dialog_url: Address = Field(
        "https://www.facebook.com",
        description="Where consent is asked.",
        json_schema_extra=labels("Adres van de toestemming", "Consent address"),
    )
    access_token: AccessToken = EMPTY
    page_name: str = Field("", description=FILLED_IN, json_schema_extra=connected("Naam van de pagina", "Page name"))
    scopes: Rights = ()
