"""What an organisation sets for its own polls: nothing but a secret, which is made by itself."""

import secrets
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

_LABELS: dict[str, Any] = {
    "labels": {
        "nl": "Geheim waarmee kiezers en hun netwerk onherkenbaar worden gemaakt",
        "en": "Secret that makes voters and their networks unrecognisable",
    }
}


class PollSettings(BaseModel):
    """Settings of `polls.own`. A new secret makes everybody a new voter: change it only between polls."""

    model_config = ConfigDict(extra="forbid")

    secret: SecretStr = Field(
        default_factory=lambda: SecretStr(secrets.token_urlsafe(32)),
        title="Secret of voters",
        json_schema_extra=_LABELS,
    )
