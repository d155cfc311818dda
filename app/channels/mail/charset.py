"""Bytes to text, whatever the mail says about itself.

Order: what was declared, when it fits; UTF-8, when it fits strictly; else Windows-1252 with replacement. ISO-8859-1 is read
as Windows-1252 (as browsers do: the euro sign), and a Western charset whose non-ASCII bytes happen to form valid UTF-8 is
UTF-8, since such a coincidence does not happen in real text.

Why no guessing library: on short Dutch they are wrong (`ge\\xebrgerd` became cp1006).
"""

import codecs
import re
from functools import lru_cache

_ALIASES = {
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "utf-8",
    "ascii": "utf-8", "ansi": "cp1252", "x-ansi": "cp1252", "windows-1252": "cp1252", "x-cp1252": "cp1252",
    "gb2312": "gb18030", "iso-gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "cn-gb": "gb18030",
    "gb_2312-80": "gb18030", "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "euc-kr": "cp949", "x-windows-949": "cp949",
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "sjis": "cp932", "x-euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext", "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "big5": "big5hkscs",
    "x-big5": "big5hkscs", "unicode-1-1-utf-7": "utf-7", "x-unknown": "", "unknown-8bit": "", "default": "",
    "iso-8859-8-i": "iso-8859-8", "iso-8859-6-i": "iso-8859-6", "utf8": "utf-8", "tis-620": "cp874",
}  # fmt: skip

# Decoders that are no charset of a mail: quadratic (punycode), raising (undefined) or executing escapes.
_NOT_FOR_MAIL = frozenset({"punycode", "idna", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"})

_WESTERN = frozenset({"cp1252", "iso8859-15"})
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]+")
_REPLACED = "\ufffd"


@lru_cache(maxsize=512)
def codec_name(declared: str) -> str:
    """The codec for a charset's name in a mail, or an empty string for an unknown, absent or unsuitable one."""
    name = declared.strip().strip("\"'").strip().lower().partition("*")[0]
    name = _ALIASES.get(name, name)
    name = name.removeprefix("x-")
    if not name or len(name) > 40 or not name.isascii():
        return ""
    try:
        found = codecs.lookup(name).name
        b"abcd".decode(name, "replace")  # refuses codecs that are no text encoding (zlib, hex)
    except (LookupError, ValueError):
        return ""
    return "" if found.replace("_", "-") in _NOT_FOR_MAIL else found


def decode(data: bytes, declared: str = "") -> str:
    """The text of `data`; total: never raises."""
    if data.isascii() and b"\x1b" not in data and b"+" not in data and b"~" not in data:
        return data.decode("ascii") if b"\x00" not in data else storable(_decode(data, codec_name(declared)))
    return storable(_decode(data, codec_name(declared)))


def _decode(data: bytes, codec: str) -> str:
    if codec in _WESTERN:
        return _strict(data, "utf-8") or _strict(data, codec) or data.decode("cp1252", "replace")
    text = _strict(data, codec) if codec else None
    if text is None:
        text = _strict(data, "utf-8")
    return _lossy(data, codec) if text is None else text


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _lossy(data: bytes, codec: str) -> str:
    """Nothing fits. Mostly good UTF-8 with a damaged character stays UTF-8; a multi-byte charset stays itself."""
    text = data.decode("utf-8", "replace")
    good = sum(1 for c in text[:20_000] if c > "\x7f" and c != _REPLACED)
    if good >= 4 * text[:20_000].count(_REPLACED):
        return text
    if codec and codec not in ("utf-8", "utf-7") and codec not in _WESTERN:
        return data.decode(codec, "replace")
    return data.decode("cp1252", "replace")


def storable(text: str) -> str:
    """NUL and lone surrogates replaced: a database refuses the first, an encoder the second."""
    if text.isascii():
        return text.replace("\x00", _REPLACED) if "\x00" in text else text
    return _UNSTORABLE.sub(_REPLACED, text)


def one_line(text: str) -> str:
    """For names and subjects: control characters and line breaks become one space, blanks at the ends go."""
    return text.strip() if text.isprintable() else _CONTROLS.sub(" ", storable(text)).strip()
