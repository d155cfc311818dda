"""Pictures that came along with a post: fetched once, bounded, never from inside the house.

Only previews are fetched; what cannot be (gone, too large, an address that is not public) stays as an entry that says
that it existed, since a picture that is away must not keep its text from anybody.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import httpx

from app.channels.contract import AttachmentIn
from app.channels.social.api import Http
from app.fetch import FetchError

MOST = 8
LARGEST = 5 * 1_048_576  # bytes
DEADLINE = 10.0  # seconds
UNKNOWN = "application/octet-stream"
_TYPES = {
    b"\x89PNG": ("image/png", "png"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
    b"GIF8": ("image/gif", "gif"),
    b"RIFF": ("image/webp", "webp"),
}


def fetch_pictures(http: Http, pictures: Iterable[tuple[str, str]], own_base: str) -> Mapping[str, bytes]:
    """The bytes of (id, address) pairs, by id. An address at the account's own service may be inside the house."""
    found: dict[str, bytes] = {}
    for name, url in list(pictures)[:MOST]:
        content = _fetched(http, url, foreign=not _same_server(url, own_base))
        if content is not None and _kind(content) is not None:
            found[name] = content
    return found


def attachment(name: str, url: str, completed: Mapping[str, bytes], *, alt: str = "") -> AttachmentIn:
    """The entry for one picture or film: with its bytes where they were fetched."""
    content = completed.get(name)
    kind = _kind(content) if content is not None else None
    if content is None or kind is None:
        return AttachmentIn(url.rpartition("/")[2].partition("?")[0][:100] or name, UNKNOWN, None, 0, alt=alt)
    return AttachmentIn(f"{name}.{kind[1]}", kind[0], content, len(content), alt=alt)


def _fetched(http: Http, url: str, *, foreign: bool) -> bytes | None:
    try:
        answer = http("GET", url, deadline=DEADLINE, limit=LARGEST, foreign=foreign, redirects=3 if foreign else 0)
    except (
        FetchError,
        ValueError,
        httpx.InvalidURL,
    ):  # a picture that is away is said in its entry, which has no bytes then
        return None
    return answer.body if answer.status == 200 else None


def _same_server(url: str, base: str) -> bool:
    try:
        return urlsplit(url)[:2] == urlsplit(base)[:2]
    except ValueError:
        return False


def _kind(content: bytes) -> tuple[str, str] | None:
    return next((kind for start, kind in _TYPES.items() if content.startswith(start)), None)
