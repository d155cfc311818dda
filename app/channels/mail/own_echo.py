"""Our own mail coming back: from a Sent folder, a copy to ourselves, a mailing list.

Why not the Message-ID's domain alone: a colleague's mail program and a website's form mail make ids in the same domain, and
a citizen's words must never be taken for our own. So it also has the form of a delivery's key, or what only `compose`
writes together.
"""

import re

from app.channels.mail.addresses import Mailbox, mailboxes
from app.channels.mail.identity import own_key
from app.channels.mail.mime import Headers
from app.channels.mail.own import OwnMail, tag_of

_KEY = re.compile(r"wk\d{1,19}\.[0-9a-f]{16}")  # as a delivery's key is made


def is_own_echo(headers: Headers, external_id: str, author: Mailbox, own: OwnMail) -> bool:
    """From an address of ours, with an id in our domain, and our kind of key, our Reply-To or our marks of a machine."""
    key = own_key(external_id, own)
    if not key or not own.is_own(author.address):
        return False
    if _KEY.fullmatch(key):
        return True
    if any(_comes_home(box.address, own) for value in headers.every("reply-to") for box in mailboxes(value)):
        return True
    automatic = headers.first("auto-submitted").lower().startswith("auto-")
    return automatic and headers.first("x-auto-response-suppress").lower() == "all"


def comes_by_list(headers: Headers, external_id: str, own: OwnMail) -> bool:
    """Our own mail sent round by a mailing list, which puts its own name in From."""
    return "list-id" in headers and bool(_KEY.fullmatch(own_key(external_id, own)))


def _comes_home(address: str, own: OwnMail) -> bool:
    if own.is_own(address) and tag_of(address):
        return True
    before, mark, after = own.reply_template.lower().partition("{token}")
    return bool(mark) and address.startswith(before) and address.endswith(after) and len(address) > len(before + after)
