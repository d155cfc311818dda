"""The five services as their people use them: a question, a colleague's answer, a change; in the same words for each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp

from app.channels.contract import Kind
from app.channels.social import facebook, flickr, mastodon, vimeo, x
from app.channels.social.x_settings import XSettings
from tests.channels.social import facebook_setup, flickr_setup, mastodon_setup, vimeo_setup
from tests.channels.social.moving_clock import MovingClock
from tests.emulators import flickr_state, vimeo_state
from tests.emulators.facebook import Facebook
from tests.emulators.flickr import Flickr
from tests.emulators.mastodon import Mastodon
from tests.emulators.vimeo import Vimeo
from tests.emulators.x import X


@dataclass
class Service:
    """What people do at a service, in the same words for each. `comment` takes what it is under and by whom: us or them."""

    kind: Kind
    state: Any
    app: ASGIApp
    settings: Callable[[str], Any]
    channel: Callable[[Any, MovingClock], Any]
    root: str
    comment: Callable[[str, str, bool], str]
    pushes: bool = False


def at_facebook() -> Service:
    state = Facebook()

    def comment(under: str, said: str, ours: bool) -> str:
        return state.comment(under, said, state.page if ours else ("61001", "Jan Voorbeeld"))

    def channel(settings: Any, clock: MovingClock) -> facebook.FacebookChannel:
        return facebook.FacebookChannel(settings, clock=clock)

    post = state.post("De markt verhuist")
    return Service(facebook.KIND, state, state.app, facebook_setup.connected, channel, post, comment, pushes=True)


def at_vimeo() -> Service:
    state = Vimeo()

    def comment(under: str, said: str, ours: bool) -> str:
        return state.comment(under, said, vimeo_state.OWN if ours else vimeo_state.ANNA)

    def channel(settings: Any, clock: MovingClock) -> vimeo.VimeoChannel:
        return vimeo.VimeoChannel(settings, clock=clock)

    video = state.video("Raadsvergadering")
    return Service(vimeo.KIND, state, state.app, vimeo_setup.connected, channel, video, comment)


def at_flickr() -> Service:
    state = Flickr()
    photo = state.photo("De nieuwe brug")

    def comment(_under: str, said: str, ours: bool) -> str:
        return state.comment(photo, said, flickr_state.OWN if ours else flickr_state.ANNA)

    def channel(settings: Any, clock: MovingClock) -> flickr.FlickrChannel:
        return flickr.FlickrChannel(settings, clock=clock)

    return Service(flickr.KIND, state, state.app, flickr_setup.connected, channel, photo, comment)


def at_mastodon() -> Service:
    state = Mastodon("127.0.0.1")

    def comment(under: str, said: str, ours: bool) -> str:
        below: dict[str, Any] = {"reply_to": under} if under else {}
        return state.in_the_app(said, **below) if ours else state.mention("anna@elders.example", said, **below)

    def settings(base: str) -> Any:
        return mastodon_setup.connected(state, base)

    def channel(settings: Any, clock: MovingClock) -> mastodon.MastodonChannel:
        return mastodon.MastodonChannel(settings, clock=clock)

    return Service(mastodon.KIND, state, state.app, settings, channel, "", comment)


def at_x() -> Service:
    state = X()

    def comment(under: str, said: str, ours: bool) -> str:
        below: dict[str, Any] = {"reply_to": under} if under else {}
        at = state.moment
        return state.in_the_app(said, at=at, **below) if ours else state.mention("anna", said, at=at, **below)

    def settings(base: str) -> XSettings:
        given = {"api_url": base, "access_token": "token-of-voorbeeldstad", "user_id": state.own.id, "scopes": x.SCOPES}
        return XSettings.model_validate(given)

    def channel(settings: Any, clock: MovingClock) -> x.XChannel:
        return x.XChannel(settings, clock=clock)

    return Service(x.KIND, state, state.app, settings, channel, "", comment)
