"""The body of a mail that we send: text, its HTML, pictures inside it and files beside it. Pure, apart from `open()`.

Text goes as quoted-printable at all times. Why not 8bit where the server offers it: the next server may not, and whoever
re-encodes a mail on its way breaks its DKIM signature.
"""

import html as html_
import re
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import quote

from app.channels.contract import AttachmentOut, OutgoingMessage

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")


def body(message: OutgoingMessage, id_domain: str) -> bytes:
    """Content headers, an empty line and the content.

    A picture that is `inline` stands where the HTML says `cid:` and its name, or else below the text; without HTML it is
    a file like the others. Its alternative text travels as `alt` and as Content-Description.
    """
    pictures = [a for a in message.attachments if a.inline and message.html]
    files = [a for a in message.attachments if not (a.inline and message.html)]
    mail = EmailMessage(policy=SMTP)
    mail.set_content(_lines(message.text), charset="utf-8", cte="quoted-printable")
    if message.html:
        cids = {a.name: f"{n}.{message.key}@{id_domain}" for n, a in enumerate(pictures)}
        rich = _with_pictures(_lines(message.html), pictures, cids)
        mail.add_alternative(rich, subtype="html", charset="utf-8", cte="quoted-printable")
        _add_pictures(mail, pictures, cids)
    for file in files:
        _describe(_add_file(mail, file), file)
    return mail.as_bytes()


def _add_pictures(mail: EmailMessage, pictures: Sequence[AttachmentOut], cids: Mapping[str, str]) -> None:
    rich = list(mail.iter_parts())[-1]
    assert isinstance(rich, EmailMessage)
    for picture in pictures:
        main, sub = _media_type(picture)
        rich.add_related(
            picture.open(), main, sub, cid=f"<{cids[picture.name]}>", filename=_name(picture), disposition="inline"
        )
        _describe(list(rich.iter_parts())[-1], picture)


def _add_file(mail: EmailMessage, file: AttachmentOut) -> object:
    main, sub = _media_type(file)
    mail.add_attachment(file.open(), main, sub, filename=_name(file))
    return list(mail.iter_parts())[-1]


def _with_pictures(rich: str, pictures: Sequence[AttachmentOut], cids: Mapping[str, str]) -> str:
    for picture in pictures:
        cid, found = cids[picture.name], False
        for written in (picture.name, html_.escape(picture.name), quote(picture.name)):
            for mark in ('"', "'"):
                found = found or f"{mark}cid:{written}{mark}" in rich
                rich = rich.replace(f"{mark}cid:{written}{mark}", f'"cid:{cid}"')
        if not found:
            rich += f'<p><img src="cid:{cid}" alt="{html_.escape(picture.alt)}"></p>'
    return rich


def _describe(part: object, attachment: AttachmentOut) -> None:
    if attachment.alt and isinstance(part, EmailMessage):
        part["Content-Description"] = _CONTROL.sub(" ", attachment.alt)[:500]


def _media_type(attachment: AttachmentOut) -> tuple[str, str]:
    """Main and sub type; a type that changes what a mail *is* (another mail, a multipart) goes as plain bytes."""
    kind = attachment.content_type.partition(";")[0].strip().lower()
    main, _, sub = kind.partition("/")
    if not _TYPE.fullmatch(kind) or main in ("message", "multipart"):
        return "application", "octet-stream"
    return main, sub


def _name(attachment: AttachmentOut) -> str:
    return _CONTROL.sub(" ", attachment.name).replace("/", "_").replace("\\", "_").strip()[:200] or "bijlage"


def _lines(text: str) -> str:
    clean = text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")
    return clean.replace("\r\n", "\n").replace("\r", "\n")
