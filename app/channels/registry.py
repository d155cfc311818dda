"""Every kind of channel that there is: the one list to which a new one is added.

Only `app.system` imports this module, so that nobody else can come to depend on a family.
"""

from app.channels.comments.form import KIND as FORM
from app.channels.comments.wordpress import KIND as WORDPRESS
from app.channels.contract import Kind
from app.channels.mail.channel import KIND as MAIL
from app.channels.phone.by_hand import KIND as BY_HAND
from app.channels.phone.twilio_sms import KIND as TWILIO_SMS
from app.channels.phone.twilio_voice import KIND as TWILIO_VOICE
from app.channels.polls.own import KIND as POLLS
from app.channels.social.facebook import KIND as FACEBOOK
from app.channels.social.flickr import KIND as FLICKR
from app.channels.social.mastodon import KIND as MASTODON
from app.channels.social.vimeo import KIND as VIMEO
from app.channels.social.x import KIND as X
from app.errors import NotFound

KINDS: tuple[Kind, ...] = (
    MAIL,
    FORM,
    WORDPRESS,
    POLLS,
    BY_HAND,
    TWILIO_SMS,
    TWILIO_VOICE,
    MASTODON,
    FACEBOOK,
    VIMEO,
    FLICKR,
    X,
)

_BY_KEY = {kind.key: kind for kind in KINDS}


def kind(key: str) -> Kind:
    """The kind named `key`. Raises `NotFound` for one that is gone or misspelled."""
    try:
        return _BY_KEY[key]
    except KeyError:
        raise NotFound("kind", f"There is no kind of channel {key!r}; choose one of {', '.join(_BY_KEY)}.") from None
