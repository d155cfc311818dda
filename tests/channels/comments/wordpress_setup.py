"""Short ways to a WordPress channel in tests."""

from pydantic import SecretStr

from app.channels.comments.wordpress import WordPressChannel
from app.channels.comments.wordpress_api import Http
from app.channels.comments.wordpress_settings import WordPressSettings
from app.channels.contract import Incoming, OutgoingMessage, RawItem, Recipient, Subject, Thread
from app.clock import Clock, now
from app.fetch import fetch
from app.vocabulary import AddressKind, Visibility
from tests.servers.wordpress import WordPress

SECRET = "geheim-van-de-plug-in"


def settings(url: str, user: str, password: str, **more: object) -> WordPressSettings:
    """The settings of an account."""
    values = {"site_url": url, "user": user, "application_password": SecretStr(password), "webhook_secret": SECRET}
    return WordPressSettings.model_validate({**values, **more})


def channel_of(site: WordPress, *, http: Http = fetch, clock: Clock = now, **more: object) -> WordPressChannel:
    """The channel of a real site, as its administrator."""
    return WordPressChannel(settings(site.url, site.user, site.password, **more), http=http, clock=clock)


def read(channel: WordPressChannel, cursor: str | None = None) -> tuple[list[Incoming], list[RawItem], str]:
    """What a run gives: meanings, items, and the cursor after it."""
    items: list[RawItem] = []
    for page in channel.pull(cursor):
        items += page.items
        cursor = page.cursor
    assert cursor is not None
    return [said for item in items for said in channel.parse(item)], items, cursor


def answer(parent: int | str, text: str, key: str = "wk1.0123456789abcdef", **more: object) -> OutgoingMessage:
    """An answer under a comment."""
    values: dict[str, object] = {
        "key": key, "text": text, "thread": Thread(parent_id=str(parent)), "visibility": Visibility.PUBLIC,
        "recipient": Recipient(AddressKind.EMAIL, "een.bewoner@burgers.example"),
    }  # fmt: skip
    return OutgoingMessage(**values | more)  # type: ignore[arg-type]


def under_page(post: int) -> Thread:
    """Where a publication without a parent goes."""
    return Thread(subject=Subject(f"post:{post}"))
