"""File names from strangers: only ever shown and offered for download, never a path of ours; still nothing in them may lie.

Path parts go, so do control characters and the marks that turn writing direction (`exe.fdp` shown for `pdf.exe`).
"""

import mimetypes
import re

from app.channels.mail.charset import one_line
from app.channels.mail.limits import MAX_NAME

_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c\ufeff\u200b]")
_RESERVED = re.compile(r'[<>:"|?*]')
_BLANKS = re.compile(r"\s+")


def safe_name(name: str, content_type: str, number: int) -> str:
    """A name of 1 to `MAX_NAME` characters. Without one: `attachment-<number>` with an ending that fits the type."""
    text = _TURNING.sub("", one_line(name)).replace("\\", "/").rstrip("/").rpartition("/")[2]
    text = _BLANKS.sub(" ", _RESERVED.sub("_", text)).strip(" .")
    if not text:
        return f"attachment-{number}{_ending(content_type)}"
    if len(text) <= MAX_NAME:
        return text
    stem, dot, ending = text.rpartition(".")
    return f"{stem[: MAX_NAME - 21]}.{ending}" if dot and len(ending) <= 20 else text[:MAX_NAME]


def _ending(content_type: str) -> str:
    if content_type == "message/rfc822":
        return ".eml"
    return mimetypes.guess_extension(content_type, strict=False) or ""
