"""The body of a mail that we send: text, its HTML, pictures inside it and files beside it. Pure, apart from `open()`.

Text goes as quoted-printable at all times. Why not 8bit where the server offers it: the next server may not, and whoever
re-encodes a mail on its way breaks its DKIM signature.
"""

import html as html_
import re
from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import quote

from app.channels.contract import AttachmentOut, OutgoingMessage
from app.channels.mail.write_headers import one_line

Picture = tuple[AttachmentOut, str]  # with its Content-ID

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")


def body(message: OutgoingMessage, id_domain: str) -> bytes:
    """Content headers, an empty line and the content.

    A picture that is `inline` stands where the HTML says `cid:` and its name, or else below the text; without HTML it is
    a file like the others. Its alternative text travels as `alt` and as Content-Description.
    """
    attachments = [replace(a, name=_written(a.name), alt=_written(a.alt)) for a in message.attachments]
    inside = [a for a in attachments if a.inline and message.html]
    pictures = [(a, f"{n}.{message.key}@{id_domain}") for n, a in enumerate(inside)]
    mail = EmailMessage(policy=SMTP)
    mail.set_content(_lines(message.text), charset="utf-8", cte="quoted-printable")
    if message.html:
        rich = _with_pictures(_lines(message.html), pictures)
        mail.add_alternative(rich, subtype="html", charset="utf-8", cte="quoted-printable")
        _add_pictures(mail, pictures)
    for file in (a for a in attachments if a not in inside):
        main, sub = _media_type(file)
        mail.add_attachment(file.open(), main, sub, filename=_name(file))
        _describe(mail, file)
    return mail.as_bytes()


def _add_pictures(mail: EmailMessage, pictures: Sequence[Picture]) -> None:
    rich = list(mail.iter_parts())[-1]
    assert isinstance(rich, EmailMessage)
    for picture, cid in pictures:
        main, sub = _media_type(picture)
        name = _name(picture)
        rich.add_related(picture.open(), main, sub, cid=f"<{cid}>", filename=name, disposition="inline")
        _describe(rich, picture)


def _with_pictures(rich: str, pictures: Sequence[Picture]) -> str:
    for picture, cid in pictures:
        written = {picture.name, html_.escape(picture.name), quote(picture.name)}
        places = [f"{mark}cid:{name}{mark}" for name in written for mark in ('"', "'")]
        if not any(place in rich for place in places):
            rich += f'<p><img src="cid:{cid}" alt="{html_.escape(picture.alt)}"></p>'
        for place in places:
            rich = rich.replace(place, f'"cid:{cid}"')
    return rich


def _describe(parent: EmailMessage, attachment: AttachmentOut) -> None:
    """Put the alternative text on the part that was added last."""
    part = list(parent.iter_parts())[-1]
    if attachment.alt:
        part["Content-Description"] = one_line(attachment.alt)[:500]


def _media_type(attachment: AttachmentOut) -> tuple[str, str]:
    """Main and sub type; a type that changes what a mail *is* (another mail, a multipart) goes as plain bytes."""
    kind = attachment.content_type.partition(";")[0].strip().lower()
    main, _, sub = kind.partition("/")
    if not _TYPE.fullmatch(kind) or main in ("message", "multipart"):
        return "application", "octet-stream"
    return main, sub


def _name(attachment: AttachmentOut) -> str:
    return one_line(attachment.name).replace("/", "_").replace("\\", "_").strip()[:200] or "bijlage"


def _lines(text: str) -> str:
    return _written(text).replace("\r\n", "\n").replace("\r", "\n")


def _written(text: str) -> str:
    """The text without what UTF-8 and mail cannot carry: lone surrogates and NUL."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")
