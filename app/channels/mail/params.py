"""Parameters of Content-Type and Content-Disposition, with RFC 2231 (continuations, charsets) and what senders do instead.

Linear in the length of the header: each character is looked at once.
"""

import re
from urllib.parse import unquote_to_bytes

from app.channels.mail.charset import decode
from app.channels.mail.words import decode_words

_PARAM = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.?)*)(?:"|\Z)|([^;]*))', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')
_LONGEST = 8_192


def parameters(value: str) -> dict[str, str]:
    """`text/plain; charset="utf-8"; name*0*=utf-8''a%20` → `{"charset": "utf-8", "name": "a "}`. Names lower case. Total."""
    if ";" not in value:
        return {}
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for found in _PARAM.finditer(value[:_LONGEST]):
        name = found[1].lower()
        text = _ESCAPED.sub(r"\1", found[2]) if found[2] is not None else found[3].strip()
        if "*" in name:
            _section(sections, name, text)
        elif name not in plain:
            plain[name] = decode_words(text) if "=?" in text else text
    for name, parts in sections.items():
        plain[name] = _joined(parts)
    return plain


def _section(sections: dict[str, dict[int, tuple[str, bool]]], name: str, text: str) -> None:
    base, _, rest = name.partition("*")
    encoded = rest.endswith("*") or not rest
    number = rest.rstrip("*")
    if number and not (number.isascii() and number.isdigit() and len(number) < 5):
        return
    sections.setdefault(base, {}).setdefault(int(number or 0), (text, encoded))


def _joined(parts: dict[int, tuple[str, bool]]) -> str:
    """The charset stands once, before the first section; the bytes are joined before they are decoded."""
    charset, data = "", b""
    for position, (_, (text, encoded)) in enumerate(sorted(parts.items())):
        value = text
        if encoded and position == 0 and text.count("'") >= 2:
            charset, _, value = text.split("'", 2)
        data += unquote_to_bytes(value) if encoded else value.encode("utf-8", "replace")
    return decode(data, charset)
