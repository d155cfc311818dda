"""What a settings model says of its fields for the desk's form, in `json_schema_extra`: labels, and who fills them in."""

from pydantic import JsonValue


def labels(dutch: str, english: str, **options: tuple[str, str]) -> dict[str, JsonValue]:
    """A field's label by language, and that of each value of a choice; its hint is the field's description."""
    said: dict[str, JsonValue] = {"labels": {"nl": dutch, "en": english}}
    if options:
        said["options"] = {value: {"nl": nl, "en": en} for value, (nl, en) in options.items()}
    return said


def connected(dutch: str, english: str) -> dict[str, JsonValue]:
    """The same for a field that connecting fills in: forms leave it out, and disconnecting empties it."""
    return {**labels(dutch, english), "connected": True}
