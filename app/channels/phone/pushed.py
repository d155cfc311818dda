"""A webhook of Twilio, opened: only after its signature, its account and its shape were found right. No I/O."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from app.channels.contract import NotAuthentic, Unreadable, WebhookRequest
from app.channels.phone.signature import HEADER, genuine
from app.channels.phone.twilio_account import TwilioAccount

FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 400

Fields = Mapping[str, str]


def opened(request: WebhookRequest, settings: TwilioAccount, public_url: str) -> Fields:
    """The fields that Twilio posted. Raises `NotAuthentic` or `Unreadable`.

    The signature is held against the address that was configured, with this request's own query: what a proxy made of
    the address on its way to us does not count. Twilio puts no time into it, so a replay is known by the id inside: the
    same id is the same raw item, stored once.
    """
    if request.method != "POST":
        raise Unreadable("Twilio is to call this address with POST: set it so at the number.")
    pairs = form(request.body)
    query = urlsplit(request.url).query
    url = f"{public_url}?{query}" if query else public_url
    token = settings.auth_token.get_secret_value()
    if not genuine(token, url, pairs, request.headers.get(HEADER, "")):
        raise NotAuthentic("the signature is not Twilio's for this address and account")
    fields = dict(pairs)
    if fields.get("AccountSid") != settings.account_sid:
        raise NotAuthentic("it is signed, and for another Twilio account")
    return fields


def form(body: bytes) -> Sequence[tuple[str, str]]:
    """Every field with every value, in the order sent. Raises `Unreadable`."""
    try:
        text = body.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Unreadable("the body is no form") from error


def asked(request: WebhookRequest) -> Mapping[str, str]:
    """What our own address carried: the step of a call, the key of a delivery."""
    return dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True, max_num_fields=20))
