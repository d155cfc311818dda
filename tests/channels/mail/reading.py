"""Mails to read in tests: recorded ones by name, and small ones put together from headers and a body."""

from pathlib import Path

from app.channels.contract import DeliveryReport, Incoming, OwnPost, Reaction
from app.channels.mail.own import OwnMail
from app.channels.mail.parse import parse_mail

MAILS = Path(__file__).parent / "mails"

OWN = OwnMail(
    own_addresses=frozenset({"info@voorbeeldstad.example", "wmo@voorbeeldstad.example"}),
    own_domain="voorbeeldstad.example",
    authserv_ids=frozenset({"mx.voorbeeldstad.example"}),
    form_senders=frozenset({"formulier@webbouwer.example"}),
)


def recorded(name: str) -> bytes:
    return (MAILS / f"{name}.eml").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def mail(body: str | bytes = "Hallo", /, **headers: str | bytes) -> bytes:
    """A mail with these headers (`content_type=…`); From, Subject and Message-ID unless given. CRLF line ends."""
    given: dict[str, str | bytes] = {
        "from": "Sanne Voorbeeld <sanne@burger.example>",
        "subject": "Een vraag",
        "message_id": "<1@burger.example>",
        **headers,
    }
    lines = [
        name.replace("_", "-").title().encode() + b": " + _bytes(value) for name, value in given.items() if value != ""
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + _bytes(body).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def parts(*inner: bytes, kind: str = "mixed", **headers: str | bytes) -> bytes:
    """A multipart mail of parts that `part` made."""
    body = b"".join(b"--grens\n" + one + b"\n" for one in inner) + b"--grens--\n"
    return mail(body, content_type=f'multipart/{kind}; boundary="grens"', **headers)


def part(content_type: str, body: str | bytes, **headers: str) -> bytes:
    lines = [f"Content-Type: {content_type}", *(f"{k.replace('_', '-').title()}: {v}" for k, v in headers.items())]
    return "\n".join(lines).encode() + b"\n\n" + _bytes(body)


def read(raw: bytes, own: OwnMail = OWN, **meta: str) -> Reaction:
    (only,) = parse_mail(raw, own=own, meta=meta)
    assert isinstance(only, Reaction)
    return only


def read_all(raw: bytes, own: OwnMail = OWN, **meta: str) -> list[Incoming]:
    return list(parse_mail(raw, own=own, meta=meta))


def read_reports(raw: bytes) -> list[DeliveryReport]:
    return [one for one in read_all(raw) if isinstance(one, DeliveryReport)]


def read_own(raw: bytes, own: OwnMail = OWN) -> OwnPost:
    (only,) = parse_mail(raw, own=own, meta={})
    assert isinstance(only, OwnPost)
    return only


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
