"""Our own polls.

In: the poll's page (`app/public/polls.py`) hands a ballot on, and says as `caller` who votes: `invitation:TOKEN` or
`browser:ID`, which it has looked up; without one nothing is taken, so nobody can vote past the page. Out: a written answer is
a reaction. Whoever left a mail address is answered by mail, through the account that the poll account names for it; whoever
did not reads our answer by their private status link, and everybody reads the collective one with the result.

A ballot holds no token, no browser's id and no address of a network: only keyed hashes of them, made anew for every poll, so
that votes cannot be laid beside one another or beside the list of invitations by reading the database alone.

How weak a browser is: it proves nothing. Whoever clears its storage votes again. That is why such polls are called "not
representative" wherever their result is shown, and why bursts are counted apart.
"""

import hmac
import ipaddress
from collections.abc import Sequence

from app.channels.contract import (
    AccountConfig,
    Audience,
    Author,
    Channel,
    Health,
    Incoming,
    Kind,
    Limits,
    NotAuthentic,
    OutgoingMessage,
    RawItem,
    Reaction,
    Refused,
    Sent,
    Subject,
    Vote,
    WebhookAnswer,
    WebhookRequest,
)
from app.channels.polls.ballot import Ballot, read
from app.channels.polls.settings import PollSettings
from app.clock import Clock, now
from app.vocabulary import AddressKind, Visibility

INVITATION, BROWSER = "invitation:", "browser:"
TRAP = "trap_filled"
SUBJECT = "poll:"
AUDIENCE = Audience(
    public=False,
    labels={"nl": "Alleen wie dit schreef, via de eigen statuslink", "en": "Only who wrote this, by their status link"},
)


class OwnPolls:
    """The polls of one organisation or theme."""

    def __init__(self, config: AccountConfig, *, clock: Clock = now) -> None:
        """`clock` is for tests."""
        assert isinstance(config.settings, PollSettings)
        self._secret = config.settings.secret.get_secret_value()
        self._clock = clock
        self.limits = Limits(audience=AUDIENCE, max_length=10_000)

    def voter(self, poll_key: str, caller: str) -> str:
        """Who may vote once in this poll, as votes name them. Nobody can tell the invitation or the browser from it."""
        return self._hash("voter", poll_key, caller)

    def receive(self, request: WebhookRequest) -> WebhookAnswer:
        """One ballot of the page. Raises `NotAuthentic` when the page did not say who votes."""
        if not request.caller.startswith((INVITATION, BROWSER)):
            raise NotAuthentic("ballots are taken by the poll's own page only")
        ballot = read(request.body)
        voter = self.voter(ballot.poll, request.caller)
        meta = {
            "voter": voter,
            "source": self._hash("source", ballot.poll, _network(request.remote)),
            "invited": "yes" if request.caller.startswith(INVITATION) else "",
        }
        key = f"{ballot.poll}:{voter}:{ballot.id}"
        kept = {name: value for name, value in meta.items() if value}
        return WebhookAnswer(items=(RawItem(key=key, body=request.body, meta=kept),), status=202)

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        """A reaction for every written answer, and the vote."""
        ballot = read(item.body)
        voter = item.meta.get("voter", "")
        own = f"{ballot.poll}:{voter[:16]}:{ballot.id}"
        written = {key: [answer.text] for key, answer in ballot.answers.items()}
        vote = Vote(
            external_id=own,
            poll_key=ballot.poll,
            choices={**ballot.choices, **written},
            voter=Author(AddressKind.BROWSER, voter) if voter else None,
            invited=item.meta.get("invited") == "yes",
            source=item.meta.get("source", ""),
            apart=TRAP if ballot.website.strip() else "",
        )
        return (*(_reaction(ballot, own, key) for key in ballot.answers), vote)

    def check(self) -> Health:
        """Nothing outside is needed."""
        return Health()

    def send(self, message: OutgoingMessage) -> Sent:
        """Our answer to somebody without an address: they read it by their status link, so nothing needs to leave.

        Raises `Refused` where an answer by mail was meant: this account names no account that could mail it.
        """
        if message.recipient is not None and message.recipient.kind is AddressKind.EMAIL:
            raise Refused(
                "Choose, with the polls, the mailbox that mails answers; then answer again.", code="no_mailbox"
            )
        return Sent(external_id=message.key, sent_at=self._clock())

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        """Always "no": nothing leaves the house, so doing it again is harmless."""
        return None

    def _hash(self, purpose: str, poll_key: str, value: str) -> str:
        text = f"{purpose}\n{poll_key}\n{value}".encode(errors="surrogatepass")
        return hmac.new(self._secret.encode(), text, "sha256").hexdigest()[:40]


def _reaction(ballot: Ballot, own: str, question: str) -> Reaction:
    answer = ballot.answers[question]
    title = " – ".join(part for part in (ballot.title, answer.question) if part)
    return Reaction(
        external_id=f"{own}:{question}",
        author=_author(ballot, own),
        text=answer.text.strip(),
        language=ballot.language[:2].lower(),
        visibility=Visibility.PRIVATE,
        subject=Subject(key=SUBJECT + ballot.poll, title=title[:500], url=ballot.url),
        process_key=ballot.process,
        on_behalf=True,
    )


def _author(ballot: Ballot, own: str) -> Author:
    if ballot.email:
        return Author(AddressKind.EMAIL, ballot.email.lower(), ballot.name)
    return Author(AddressKind.BROWSER, f"poll:{own}", ballot.name)


def _network(address: str) -> str:
    """The part of an address that one subscriber has: an IPv6 user has a whole /64."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        return str(known.ipv4_mapped or ipaddress.ip_network((known, 64), strict=False))
    return str(known)


def build(config: AccountConfig) -> Channel:
    """The channel of one account; opens nothing."""
    return OwnPolls(config)


KIND = Kind(
    key="polls.own",
    labels={"nl": "Eigen peilingen", "en": "Polls of our own"},
    settings=PollSettings,
    channel=OwnPolls,
    build=build,
)
