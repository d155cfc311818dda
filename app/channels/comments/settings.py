"""What an organisation sets for one site's comment form."""

import secrets
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from app.channels.labels import labels


def _fresh() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(32))


class FormSettings(BaseModel):
    """Settings of `comments.form`. Seconds, characters; `webhook_url` empty = the site reads what was published itself."""

    model_config = ConfigDict(extra="forbid")

    moderation: Literal["after", "before"] = Field(
        "after",
        description="After: comments appear at once. Before: each waits for approval.",
        json_schema_extra=labels(
            "Modereren",
            "Moderation",
            after=("Na publicatie", "After publication"),
            before=("Voor publicatie", "Before publication"),
        ),
    )
    min_seconds: Annotated[float, Field(ge=0, le=60)] = Field(
        3,
        description="What is sent sooner than this after the form was opened waits for approval.",
        json_schema_extra=labels("Snelste invultijd (seconden)", "Fastest time to fill in (seconds)"),
    )
    max_length: Annotated[int, Field(ge=100, le=50_000)] = Field(
        5_000, description="In characters.", json_schema_extra=labels("Langste reactie", "Longest comment")
    )
    webhook_url: str = Field(
        "",
        description="The site's own server that hears what happens to comments; empty when there is none.",
        json_schema_extra=labels("Webhook van de website", "The site's webhook"),
    )
    webhook_secret: SecretStr = Field(
        default_factory=_fresh,
        description="Signs what we tell the site; made by itself.",
        json_schema_extra=labels("Geheim van de webhook", "Webhook secret"),
    )
    form_secret: SecretStr = Field(
        default_factory=_fresh,
        description="Signs the forms that are handed out; made by itself.",
        json_schema_extra=labels("Geheim van het formulier", "Form secret"),
    )

    @field_validator("webhook_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError("give an https address, or leave it empty")
        return value
