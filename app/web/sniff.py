"""What a file is by its first bytes; its name and whatever its sender says never decide.

Only what an office sends and browsers show; everything else is bytes. Markup is text: nobody here opens it as a page.
"""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "application/ogg"),
    (b"{\\rtf", "application/rtf"),
)
BYTES = "application/octet-stream"


def content_type(head: bytes) -> str:
    """The media type of a file that begins with `head` (a few hundred bytes are enough)."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF" and head[8:12] in (b"WEBP", b"WAVE"):
        return "image/webp" if head[8:12] == b"WEBP" else "audio/wav"
    if head[4:8] == b"ftyp":
        return "image/avif" if head[8:12] == b"avif" else "video/mp4"
    return "text/plain" if head and _text(head) else BYTES


def _text(head: bytes) -> bool:
    try:
        decoded = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":  # else a character was cut in two at the end of the head
            return False
        decoded = head[: error.start].decode("utf-8")
    return all(c.isprintable() or c in "\r\n\t\f" for c in decoded)
