"""Which message this is. Pure.

Mail means the same at every account (`shared`), so its identity holds over all of them: the Message-ID with a digest of
the content. The same id with other content is another message; the same mail in two mailboxes is one. Everywhere else
the service gives out ids per account, so the account belongs to the identity.
"""

import hashlib

from app.channels.contract import Reaction


def of(account_id: int, reaction: Reaction) -> str:
    """The identity of a reaction, 64 hexadecimal digits; `message.identity` is unique."""
    if reaction.shared:
        return _hashed("shared", reaction.external_id, reaction.digest)
    return _hashed("account", str(account_id), reaction.external_id, reaction.digest)


def of_post(account_id: int, external_id: str) -> str:
    """The identity of something that our side said in the platform's own app."""
    return _hashed("own_post", str(account_id), external_id)


def _hashed(*pieces: str) -> str:
    """Each piece goes in with its length, so that no two lists of pieces give the same bytes."""
    total = hashlib.sha256()
    for piece in pieces:
        data = piece.encode("utf-8", "surrogatepass")
        total.update(b"%d:" % len(data))
        total.update(data)
    return total.hexdigest()
