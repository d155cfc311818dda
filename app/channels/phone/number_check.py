"""Whether our number at Twilio is there, alive, and calls us: what `check` says of an account."""

from app.channels.contract import Health, Unreachable
from app.channels.phone.api import Twilio

ACTIVE = "active"


def checked(twilio: Twilio, number: str, address_field: str, public_url: str) -> Health:
    """`address_field` is `sms_url` or `voice_url`: where Twilio pushes to for this number."""
    try:
        status = twilio.account().get("status")
        rows = list(twilio.rows("IncomingPhoneNumbers", [("PhoneNumber", number)]))
    except Unreachable as error:
        return Health(problem=error.detail)
    if status != ACTIVE:
        return Health(problem=f"The Twilio account is {status}: look at it on Twilio's console.")
    if not rows:
        return Health(problem="This number is not in the Twilio account: check the number and the account SID.")
    if rows[0].get(address_field) != public_url:
        return Health(problem=f"Twilio does not push to us yet: set the number's webhook to {public_url} (POST).")
    return Health()
