"""A Flickr account at an emulator, with the clock of both."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from app.channels.contract import Incoming, OutgoingMessage, Recipient, Subject, Thread
from app.channels.social.flickr import FlickrChannel
from app.channels.social.flickr_settings import FlickrSettings
from app.vocabulary import AddressKind, Visibility
from tests.channels.social.moving_clock import MovingClock
from tests.emulators.flickr import API_KEY, API_SECRET, TOKEN, TOKEN_SECRET, Flickr
from tests.emulators.flickr_state import ANNA, OWN


@dataclass
class Setup:
    """The emulator, our channel, and their common time."""

    service: Flickr
    channel: FlickrChannel
    clock: MovingClock
    base: str
    cursor: str | None = None
    keys: list[str] = field(default_factory=list)

    def later(self, **by: float) -> None:
        """Both clocks move."""
        self.clock.move(**by)
        self.service.moment = self.clock.moment

    def read(self) -> list[Incoming]:
        """What one run brings; the next goes on where it ended."""
        found: list[Incoming] = []
        self.keys = []
        for page in self.channel.pull(self.cursor):
            self.cursor = page.cursor
            for item in page.items:
                self.keys.append(item.key)
                found += self.channel.parse(item)
        return found

    def texts(self) -> list[str]:
        """The texts of one run, once each."""
        return list(dict.fromkeys(str(getattr(one, "text", "gone")) for one in self.read()))


def connected(base: str, **changes: Any) -> FlickrSettings:
    """The settings of a connected account."""
    values: dict[str, Any] = {
        "api_key": API_KEY, "api_secret": SecretStr(API_SECRET), "api_url": base, "site_url": base, "nsid": OWN[0],
        "token": SecretStr(TOKEN), "token_secret": SecretStr(TOKEN_SECRET), "user_name": OWN[1],
    }  # fmt: skip
    return FlickrSettings(**values | changes)


def set_up(service: Flickr, base: str, **changes: Any) -> Setup:
    """A channel at a served emulator."""
    clock = MovingClock()
    service.moment = clock.moment
    return Setup(service, FlickrChannel(connected(base, **changes), clock=clock), clock, base)


def answer(photo: str, to: str, text: str, **more: Any) -> OutgoingMessage:
    """Our answer to Anna's comment under a photo."""
    recipient = more.pop("recipient", Recipient(AddressKind.HANDLE, f"flickr:{ANNA[0].lower()}"))
    subject = Subject(photo) if photo else None
    thread = Thread(to, to, more.pop("references", (to,)), subject)
    return OutgoingMessage(
        "d-1", recipient, text, visibility=more.pop("visibility", Visibility.PUBLIC), thread=thread, **more
    )
