"""An account's settings at rest: its kind's own model as JSON, sealed with the installation's keys.

Secrets are opened only to build a channel; nothing that answers a request ever holds them. Rotating keys means sealing
anew with the first key (`reseal`), after which the old one may be dropped from the settings.
"""

from typing import Any, TypeVar

from cryptography.fernet import InvalidToken, MultiFernet
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import to_json

from app.errors import Fault, Invalid

Model = TypeVar("Model", bound=BaseModel)

KEEP = "********"
"""What a form shows, and sends back, for a secret that stays as it is."""


def seal(fernet: MultiFernet, settings: BaseModel) -> bytes:
    """The sealed settings, secrets included."""
    return fernet.encrypt(to_json(_open_values(settings)))


def unseal(fernet: MultiFernet, model: type[Model], sealed: bytes) -> Model:
    """The settings again; raises `Invalid` when no key opens them (a key was lost) or the model has changed."""
    try:
        return model.model_validate_json(fernet.decrypt(sealed))
    except InvalidToken:
        raise Invalid(
            "account_sealed",
            "Put the key that sealed them back into WEERKLANK_SECRET_KEYS, or enter the settings again.",
        ) from None
    except ValidationError as error:
        raise Invalid("account_settings", "Correct the account's settings.", faults(error)) from None


def reseal(fernet: MultiFernet, sealed: bytes) -> bytes:
    """The same settings under the first key."""
    return fernet.rotate(sealed)


def read(model: type[BaseModel], given: dict[str, Any], before: BaseModel | None = None) -> BaseModel:
    """Settings from a form or the API; a secret given as `KEEP` stays as in `before`. Raises `Invalid`, all at once."""
    kept = _open_values(before) if before is not None else {}
    merged = {name: kept.get(name) if value == KEEP else value for name, value in given.items()}
    try:
        return model.model_validate(merged)
    except ValidationError as error:
        raise Invalid("account_settings", "Correct these settings of the account.", faults(error)) from None


def shown(settings: BaseModel) -> dict[str, Any]:
    """The settings for a form or the API: secrets are `KEEP` when set and empty when not, never themselves."""
    plain = settings.model_dump(mode="json")
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            plain[name] = KEEP if value.get_secret_value() else ""
    return plain


def faults(error: ValidationError) -> list[Fault]:
    """One fault per wrong field, without the input."""
    return [
        Fault(".".join(str(part) for part in e["loc"]), e["type"], e["msg"].removeprefix("Value error, "))
        for e in error.errors(include_input=False, include_url=False, include_context=False)
    ]


def _open_values(settings: BaseModel) -> dict[str, Any]:
    values = settings.model_dump()
    return {name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in values.items()}
