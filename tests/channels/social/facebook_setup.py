"""A Facebook page at an emulator, with the clock of both."""

from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from pydantic import SecretStr

from app.channels.contract import OutgoingMessage, Page, RawItem, Recipient, Thread, WebhookRequest
from app.channels.social.facebook import FacebookChannel
from app.channels.social.facebook_settings import FacebookSettings
from app.vocabulary import AddressKind, Visibility
from tests.channels.social.moving_clock import MovingClock
from tests.emulators.facebook import SCOPES, Facebook
from tests.emulators.facebook_state import APP_ID, APP_SECRET, PAGE_ID, PAGE_TOKEN

PAUL = ("61002", "Paul Anders")
HOOK = "https://weerklank.voorbeeldstad.example/hooks/k"


@dataclass
class Setup:
    """The emulator, our channel, their common time, and the keys of what was brought before."""

    service: Facebook
    channel: FacebookChannel
    clock: MovingClock
    base: str
    seen: set[str] = field(default_factory=set)

    def later(self, **by: float) -> None:
        """Both clocks move."""
        self.clock.move(**by)
        self.service.moment = self.clock.moment.astimezone(UTC)


def connected(base: str, **changes: Any) -> FacebookSettings:
    """The settings of a connected page."""
    values: dict[str, Any] = {
        "app_id": APP_ID, "app_secret": SecretStr(APP_SECRET), "verify_token": SecretStr("woord"), "api_url": base,
        "dialog_url": base, "access_token": SecretStr(PAGE_TOKEN), "page_id": PAGE_ID, "scopes": tuple(SCOPES),
    }  # fmt: skip
    return FacebookSettings(**values | changes)


def set_up(service: Facebook, base: str, **changes: Any) -> Setup:
    """A channel at a served emulator."""
    clock = MovingClock()
    service.moment = clock.moment
    return Setup(service, FacebookChannel(connected(base, **changes), clock=clock), clock, base)


def answer(to: str, text: str, **more: Any) -> OutgoingMessage:
    """Our answer to a comment."""
    root = more.pop("root", to)
    return OutgoingMessage(
        "d-1", Recipient(AddressKind.HANDLE, "facebook:61001"), text, visibility=more.pop("visibility", Visibility.PUBLIC),
        thread=Thread(parent_id=to, root_id=root, references=more.pop("references", (to,))), **more,
    )  # fmt: skip


def pushed(setup: Setup, body: bytes, headers: dict[str, str]) -> WebhookRequest:
    """A push as it reaches us."""
    return WebhookRequest("POST", HOOK, headers, body, "192.0.2.1", setup.clock())


def items(pages: list[Page]) -> list[RawItem]:
    """Everything in some pages."""
    return [item for page in pages for item in page.items]
