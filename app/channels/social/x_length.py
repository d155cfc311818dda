"""How long a post is to X: its weighted length. Pure.

Source: docs.x.com/fundamentals/counting-characters and the rules of twitter-text 3: NFC; Latin and much of the rest of
Europe count one, everything else two; an emoji two, however many code points it has; an address 23, with or without
`https://`. The mentions that X itself puts in front of a reply are free, and not part of the text.

Why own code: the library for this builds a list of all emoji at import (0.7 seconds) and asks for a module that Python no
longer has. The tests hold this against it.
"""

import re
import unicodedata
from collections.abc import Iterator

from app.channels.social.emoji import EMOJI
from app.channels.social.x_domains import DOMAINS

MOST = 280
PER_ADDRESS = 23
PER_EMOJI = 2
LONGEST_SEARCHED = (
    5_000  # characters; a longer text is too long however its addresses count, and searching it takes time
)

_LIGHT = ((0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
_LATIN = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b\u02bb"
    "\u0300-\u036f\u1e00-\u1eff"
)
_MARKS = "\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
_SPACE = "\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_BEFORE = rf"(?:[^A-Za-z0-9@＠$#＃\ufffe\ufeff\uffff]|[{_MARKS}]|^)"
_SIGN = rf"[^!'#%&()*+,\\\-./:;<=>?@\[\]^_{{|}}~$\ufffe\ufeff\uffff{_SPACE}{_MARKS}]"
_TOP = "|".join(sorted(DOMAINS, key=len, reverse=True))
_LAST = rf"(?={_SIGN}{{2}})(?:(?:{_TOP})(?=[^0-9a-zA-Z@+-]|$)|xn--[-0-9a-z]+)"
_HOST = rf"(?:{_SIGN}(?:[_-]*{_SIGN})*\.){{0,8}}{_SIGN}(?:-*{_SIGN})*\.{_LAST}"
_PATH = rf"[a-z0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&\u0400-\u04ff{_LATIN}]"
_PARENS = rf"\((?:{_PATH}+|{_PATH}*\({_PATH}+\){_PATH}*)\)"
_END = rf"(?:[a-z0-9+\-=_#/\u0400-\u04ff{_LATIN}]|{_PARENS})"
_QUERY = r"\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/]"
_ADDRESS = re.compile(
    rf"(?P<before>{_BEFORE})(?P<scheme>https?://)?(?P<host>{_HOST})(?::[0-9]+)?"
    rf"(?P<path>/(?:(?:{_PATH}|{_PARENS})*{_END})?)?(?P<query>{_QUERY})?",
    re.IGNORECASE,
)
_PLAIN_HOST = re.compile(rf"(?:[-a-z0-9{_LATIN}]+\.)+{_LAST}", re.IGNORECASE)
_SHORT = re.compile(rf"https?://t\.co/(?P<slug>[a-z0-9]+)(?:{_QUERY})?", re.IGNORECASE)
_LONGEST_SLUG = 40
_LONGEST = 4096  # characters of an address; a longer one is text to X


def weighted(text: str) -> int:
    """The weighted length."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    total = done = 0
    for start, end in addresses(text):
        total += _words(text[done:start]) + PER_ADDRESS
        done = end
    return total + _words(text[done:])


def has_address(text: str) -> bool:
    """Whether X will see an address in it (such a post costs more)."""
    return next(addresses(text), None) is not None


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every address, in order."""
    if "." not in text or len(text) > LONGEST_SEARCHED:
        return
    for found in _ADDRESS.finditer(text):
        if _possible(found):
            yield from _with_scheme(found) if found["scheme"] else _without_scheme(found)


def _possible(found: re.Match[str]) -> bool:
    """Whether its host is a name that can exist, and the whole not too long."""
    host = found["host"]
    try:
        extra = len(host.encode("idna")) - len(host)
    except UnicodeError:
        return False
    scheme = found["scheme"] or "https://"
    return len(scheme) + found.end() - found.end("before") + extra <= _LONGEST


def _with_scheme(found: re.Match[str]) -> Iterator[tuple[int, int]]:
    start = found.end("before")
    short = _SHORT.match(found.string, start, found.end())
    if short is None:
        yield start, found.end()
    elif len(short["slug"]) <= _LONGEST_SLUG:  # what follows the slug is text again
        yield short.span()


def _without_scheme(found: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Only names in Latin letters; a path makes its query part of the address, a bare name does not."""
    if found["before"] in ("-", "_", ".", "/"):
        return
    names = [match.span() for match in _PLAIN_HOST.finditer(found.string, found.start("host"), found.end("host"))]
    yield from names[:-1]
    if names:
        yield names[-1][0], found.end() if found["path"] else names[-1][1]


def _words(text: str) -> int:
    total = done = 0
    for emoji in EMOJI.finditer(text):
        total += sum(map(_weight, text[done : emoji.start()])) + PER_EMOJI
        done = emoji.end()
    return total + sum(map(_weight, text[done:]))


def _weight(character: str) -> int:
    code = ord(character)
    return 1 if any(first <= code <= last for first, last in _LIGHT) else 2
