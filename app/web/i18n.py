"""Dutch and English: which language a visitor reads, and the translations.

Texts are written in English in the code and the templates and translated by gettext. In templates `_("…")`, `ngettext` and
`{% trans %}` translate into the page's language. In Python, `_("…")` only *marks* a text for extraction, since a request
runs in several threads and no global can know its language; `translated(language, text)` translates.
"""

import gettext
import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.requests import HTTPConnection

from app.vocabulary import Language

FOLDER = Path(__file__).resolve().parent.parent / "locale"
COOKIE = "language"
_KNOWN: dict[str | None, Language] = {language.value: language for language in Language}


def _(text: str) -> str:
    """Mark a text for translation; gives it back as it is."""
    return text


def translated(language: Language, text: str, **values: object) -> str:
    """A marked text in a language, with `%(name)s` filled in."""
    found = translations(language).gettext(text)
    return found % values if values else found


@cache
def translations(language: Language) -> gettext.NullTranslations:
    """The catalogue of a language: compiled if there is one that is up to date, else compiled now, in memory.

    So a fresh checkout speaks Dutch before anybody ran `make translations`.
    """
    folder = FOLDER / language / "LC_MESSAGES"
    po, mo = folder / "weerklank.po", folder / "weerklank.mo"
    if mo.exists() and (not po.exists() or mo.stat().st_mtime >= po.stat().st_mtime):
        with mo.open("rb") as file:
            return gettext.GNUTranslations(file)
    return _compiled(po, language) if po.exists() else gettext.NullTranslations()


def language_of(request: HTTPConnection) -> Language:
    """The language of whoever asks: the agent's own, else `?lang=`, the cookie, the browser's preference, Dutch."""
    known = getattr(request.state, "language", None)
    if isinstance(known, Language):
        return known
    for asked in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if asked in _KNOWN:
            return _KNOWN[asked]
    return preferred(request.headers.get("accept-language", ""))


def preferred(header: str) -> Language:
    """The best of ours for an Accept-Language header (RFC 9110 12.5.4)."""
    found = negotiate_locale(_by_weight(header[:500]), list(Language), sep="-")
    return Language(found) if found else Language.DUTCH


def _by_weight(header: str) -> Sequence[str]:
    ranges: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _sep, weight = part.partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            quality = 0.0
        if quality > 0:
            ranges.append((quality, tag.strip()))
    return [tag for _quality, tag in sorted(ranges, key=lambda r: -r[0])]


def _compiled(po: Path, language: Language) -> gettext.NullTranslations:
    with po.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
