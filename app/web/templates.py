"""Pages: one Jinja environment per language, shared by the desk, the citizens' pages and the error page.

`{{ moment|when }}`, `|ago`, `|day`, `|number`, `|bytes` write in the page's language; `{{ ticket_id|reference }}` gives
`WK-…`. Everything is escaped; a name that does not exist is an error, never an empty spot.
A template is read once: who changes one starts the program again.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from app.tickets import reference
from app.vocabulary import Language
from app.web import formats, i18n
from app.web.folding import Folding

_APP = Path(__file__).resolve().parent.parent
_FIXED: dict[str, Callable[[], Any]] = {}
FOLDERS = [_APP / "desk" / "templates", _APP / "public" / "templates", _APP / "web" / "pages"]


@cache
def environment(language: Language) -> Environment:
    """The environment whose pages are in `language`."""
    say = i18n.translations(language)
    fixed = {name: make() for name, make in _FIXED.items()}
    # The same as Jinja's own `_` without values: the text is a format, and markup of ours.
    constants = {**fixed, "_": lambda text: Markup(say.gettext(text)) % {}}  # noqa: S704
    made = Folding(
        constants,
        loader=FileSystemLoader(FOLDERS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        auto_reload=False,
    )
    made.install_gettext_translations(say, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(fixed, language=language.value)
    for name, write in _FILTERS.items():
        made.filters[name] = _in(language, write)
    made.filters["reference"] = reference.of
    return made


def fixed(name: str, make: Callable[[], Any]) -> None:
    """Give every template a name whose value never changes; `make` is called when the first template is needed."""
    _FIXED[name] = make
    environment.cache_clear()


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
