"""Filling the `{places}` of a template, in one pass: a brace in a citizen's words is only a brace."""

from collections.abc import Mapping


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with every known place filled; unknown ones stay as they are, so that a slip is seen."""
    first, *rest = template.split("{")
    written = [first]
    for part in rest:
        name, closed, after = part.partition("}")
        written.append(values[name] + after if closed and name in values else "{" + part)
    return "".join(written)


def unknown(template: str, known: frozenset[str]) -> list[str]:
    """The places that nothing will fill: shown to whoever writes the template."""
    names = [part.partition("}")[0] for part in template.split("{")[1:] if "}" in part]
    return [name for name in names if name not in known]
