"""Pages: one Jinja environment per language, shared by the desk, the citizens' pages and the error page.

`{{ moment|when }}`, `|ago`, `|day`, `|number`, `|bytes` write in the page's language; `{{ ticket_id|reference }}` gives
`WK-…`. Everything is escaped; a name that does not exist is an error, never an empty spot.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from app.tickets import reference
from app.vocabulary import Language
from app.web import formats, i18n

_APP = Path(__file__).resolve().parent.parent
FOLDERS = [_APP / "desk" / "templates", _APP / "public" / "templates", _APP / "web" / "pages"]


@cache
def environment(language: Language) -> Environment:
    """The environment whose pages are in `language`."""
    made = Environment(
        loader=FileSystemLoader(FOLDERS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_translations(i18n.translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals["language"] = language.value
    for name, write in _FILTERS.items():
        made.filters[name] = _in(language, write)
    made.filters["reference"] = reference.of
    return made


def page(
    request: HTTPConnection,
    name: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    language: Language | None = None,
) -> HTMLResponse:
    """A template as an answer, in the visitor's language unless another is given; `request` is among its names."""
    spoken = language or i18n.language_of(request)
    html = environment(spoken).get_template(name).render(request=request, **context)
    return HTMLResponse(
        html, status, {"Content-Language": spoken.value, "Vary": "Accept-Language, Cookie", **(headers or {})}
    )


_FILTERS: Mapping[str, Any] = {
    "when": formats.when,
    "day": formats.day,
    "ago": formats.ago,
    "number": formats.number,
    "bytes": formats.size,
}


def _in(language: Language, write: Any) -> Any:
    def written(value: Any, *arguments: Any) -> str:
        return str(write(value, language, *arguments))

    return written
