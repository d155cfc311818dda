"""What a file is by its first bytes. What the mail declares is somebody's claim: it counts only where it does no harm.

An HTML page named `photo.jpg` is `text/html`; a program is a program under any name.
"""

import re

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/x-executable"),
    (b"\xcf\xfa\xed\xfe", "application/x-executable"),
    (b"#!", "text/x-script"),
    (b"{\\rtf", "application/rtf"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"BEGIN:VCALENDAR", "text/calendar"),
    (b"BEGIN:VCARD", "text/vcard"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
)
_HTML = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body|script|iframe|meta|table|div|p|a|h1)[\s>/]", re.IGNORECASE | re.DOTALL)  # fmt: skip  # noqa: E501
_SVG = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,300}>\s*)?(?:<!--.{0,500}?-->\s*)?(?:<!DOCTYPE svg[^>]{0,500}>\s*)?<svg[\s>]", re.IGNORECASE | re.DOTALL)  # fmt: skip  # noqa: E501
_XML = re.compile(rb"\s*(?:\xef\xbb\xbf)?<\?xml[\s?]", re.IGNORECASE)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE = {
    b"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OLE_KINDS = {"doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint", "msg": "application/vnd.ms-outlook"}  # fmt: skip  # noqa: E501
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}\Z")
_BY_CONTENT_ONLY = (
    "image/",
    "text/html",
    "application/xhtml",
    "text/javascript",
    "application/javascript",
    "application/pdf",
    "multipart/",
)
_START = 4_096


def sniffed(content: bytes, declared: str, name: str) -> str:
    """The media type to keep. Types that a browser would act on are believed only when the content says so."""
    start = content[:_START]
    found = _by_magic(start) or _by_container(content, name) or _by_markup(start)
    if found:
        return found
    claim = declared.lower()
    if not _TYPE.match(claim) or claim == "application/octet-stream" or claim.startswith(_BY_CONTENT_ONLY):
        return "text/plain" if _looks_like_text(start) else "application/octet-stream"
    if claim.startswith("text/") and b"\x00" in start:
        return "application/octet-stream"
    return claim


def _by_magic(start: bytes) -> str:
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            return kind
    if start[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(start[8:12], "")
    if start[4:8] == b"ftyp":
        brand = start[8:12]
        return {b"avif": "image/avif", b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heic", b"M4A ": "audio/mp4", b"qt  ": "video/quicktime"}.get(brand, "video/mp4")  # fmt: skip  # noqa: E501
    return ""


def _by_container(content: bytes, name: str) -> str:
    if content.startswith(_OLE):
        return _OLE_KINDS.get(name.rpartition(".")[2].lower(), "application/x-ole-storage")
    if not content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ""
    if content[30:38] == b"mimetype" and (found := re.match(rb"application/[a-z0-9.+-]{1,80}", content[38:130])):
        return found[0].decode("ascii")
    if b"[Content_Types].xml" in content[:_START] or b"_rels/" in content[:_START]:
        return next((kind for mark, kind in _OFFICE.items() if mark in content), "application/zip")
    return "application/zip"


def _by_markup(start: bytes) -> str:
    if _SVG.match(start):
        return "image/svg+xml"
    if _HTML.match(start):
        return "text/html"
    return "text/xml" if _XML.match(start) else ""


def _looks_like_text(start: bytes) -> bool:
    if not start or b"\x00" in start:
        return False
    strange = sum(1 for byte in start if byte < 9 or 13 < byte < 32)
    return strange * 100 < len(start)
