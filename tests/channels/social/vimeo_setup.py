"""A Vimeo account at an emulator, with the clock of both."""

from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from app.channels.contract import Incoming, OutgoingMessage, Recipient, Subject, Thread
from app.channels.social.vimeo import VimeoChannel
from app.channels.social.vimeo_settings import VimeoSettings
from app.vocabulary import AddressKind, Visibility
from tests.channels.social.moving_clock import MovingClock
from tests.emulators.vimeo import CLIENT, SCOPES, TOKEN, Vimeo
from tests.emulators.vimeo_state import OWN


@dataclass
class Setup:
    """The emulator, our channel, and their common time."""

    service: Vimeo
    channel: VimeoChannel
    clock: MovingClock
    base: str
    cursor: str | None = None

    def later(self, **by: float) -> None:
        """Both clocks move; the allowance begins anew."""
        self.clock.move(**by)
        self.service.moment = self.clock.moment
        self.service.used = 0

    def read(self) -> list[Incoming]:
        """What one run brings; the next goes on where it ended."""
        found: list[Incoming] = []
        self.keys: list[str] = []
        for page in self.channel.pull(self.cursor):
            self.cursor = page.cursor
            for item in page.items:
                self.keys.append(item.key)
                found += self.channel.parse(item)
        return found

    def texts(self) -> list[str]:
        """The texts of one run, once each."""
        return list(dict.fromkeys(str(getattr(one, "text", "gone")) for one in self.read()))


def connected(base: str, **changes: Any) -> VimeoSettings:
    """The settings of a connected account."""
    values: dict[str, Any] = {
        "client_id": CLIENT[0], "client_secret": SecretStr(CLIENT[1]), "api_url": base, "user_id": OWN[0],
        "access_token": SecretStr(TOKEN), "user_name": OWN[1], "scopes": tuple(SCOPES.split()),
    }  # fmt: skip
    return VimeoSettings(**values | changes)


def set_up(service: Vimeo, base: str, **changes: Any) -> Setup:
    """A channel at a served emulator."""
    clock = MovingClock()
    service.moment = clock.moment
    return Setup(service, VimeoChannel(connected(base, **changes), clock=clock), clock, base)


def answer(to: str, text: str, **more: Any) -> OutgoingMessage:
    """Our answer to a comment, or with an empty `to` a comment under `video`."""
    video = more.pop("video", "")
    thread = Thread(to, more.pop("root", to), more.pop("references", (to,)), Subject(video) if video else None)
    recipient = Recipient(AddressKind.HANDLE, "vimeo:7000055")
    return OutgoingMessage(
        "d-1", recipient, text, visibility=more.pop("visibility", Visibility.PUBLIC), thread=thread, **more
    )
