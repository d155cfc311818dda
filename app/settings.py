"""Every setting of a Weerklank process, read once from the environment and passed down.

`Settings.read(environ)` names everything that is wrong at once, each with its fix, before anything starts. Accounts,
teams and rules are not settings: they live in the database and change while the system runs.
"""

import secrets as _secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from app.errors import Fault, Invalid

PREFIX = "WEERKLANK_"


class Settings(BaseModel):
    """One process's settings. Durations are in seconds, sizes in bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(Path("data"), description="Folder for the embedded database, stored files and the key.")
    database_url: SecretStr | None = Field(None, description="PostgreSQL of your own; embedded when not set.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(8000, description="Port to listen on.")
    public_url: str | None = Field(None, description="How citizens and staff reach us, https in production.")
    secret_keys: SecretStr | None = Field(
        None,
        description="Comma-separated keys of 32 random bytes, base64; the first seals, all open. Made when not set.",
    )
    blob_store: str | None = Field(None, description="s3://bucket/prefix, or a folder; DATA/blobs when not set.")
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = Field(
        "INFO", description="Least severe line logged."
    )
    trusted_proxies: str = Field("127.0.0.1", description="Comma-separated addresses whose X-Forwarded headers count.")
    lmtp_listen: str | None = Field(None, description="host:port, or unix:PATH, where the worker takes mail by LMTP.")
    undo_seconds: Annotated[float, Field(ge=0, le=600)] = Field(10, description="How long a reply can be called back.")
    lease_seconds: Annotated[float, Field(ge=1, le=3600)] = Field(
        150, description="How long a worker may hold a delivery."
    )
    sweep_seconds: Annotated[float, Field(ge=0.1, le=600)] = Field(
        5, description="How often waiting rows are looked for."
    )
    poll_seconds: Annotated[float, Field(ge=0.1, le=3600)] = Field(60, description="How often an account is read.")
    back_off_seconds: Annotated[float, Field(ge=0.05, le=600)] = Field(
        5, description="First wait after a failure; doubles."
    )
    max_body_bytes: Annotated[int, Field(ge=1024)] = Field(
        1_048_576, description="Largest request body, uploads apart."
    )
    max_upload_bytes: Annotated[int, Field(ge=1024)] = Field(26_214_400, description="Largest attachment or webhook.")
    max_mail_bytes: Annotated[int, Field(ge=65_536)] = Field(67_108_864, description="Largest mail stored.")
    session_idle_minutes: Annotated[int, Field(ge=1)] = Field(60, description="A session ends after so much silence.")
    session_hours: Annotated[int, Field(ge=1)] = Field(12, description="A session ends after so long in any case.")
    password_cost: Annotated[str, Field(pattern="^(normal|low)$")] = Field(
        "normal", description="Argon2 cost; 'low' is for test runs only."
    )

    @field_validator("public_url")
    @classmethod
    def _absolute(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("give an absolute address such as https://weerklank.voorbeeldstad.example")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("postgresql://", "postgresql+psycopg://")):
            raise ValueError("give a PostgreSQL address such as postgresql://user:password@host/name")
        return value

    @property
    def base_url(self) -> str:
        """The address in links that leave the house, without a trailing slash."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether cookies may travel over https only."""
        return self.base_url.startswith("https://")

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Settings from `WEERKLANK_*`; raises `Invalid` with one fault per wrong or unknown name."""
        given = {k.removeprefix(PREFIX).lower(): v for k, v in environ.items() if k.startswith(PREFIX) and v != ""}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            faults = [_fault(e) for e in error.errors(include_input=False, include_url=False)]
            raise Invalid("settings", "Correct these environment variables.", faults) from None


def _fault(error: Any) -> Fault:
    name = PREFIX + str(error["loc"][0]).upper()
    if error["type"] == "extra_forbidden":
        return Fault(name, "unknown", "is not a setting of Weerklank; see docs/operate.md for the list")
    return Fault(name, str(error["type"]), str(error["msg"]).removeprefix("Value error, "))


def new_key() -> str:
    """A fresh value for `WEERKLANK_SECRET_KEYS`: 32 random bytes, urlsafe base64 (as cryptography's Fernet wants)."""
    return _secrets.token_urlsafe(32) + "="
