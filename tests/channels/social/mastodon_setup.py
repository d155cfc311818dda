"""Short ways to a Mastodon channel at an emulated server."""

from pydantic import SecretStr

from app.channels.contract import Incoming, OutgoingMessage, RawItem, Recipient, Thread
from app.channels.social.mastodon import SCOPES, MastodonChannel
from app.channels.social.mastodon_settings import MastodonSettings
from app.vocabulary import AddressKind, Visibility
from tests.emulators.mastodon import Mastodon


def connected(server: Mastodon, base: str, **more: object) -> MastodonSettings:
    """The settings of a connected account."""
    token = SecretStr("token-of-gemeente")
    values = {"api_url": base, "access_token": token, "account_id": server.own.id, "scopes": SCOPES, **more}
    return MastodonSettings.model_validate(values)


def read(channel: MastodonChannel, cursor: str | None = None) -> tuple[list[Incoming], list[RawItem], str]:
    """What a run gives: meanings, items, and the cursor after it."""
    items: list[RawItem] = []
    for page in channel.pull(cursor):
        items += page.items
        cursor = page.cursor
    assert cursor is not None
    return [said for item in items for said in channel.parse(channel.complete(item))], items, cursor


def answer(parent: str, text: str, **more: object) -> OutgoingMessage:
    """Our answer to Jan's post."""
    values: dict[str, object] = {
        "key": "delivery-1", "text": text, "thread": Thread(parent_id=parent), "visibility": Visibility.PUBLIC,
        "recipient": Recipient(AddressKind.HANDLE, "mastodon:jan@elders.example"),
    }  # fmt: skip
    return OutgoingMessage(**values | more)  # type: ignore[arg-type]
