"""What an organisation sets for one site's comment form."""

import secrets
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


def _fresh() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(32))


class FormSettings(BaseModel):
    """Settings of `comments.form`. Seconds, characters; `webhook_url` empty = the site reads what was published itself."""

    model_config = ConfigDict(extra="forbid")

    moderation: Literal["after", "before"] = Field("after", title="Moderation: publish at once, or after approval")
    min_seconds: Annotated[float, Field(ge=0, le=60)] = Field(
        3, title="Faster than this is held for approval (seconds)"
    )
    max_length: Annotated[int, Field(ge=100, le=50_000)] = Field(5_000, title="Longest comment (characters)")
    webhook_url: str = Field("", title="Address of the site's own server that hears what happens to comments")
    webhook_secret: SecretStr = Field(default_factory=_fresh, title="Secret that signs what we tell the site")
    form_secret: SecretStr = Field(default_factory=_fresh, title="Secret that signs forms handed out")

    @field_validator("webhook_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError("give an https address, or leave it empty")
        return value
