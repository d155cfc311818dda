"""Something added from the status page: a reaction like every other, whose author is known by the link that they hold.

It goes through the account's own form, so it is journalled, identified and threaded as everything is. It is never published.
"""

import json
import re
import secrets
from collections.abc import Mapping

from fastapi import Request

from app.accounts.directory import AccountRow
from app.channels.contract import Channel
from app.errors import DomainError
from app.public.body import JSON, Body
from app.public.sites import HandsOutForms
from app.public.status_rows import Status
from app.public.status_token import Opened
from app.public.submit import Receipt, submit
from app.web.i18n import language_of
from app.web.state import State

_ID = re.compile(r"[0-9a-f]{8,40}")


def door(state: State, known: Status) -> tuple[AccountRow | None, Channel | None]:
    """The account that a further message goes in by; none where the ticket came by mail, which is answered by mail."""
    try:
        account = state.accounts.row(known.account_id)
        channel = state.accounts.channel_of(account)
    except DomainError:
        return None, None
    usable = account.active and isinstance(channel, HandsOutForms)
    return (account, channel) if usable else (None, None)


def send(
    request: Request, account: AccountRow, opened: Opened, known: Status, token: str, fields: Mapping[str, str]
) -> Receipt:
    """Store and admit it. Raises as `submit` does. The id in the form makes a second click harmless."""
    given = fields.get("id", "")
    own = given if _ID.fullmatch(given) else secrets.token_hex(12)
    sent = {
        "id": f"{opened.ticket_id}:{own}",
        "page": known.page or "status",
        "page_title": known.page_title[:200],
        "page_url": known.page_url[:2000],
        "text": fields.get("text", ""),
        "name": known.name[:200],
        "status_token": token,
        "language": language_of(request).value,
        "private": True,
    }
    kind, address = known.address
    return submit(request, account, Body(json.dumps(sent).encode(), JSON), caller=f"contact:{kind.value}:{address}")
