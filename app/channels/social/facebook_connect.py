"""Connecting a page: consent, the page's own token, its rights, and the subscription to its webhook.

Source: developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived. A page's token that comes from a
long-lived user's token does not end by itself, so nothing is refreshed; it ends when somebody changes a password or takes
the right away, and `check` says so.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from app.channels.contract import Refused, Unreachable
from app.channels.social.api import Api
from app.channels.social.facebook_graph import VERSION, credentials
from app.channels.social.facebook_settings import FacebookSettings
from app.channels.social.json_fields import Record, identifier, record, records, text
from app.channels.social.oauth import code_of, missing

SCOPES = (
    "pages_show_list",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_engagement",
    "pages_manage_metadata",
)
MESSAGING = "pages_messaging"
"""Asked for too, and may be refused: without it there are no private replies."""


def dialog(settings: FacebookSettings, redirect_uri: str, state: str) -> str:
    """The page that asks for consent."""
    query = {
        "client_id": settings.app_id, "redirect_uri": redirect_uri, "state": state, "response_type": "code",
        "scope": ",".join((*SCOPES, MESSAGING)),
    }  # fmt: skip
    return f"{settings.dialog_url}/{VERSION}/dialog/oauth?{urlencode(query)}"


def connect(api: Api, settings: FacebookSettings, redirect_uri: str, query: Mapping[str, str]) -> FacebookSettings:
    """The settings with the page's token. Raises `Refused` and `Unreachable`."""
    secret = settings.app_secret.get_secret_value()
    app = (("client_id", settings.app_id), ("client_secret", secret))
    short = _token(api, (*app, ("redirect_uri", redirect_uri), ("code", code_of(query))))
    long = _token(api, (*app, ("grant_type", "fb_exchange_token"), ("fb_exchange_token", short)))
    page = _page(api, settings, long)
    token = text(page, "access_token")
    scopes, _ = rights(api, settings, token)
    if lacking := missing(scopes, SCOPES):
        raise Refused(f"These rights were not given: {', '.join(lacking)}. Connect again.", code="scopes")
    page_id = identifier(page, "id")
    form = (("subscribed_fields", "feed"), *credentials(token, secret))
    api.post(f"/{VERSION}/{page_id}/subscribed_apps", form=form)
    return settings.model_copy(
        update={
            "access_token": SecretStr(token), "page_id": page_id, "page_name": text(page, "name"), "scopes": scopes,
        }
    )  # fmt: skip


def rights(api: Api, settings: FacebookSettings, token: str) -> tuple[tuple[str, ...], datetime | None]:
    """The rights of a token and when it ends (None: it does not). Raises `Refused` when Facebook no longer takes it."""
    app_token = f"{settings.app_id}|{settings.app_secret.get_secret_value()}"
    answer = _object(api.get(f"/{VERSION}/debug_token", (("input_token", token), ("access_token", app_token))))
    data = record(answer, "data")
    if data.get("is_valid") is not True:
        raise Refused("Facebook no longer takes our token: connect the account again.", code="token")
    scopes, ends = data.get("scopes"), data.get("expires_at")
    granted = tuple(one for one in scopes if isinstance(one, str)) if isinstance(scopes, list) else ()
    return granted, datetime.fromtimestamp(ends, UTC) if isinstance(ends, int) and 0 < ends < 10**11 else None


def give_back(api: Api, settings: FacebookSettings) -> None:
    """End the consent of whoever connected the page, where it was for this page alone. Raises as `send` does.

    A consent is a person's, for all pages that they chose; taking it back ends the tokens of each. [M] The token's own
    description names the person, and by `target_ids` the pages.
    """
    token = settings.access_token.get_secret_value()
    app_token = f"{settings.app_id}|{settings.app_secret.get_secret_value()}"
    answer = api.get(f"/{VERSION}/debug_token", (("input_token", token), ("access_token", app_token)))
    data = record(_object(answer), "data")
    if data.get("is_valid") is not True:
        return
    targets = [one.get("target_ids") for one in records(data, "granular_scopes")]
    pages = {page for found in targets if isinstance(found, list) for page in found}
    person = identifier(data, "user_id", needed=False)
    if not person.isdigit() or pages != {settings.page_id}:
        raise Refused("The consent may be for other pages too.", code="other_pages")
    api.post(f"/{VERSION}/{person}/permissions?{urlencode({'access_token': app_token})}", method="DELETE")


def _token(api: Api, query: Sequence[tuple[str, str]]) -> str:
    token = text(_object(api.get(f"/{VERSION}/oauth/access_token", query)), "access_token")
    if not token:
        raise Refused("Facebook gave no token: connect once more.", code="no_token")
    return token


def _page(api: Api, settings: FacebookSettings, token: str) -> Record:
    secret = settings.app_secret.get_secret_value()
    query = (("fields", "id,name,access_token"), ("limit", "100"), *credentials(token, secret))
    pages = records(_object(api.get(f"/{VERSION}/me/accounts", query)), "data")
    wanted = [page for page in pages if settings.page_id in ("", page.get("id"))]
    if len(wanted) != 1 or not text(wanted[0], "access_token"):
        named = ", ".join(f"{text(page, 'name')} ({identifier(page, 'id')})" for page in pages[:20]) or "none"
        raise Refused(f"Enter the number of the page to use. You manage: {named}.", code="which_page")
    return wanted[0]


def _object(answer: Any) -> Record:
    if not isinstance(answer, dict):
        raise Unreachable("Facebook answered with something that is no object.")
    return answer
