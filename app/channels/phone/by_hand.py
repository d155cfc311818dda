"""What employees write down themselves: calls taken, letters, the counter, cards of a meeting evening.

Nothing is connected: the account is there so that such tickets have a place of arrival, with its own theme, receipts and
counts, as every other has. What somebody answers goes over a real channel (mail, SMS, a call) that fits the address that
was written down, or is told by the employee and noted.
"""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from app.channels.contract import AccountConfig, Audience, Channel, Health, Incoming, Kind, Limits, RawItem, Unreadable

AUDIENCE = Audience(public=False, labels={"nl": "Niemand: u antwoordt zelf", "en": "Nobody: you answer yourself"})


class ByHandSettings(BaseModel):
    """Nothing to set."""

    model_config = ConfigDict(extra="forbid")


class ByHand:
    """A place of arrival without a service."""

    limits = Limits(audience=AUDIENCE)

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        """Nothing comes in by itself."""
        raise Unreadable(f"nothing is received here ({len(item.body)} bytes)")

    def check(self) -> Health:
        """Always well: there is no service behind it."""
        return Health()


def build(config: AccountConfig) -> Channel:
    """The channel of one account."""
    assert isinstance(config.settings, ByHandSettings)
    return ByHand()


KIND = Kind(
    key="phone.by_hand",
    labels={"nl": "Met de hand ingevoerd", "en": "Entered by hand"},
    settings=ByHandSettings,
    channel=ByHand,
    build=build,
)
