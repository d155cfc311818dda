"""Who is at the other end: a number that can be called back, or somebody who hides it."""

from app.channels.contract import Author, OutgoingMessage, Recipient, Refused
from app.channels.phone_number import answerable, e164
from app.vocabulary import AddressKind


def author(given: str, unknown: str) -> Author:
    """The author behind a From. A short code, a name or a hidden number has no address that we could answer.

    `unknown` (an id of the service) then keeps apart what came from different people. Verified means here that the
    network named the number, which is enough to write on in a conversation with that very number and for nothing else.
    """
    number = e164(given) if given.startswith("+") else None
    if number is not None:
        return Author(AddressKind.PHONE, number, verified=True)
    name = given if given and not given.startswith("+") and given.lower() not in _HIDDEN else ""
    return Author(AddressKind.HANDLE, f"twilio:{unknown}", name[:40], verified=True)


def reachable(message: OutgoingMessage) -> str:
    """The recipient's number. Raises `Refused` when it is none that we may call or text."""
    recipient = message.recipient
    if recipient is None or recipient.kind is not AddressKind.PHONE:
        raise Refused("There is no telephone number to answer to: answer another way, and note how.", code="no_number")
    return whole(recipient)


def whole(recipient: Recipient) -> str:
    """A number at ordinary cost. Raises `Refused` for short codes, premium numbers and what is no number."""
    if not answerable(recipient.address):
        raise Refused("This number is a short code, a paid service or no number: it is not called.", code="number")
    return recipient.address


_HIDDEN = frozenset({"anonymous", "restricted", "unavailable", "unknown", "private", "blocked"})
