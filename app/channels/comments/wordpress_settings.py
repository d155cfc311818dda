"""What an organisation sets for one WordPress site."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from app.channels.labels import labels

SHORTEST_SECRET = 16
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


class WordPressSettings(BaseModel):
    """Settings of `comments.wordpress`. Without a webhook secret nothing is taken from the plugin, and all is polled."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    site_url: str = Field(
        description="Address of the site's front page, as visitors end up at it.",
        json_schema_extra=labels("Adres van de site", "Site address"),
    )
    user: str = Field(
        description="A WordPress user with the role Editor or Administrator, who answers for us.",
        json_schema_extra=labels("Gebruiker", "User"),
    )
    application_password: SecretStr = Field(
        description="Made in WordPress: Users, Profile, Application Passwords.",
        json_schema_extra=labels("Toepassingswachtwoord", "Application password"),
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""),
        description="The same as WK_COMMENTS_SECRET of the plugin; empty without the plugin.",
        json_schema_extra=labels("Geheim van de plug-in", "Plugin's secret"),
    )
    backfill_days: Annotated[int, Field(ge=0, le=365)] = Field(
        7,
        description="Comments of the last days that are fetched at the start.",
        json_schema_extra=labels("Dagen terug bij het begin", "Days back at the start"),
    )
    rescan_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        15,
        description="How often recent comments are looked at again for edits and deletions.",
        json_schema_extra=labels("Opnieuw kijken (minuten)", "Look again (minutes)"),
    )

    @field_validator("site_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        return _address(value)

    @field_validator("user")
    @classmethod
    def _one_name(cls, value: str) -> str:
        if not value or ":" in value:  # what Basic authentication cannot carry (RFC 7617, 2)
            raise ValueError("give the user's name or mail address, without a colon")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _long(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"give {SHORTEST_SECRET} characters or more, or leave it empty")
        return value

    @property
    def host(self) -> str:
        """The site's name with its port, in which its users and comments are counted."""
        return urlsplit(self.site_url).netloc.lower()


def _address(value: str) -> str:
    """Without a slash at the end. The password goes with every call, so only this machine may do without TLS."""
    if not _usable(value):
        raise ValueError("give the https address of the front page, such as https://www.voorbeeldstad.example")
    return value.rstrip("/")


def _usable(value: str) -> bool:
    if not value.isascii() or any(sign.isspace() or sign in "?#@" for sign in value):
        return False
    try:
        parts = urlsplit(value)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return named and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE))
