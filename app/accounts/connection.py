"""What connecting fills in, as opposed to what an administrator enters.

A settings model marks those fields with `json_schema_extra={"connected": True, …}`: forms leave them out, and disconnecting
empties them.
"""

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def is_connected_field(field: FieldInfo) -> bool:
    """Whether connecting fills this field in."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("connected") is True


def connected_fields(model: type[BaseModel]) -> frozenset[str]:
    """The names of the fields that connecting fills in; empty for kinds that are connected by passwords alone."""
    return frozenset(name for name, field in model.model_fields.items() if is_connected_field(field))


def disconnected(settings: BaseModel) -> BaseModel:
    """The same settings without what connecting filled in."""
    model = type(settings)
    empty = {name: model.model_fields[name].get_default(call_default_factory=True) for name in connected_fields(model)}
    return settings.model_copy(update=empty)
