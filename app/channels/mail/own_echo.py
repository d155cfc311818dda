"""Our own mail coming back: from a Sent folder, a copy to ourselves, a mailing list.

Why not the Message-ID's domain alone: a colleague's mail program and a website's form mail make ids in the same domain, and
a citizen's words must never be taken for our own. So it also has what only `compose` writes together.
"""

from app.channels.mail.addresses import Mailbox, mailboxes
from app.channels.mail.identity import own_key
from app.channels.mail.mime import Headers
from app.channels.mail.own import OwnMail, tag_of


def is_own_echo(headers: Headers, external_id: str, author: Mailbox, own: OwnMail) -> bool:
    """From an address of ours, with an id in our domain, and our Reply-To with its token or our marks of a machine."""
    if not own.is_own(author.address) or not own_key(external_id, own):
        return False
    if any(_comes_home(box.address, own) for value in headers.every("reply-to") for box in mailboxes(value)):
        return True
    automatic = headers.first("auto-submitted").lower().startswith("auto-")
    return automatic and headers.first("x-auto-response-suppress").lower() == "all"


def _comes_home(address: str, own: OwnMail) -> bool:
    if own.is_own(address) and tag_of(address):
        return True
    before, mark, after = own.reply_template.lower().partition("{token}")
    return bool(mark) and address.startswith(before) and address.endswith(after) and len(address) > len(before + after)
