"""What the desk says of an answer on its way: sent, corrected, taken back, or a call that is being made."""

from collections.abc import Mapping

from app.vocabulary import DeliveryState
from app.web.i18n import _

Way = Mapping[DeliveryState, tuple[str, str, str]]
"""Tone, icon and sentence of each state of something on its way."""


def _way(
    *, waiting: str, going: str = "", sent: str, failed: str, uncertain: str, refused: str, cancelled: str = "",
    icon: str = "send",
) -> Way:  # fmt: skip
    """What is `going` says what `waiting` does where nothing else is said; so with what was `cancelled` and `refused`."""
    return {
        DeliveryState.WAITING: ("", "clock" if going else icon, waiting),
        DeliveryState.CLAIMED: ("", icon, going or waiting),
        DeliveryState.BEGUN: ("", icon, going or waiting),
        DeliveryState.SENT: ("good", "check", sent),
        DeliveryState.FAILED: ("warn", "alert", failed),
        DeliveryState.UNCERTAIN: ("bad", "question", uncertain),
        DeliveryState.REFUSED: ("bad", "cross", refused),
        DeliveryState.CANCELLED: ("", "undo", cancelled) if cancelled else ("bad", "cross", refused),
    }


ON_THE_WAY = _way(
    waiting=_("Waiting to be sent"),
    going=_("Being sent"),
    sent=_("Sent"),
    failed=_("Not gone out yet"),
    uncertain=_("Unclear whether it went out"),
    refused=_("Refused by the other side"),
    cancelled=_("Called back"),
)
TAKING_BACK = _way(
    waiting=_("Being taken back"),
    sent=_("Taken back"),
    failed=_("Not taken back yet"),
    uncertain=_("Unclear whether it was taken back"),
    refused=_("Could not be taken back"),
    icon="undo",
)
CORRECTING = _way(
    waiting=_("Being corrected"),
    sent=_("Corrected"),
    failed=_("Not corrected yet"),
    uncertain=_("Unclear whether it was corrected"),
    refused=_("Could not be corrected"),
    cancelled=_("Not corrected after all"),
)
# A call is no message: what became of it has other words. What went wrong is said beside it.
CALLING = _way(
    waiting=_("Will be called"),
    going=_("Being called now."),
    sent=_("Called"),
    failed=_("Not called yet"),
    uncertain=_("Unclear whether there was a call"),
    refused=_("Not reached"),
    cancelled=_("Not called after all"),
    icon="phone",
)
STANDS = _("It stands there")
"""What somebody who looked may say of a correction in doubt. Nobody can see of a post that is gone by whose doing it went."""
