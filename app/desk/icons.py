"""The pictures of the sprite as markup, made once: a page shows some dozens of them."""

import re
from functools import cache

from markupsafe import Markup

from app.desk.assets import asset, files
from app.web.templates import fixed

_SYMBOL = re.compile(rb'<symbol id="([a-z]+)"')
_USE = Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>')


@cache
def icons() -> dict[str, Markup]:
    """By name, hidden from screen readers: the words beside a picture say what it says."""
    sheet = asset("icons.svg")
    names = (name.decode() for name in _SYMBOL.findall(files.content["icons.svg"]))
    return {name: _USE.format(sheet, name) for name in names}


fixed("icons", icons)
fixed("error_styles", lambda: [asset(f"{sheet}.css") for sheet in ("tokens", "base", "forms", "shell")])
