"""Forms drawn from a Pydantic model: an account's settings page for any kind of channel, without knowing the kind.

A field's label is in its JSON schema (`labels` by language), its hint is the description. Secrets go one way: they are
never shown, and an empty box keeps the one that is stored.
"""

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from app.accounts.connection import is_connected_field
from app.errors import Fault, Invalid
from app.vocabulary import Language

PREFIX = "setting_"


@dataclass(frozen=True, slots=True)
class Box:
    """One field on the page. `shape`: text, secret, number, date, check, select or lines (one value a line).

    `options` are a choice's values with their labels.
    """

    name: str
    label: str
    hint: str
    shape: str
    value: str
    required: bool
    options: tuple[tuple[str, str], ...] = ()
    stored: bool = False


def boxes(
    model: type[BaseModel], settings: BaseModel | None, given: Mapping[str, str], language: Language
) -> list[Box]:
    """The fields of `model`, filled with what was given, else what is stored, else the model's defaults.

    What connecting fills in is not for typing.
    """
    return [
        _box(name, field, settings, given, language)
        for name, field in model.model_fields.items()
        if not is_connected_field(field)
    ]


def grouped(fields: list[Box]) -> list[tuple[str, list[Box]]]:
    """Runs of three or more fields whose names begin alike (`imap_host`, `imap_port`, …) under that name, the rest under ""."""
    starts = [field.name.removeprefix(PREFIX).partition("_")[0] for field in fields]
    groups: list[tuple[str, list[Box]]] = []
    for field, start in zip(fields, starts, strict=True):
        title = start.upper() if starts.count(start) > 2 else ""
        if not groups or groups[-1][0] != title:
            groups.append((title, []))
        groups[-1][1].append(field)
    return groups


def read(model: type[BaseModel], given: Mapping[str, str], before: BaseModel | None) -> BaseModel:
    """The settings that a posted form says. Raises `Invalid` with a fault per wrong field."""
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if is_connected_field(field):
            if before is not None:
                values[name] = getattr(before, name)
            continue
        value = _value(field, given.get(PREFIX + name, ""))
        if _shape(field) == "secret" and not value and before is not None:
            value = getattr(before, name)
        if value is not None:
            values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Invalid(
            "settings", "Correct these fields.", [_fault(e) for e in error.errors(include_input=False)]
        ) from None


def _fault(error: Any) -> Fault:
    where = str(error["loc"][0]) if error["loc"] else ""
    return Fault(where, str(error["type"]), str(error["msg"]).removeprefix("Value error, "))


def _box(name: str, field: FieldInfo, settings: BaseModel | None, given: Mapping[str, str], language: Language) -> Box:
    shape = _shape(field)
    before = getattr(settings, name) if settings is not None else field.get_default(call_default_factory=False)
    shown = given.get(PREFIX + name) if given else None
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    labels = extra.get("labels")
    return Box(
        name=PREFIX + name,
        label=str(labels.get(language, name)) if isinstance(labels, dict) else name.replace("_", " ").capitalize(),
        hint=field.description or "",
        shape=shape,
        value="" if shape == "secret" else shown if shown is not None else _written(before, shape),
        required=field.is_required() and shape != "check",
        options=tuple(
            (value, _label(extra.get("options"), value, language)) for value in _options(_plain(field.annotation))
        ),
        stored=shape == "secret" and settings is not None and bool(before and before.get_secret_value()),
    )


def _label(labels: Any, value: str, language: Language) -> str:
    """What a choice's value is called; its own word where it has no label, as names of protocols have none."""
    said = labels.get(value) if isinstance(labels, dict) else None
    return str(said.get(language, value)) if isinstance(said, dict) else value


def _written(value: Any, shape: str) -> str:
    if value is None or type(value).__name__ == "PydanticUndefinedType":
        return ""
    if shape == "check":
        return "on" if value else ""
    if shape == "lines":
        return "\n".join(str(one) for one in value)
    return str(value.value if isinstance(value, Enum) else value)


def _value(field: FieldInfo, text: str) -> Any:
    shape = _shape(field)
    if shape == "check":
        return text == "on"
    if shape == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    return text if text.strip() else None


def _plain(annotation: Any) -> Any:
    """The type inside `X | None` and `Annotated[X, …]`."""
    if get_origin(annotation) in (Union, types.UnionType):
        return _plain(next(one for one in get_args(annotation) if one is not type(None)))
    if hasattr(annotation, "__metadata__"):
        return _plain(annotation.__origin__)
    return annotation


def _shape(field: FieldInfo) -> str:
    plain = _plain(field.annotation)
    if _options(plain):
        return "select"
    if get_origin(plain) in (tuple, list, set, frozenset, Sequence):
        return "lines"
    for known, shape in ((SecretStr, "secret"), (bool, "check"), (int, "number"), (float, "number"), (date, "date")):
        if isinstance(plain, type) and issubclass(plain, known):
            return shape
    return "text"


def _options(plain: Any) -> tuple[str, ...]:
    if isinstance(plain, type) and issubclass(plain, Enum):
        return tuple(str(member.value) for member in plain)
    return tuple(str(value) for value in get_args(plain)) if get_origin(plain) is Literal else ()
