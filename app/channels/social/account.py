"""What every account at a service needs, in the same words: its kind, whether it is connected, what it cannot send, its health.

Functions and no base class: a channel calls what it needs, and its file still reads from top to bottom.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from pydantic import BaseModel, SecretStr

from app.channels.contract import (
    AccountConfig,
    Channel,
    ChannelError,
    Health,
    Kind,
    Moderation,
    OutgoingMessage,
    Refused,
    Uncertain,
    Unreachable,
    Unreadable,
)
from app.channels.outgoing import NARROW
from app.channels.social.brake import Brake
from app.channels.social.json_fields import Record, moment
from app.vocabulary import Verdict

SLACK = timedelta(minutes=1)
"""Between our clock and a service's."""
RIGHTS_MISSING = "Rights are missing: connect the account again and allow all that is asked."


def kind_of(key: str, name: str, settings: type[BaseModel], channel: type) -> Kind:
    """A kind whose service has the same name in every language, and whose channel needs its settings alone."""

    def build(config: AccountConfig) -> Channel:
        assert isinstance(config.settings, settings)
        made: Channel = channel(config.settings)
        return made

    return Kind(key, {"nl": name, "en": name}, settings, channel, build)


def must_be_connected(token: SecretStr, account_id: str) -> None:
    """Raises `Unreachable` for an account that nobody gave its rights yet, or that was disconnected."""
    if not token.get_secret_value() or not account_id:
        raise Unreachable("This account is not connected yet: choose Connect.")


def no_files(service: str, message: OutgoingMessage) -> None:
    """Raises `Refused` for an answer with files: none of these services takes them from us."""
    if message.attachments:
        raise Refused(f"Files cannot be sent over {service} from here: put a link in the text.", code="attachments")


def public_only(service: str, message: OutgoingMessage) -> None:
    """Raises `Refused` for an answer that only its recipient may see, where a service shows everything to everybody."""
    if message.visibility in NARROW:
        raise Refused(f"{service} has no private answers from here: everybody would see it.", code="no_private")


def only_removal(service: str, moderation: Moderation) -> None:
    """Raises `Refused` for any other verdict, where a service can only delete somebody's comment."""
    if moderation.verdict is not Verdict.REMOVE:
        raise Refused(f"{service} can only delete a comment, not hide or restore one.", code="not_possible")


def same_words(one: object, other: str) -> bool:
    """Whether two texts differ in nothing but white space, which services write in their own way."""
    return isinstance(one, str) and one.split() == other.split()


def far_enough(listed: Sequence[Record], most: int, field: str, made_at: datetime | None) -> None:
    """Raises `Uncertain` where our own answer is not among what is `listed`, newest first, and may stand further on.

    `most` is how many are listed at once, `field` holds when each was said, `made_at` is when the answer was written.
    """
    if len(listed) < most:
        return
    last = moment(listed[-1].get(field))
    if made_at is None or last is None or last > made_at - SLACK:
        raise too_much_said()


def too_much_said() -> Uncertain:
    """Our own answer may stand among what the service no longer lists."""
    return Uncertain("Too much was said there since to find it. Look whether it stands there.")


def health(
    brake: Brake, ask: Callable[[], tuple[Sequence[str], str | None]], expires_at: datetime | None = None
) -> Health:
    """What a check found. `ask` calls the service, and gives the rights that are missing and what else is wrong."""
    try:
        lacking, problem = ask()
    except ChannelError as error:
        return Health(problem=error.detail, quotas=brake.quotas, expires_at=expires_at)
    return Health(RIGHTS_MISSING if lacking else problem, lacking, brake.quotas, expires_at)


@contextmanager
def reading(service: str) -> Iterator[None]:
    """An answer in which a list is something else is the service's trouble, and no item's."""
    try:
        yield
    except Unreadable as error:
        raise Unreachable(f"{service} answered with something else than comments: {error.detail}") from error


@contextmanager
def looking() -> Iterator[None]:
    """What cannot be looked up now stays uncertain."""
    try:
        yield
    except (Unreachable, Unreadable, Refused) as error:
        raise Uncertain(f"It cannot be looked up: {error.detail}") from error


@contextmanager
def connecting() -> Iterator[None]:
    """Connecting that nobody knows the end of can be done again."""
    try:
        yield
    except (Uncertain, Unreadable) as error:
        raise Unreachable(f"Connecting did not end well: {error.detail} Try again.") from error
