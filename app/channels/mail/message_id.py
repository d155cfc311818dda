"""Message-IDs that we write: our own, made from a delivery's key, and those of the mails that we answer. Pure."""

import re
from collections.abc import Sequence

from app.channels.contract import Refused

_KEY = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,200}")
_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_LONGEST = 300  # a longer id would not fit a line once folded (RFC 5322 2.1.1), and none has been seen
_FIRST, _LAST = 1, 19


def message_id(key: str, domain: str) -> str:
    """`<key@domain>`: the same at every try of one delivery, so that a second copy can be recognised as one."""
    if not _KEY.fullmatch(key):
        raise Refused("this delivery's key cannot stand in a Message-ID", code="message-id")
    return f"<{key}@{domain}>"


def cited(external_id: str) -> str:
    """The id between brackets, as In-Reply-To wants it; empty for what is no Message-ID (a mail that had none)."""
    bare = external_id.strip().removeprefix("<").removesuffix(">")
    return f"<{bare}>" if len(bare) <= _LONGEST and _ID.fullmatch(f"<{bare}>") else ""


def chain(references: Sequence[str], parent_id: str) -> list[str]:
    """References, oldest first, the parent last, each once; of a long chain the first and the last (RFC 5322 3.6.4)."""
    ids = [i for i in map(cited, [*references, parent_id]) if i]
    parent = cited(parent_id)
    unique = [i for i in dict.fromkeys(ids) if i != parent] + ([parent] if parent else [])
    return unique if len(unique) <= _FIRST + _LAST else unique[:_FIRST] + unique[-_LAST:]
