"""Every emulated service with what a connected account of ours needs to know of it: for the demo, the benches, the long walk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.emulators import (
    facebook,
    facebook_state,
    flickr,
    flickr_state,
    mastodon,
    twilio,
    twilio_state,
    vimeo,
    vimeo_state,
    wordpress,
    x,
)
from tests.emulators.faults import Application

CITIZEN = "+31612345678"
DESK_TELEPHONE = "+31201112233"


@dataclass(frozen=True, slots=True)
class Service:
    """One service. `react` is somebody saying something there (`pushed` or not); `settings` are those of a connected account
    at the emulator's address; `hook` tells the service where to push; `unbounded` lifts its limits, for a large backlog.
    """

    kind: str
    name: str
    app: Application
    settings: Callable[[str], Mapping[str, Any]]
    react: Callable[[str, bool], object]
    hook: Callable[[str], None] = lambda _: None
    unbounded: Callable[[], None] = lambda: None


def services() -> list[Service]:
    """One new emulator each, with nothing said in it yet."""
    return [_mastodon(), _x(), _facebook(), _vimeo(), _flickr(), _wordpress(), _sms(), _voice()]


def _mastodon() -> Service:
    server = mastodon.Mastodon("127.0.0.1")

    def settings(url: str) -> Mapping[str, Any]:
        scopes = ("read:accounts", "read:notifications", "read:statuses", "write:statuses")
        return {
            "api_url": url, "access_token": "token-of-gemeente", "account_id": server.own.id,
            "acct": "gemeente@127.0.0.1", "scopes": scopes,
        }  # fmt: skip

    def unbounded() -> None:
        server.page_limit = 1_000_000

    return Service(
        "social.mastodon", "Mastodon", server.app, settings,
        lambda text, _: server.mention("anna@burgers.example", text), unbounded=unbounded,
    )  # fmt: skip


def _x() -> Service:
    server = x.X()

    def settings(url: str) -> Mapping[str, Any]:
        return {
            "api_url": url, "consent_url": f"{url}/i/oauth2/authorize", "client_id": "app-1", "client_secret": "geheim",
            "consumer_secret": server.consumer_secret, "access_token": "token-of-voorbeeldstad",
            "user_id": server.own.id, "username": server.own.username, "scopes": tuple(x.ALL_SCOPES.split()),
        }  # fmt: skip

    def unbounded() -> None:
        server.most_listed = 1_000_000
        server.limits = dict.fromkeys(server.limits, 1_000_000)

    return Service(
        "social.x", "X", server.app, settings, lambda text, _: server.mention("anna", text), unbounded=unbounded
    )


def _facebook() -> Service:
    server = facebook.Facebook()
    post = server.post("De groene bak wordt vanaf januari om de twee weken geleegd.")

    def settings(url: str) -> Mapping[str, Any]:
        return {
            "app_id": facebook_state.APP_ID, "app_secret": facebook_state.APP_SECRET, "verify_token": "voorbeeldwoord",
            "page_id": facebook_state.PAGE_ID, "page_name": facebook_state.PAGE_NAME, "api_url": url, "dialog_url": url,
            "access_token": facebook_state.PAGE_TOKEN, "scopes": tuple(facebook.SCOPES),
        }  # fmt: skip

    def react(text: str, pushed: bool) -> None:
        server.quiet = not pushed
        server.comment(post, text)

    def hook(url: str) -> None:
        def deliver(body: bytes, headers: Mapping[str, str]) -> int:
            twilio_state.post(url, headers, body)
            return 200

        server.deliver = deliver

    return Service("social.facebook", "Facebook", server.app, settings, react, hook)


def _vimeo() -> Service:
    server = vimeo.Vimeo()
    video = server.video("Zo scheidt u uw afval")

    def settings(url: str) -> Mapping[str, Any]:
        client, secret = vimeo.CLIENT
        return {
            "client_id": client, "client_secret": secret, "api_url": url, "access_token": vimeo.TOKEN,
            "user_id": vimeo_state.OWN[0], "user_name": vimeo_state.OWN[1], "scopes": tuple(vimeo.SCOPES.split()),
        }  # fmt: skip

    def unbounded() -> None:
        server.limit = 1_000_000

    return Service(
        "social.vimeo", "Vimeo", server.app, settings, lambda text, _: server.comment(video, text), unbounded=unbounded
    )


def _flickr() -> Service:
    server = flickr.Flickr()
    photo = server.photo("Het park aan de Voorbeeldlaan")

    def settings(url: str) -> Mapping[str, Any]:
        return {
            "api_key": flickr.API_KEY, "api_secret": flickr.API_SECRET, "api_url": url, "site_url": url,
            "token": flickr.TOKEN, "token_secret": flickr.TOKEN_SECRET, "nsid": flickr_state.OWN[0],
            "user_name": flickr_state.OWN[1],
        }  # fmt: skip

    return Service("social.flickr", "Flickr", server.app, settings, lambda text, _: server.comment(photo, text))


def _wordpress() -> Service:
    server = wordpress.WordPress()

    def settings(url: str) -> Mapping[str, Any]:
        return {"site_url": url, "user": wordpress.USER, "application_password": wordpress.PASSWORD}

    return Service("comments.wordpress", "WordPress", server.app, settings, lambda text, _: server.comment(text))


def _twilio_account(server: twilio_state.Twilio, url: str) -> Mapping[str, Any]:
    server.url = url
    return {
        "account_sid": twilio_state.SID, "auth_token": twilio_state.TOKEN, "number": twilio_state.NUMBER, "api_url": url,
    }  # fmt: skip


def _sms() -> Service:
    server = twilio_state.Twilio()

    def hook(url: str) -> None:
        server.sms_url = url

    return Service(
        "phone.twilio_sms", "Twilio SMS", twilio.Interface(server).app(), lambda url: _twilio_account(server, url),
        lambda text, pushed: server.texted(CITIZEN, text, pushes=pushed), hook,
    )  # fmt: skip


def _voice() -> Service:
    server = twilio_state.Twilio()

    def hook(url: str) -> None:
        server.voice_url = url

    return Service(
        "phone.twilio_voice", "Twilio, telefoon", twilio.Interface(server).app(),
        lambda url: {**_twilio_account(server, url), "desk_number": DESK_TELEPHONE},
        lambda _, pushed: server.called(CITIZEN, pushes=pushed), hook,
    )  # fmt: skip
