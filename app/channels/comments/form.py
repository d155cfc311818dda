"""Comments under web pages, by our own form or by a site's own server.

In: a form (JSON or plain HTML) posts to `receive`; a site's server does the same with an API token, its own comment ids,
and `edited`, `withdrawn` and `restored` besides. Out: the site's pages read published comments and answers from us; where a
site has a server that wants to know, every answer and verdict is told to it by signed webhook (`outbound.py`).

A comment that looks like a program's (the trap field was filled, the form was answered faster than anybody types, or was
never handed out) is not refused: it is held for approval, with the reason. A citizen whose browser fills in everything
loses nothing.
"""

from collections.abc import Mapping, Sequence

from app.channels.comments import outbound, stamp
from app.channels.comments.settings import FormSettings
from app.channels.comments.submission import Submission, read
from app.channels.contract import (
    AccountConfig,
    Audience,
    Author,
    Channel,
    Health,
    Incoming,
    Kind,
    Limits,
    MachineMark,
    Moderation,
    NotAuthentic,
    OutgoingMessage,
    RawItem,
    Reaction,
    Refused,
    Revision,
    Sent,
    Subject,
    Unreachable,
    WebhookAnswer,
    WebhookRequest,
    Withdrawal,
)
from app.clock import Clock, now
from app.vocabulary import AddressKind, Publication, Visibility

MODERATION = "weerklank-moderation"
"""The header by which the web layer says that this site (of several with one kind of settings) approves first: `before`."""

CONTACT = "contact:"
"""Begins the `caller` of somebody whom the web layer knows by their private status link: `contact:KIND:ADDRESS`."""

PUBLISHED = frozenset({Visibility.PUBLIC, Visibility.UNLISTED})
AUDIENCE = Audience(public=True, labels={"nl": "Iedereen die de pagina leest", "en": "Everybody who reads the page"})


class FormChannel:
    """One site's comments."""

    def __init__(self, config: AccountConfig, *, post: outbound.Post = outbound.post, clock: Clock = now) -> None:
        """`post` and `clock` are for tests; both have real defaults."""
        assert isinstance(config.settings, FormSettings)
        self._settings = config.settings
        self._post = post
        self._clock = clock
        self.limits = Limits(audience=AUDIENCE, max_length=config.settings.max_length)

    @property
    def moderated(self) -> bool:
        """Whether comments wait for approval before they are published."""
        return self._settings.moderation == "before"

    def stamp(self, page_key: str) -> str:
        """A stamp for a form handed out now."""
        return stamp.make(self._settings.form_secret.get_secret_value(), page_key, self._clock())

    def receive(self, request: WebhookRequest) -> WebhookAnswer:
        """One submission. The API token of a site's server was checked by the web layer (`request.caller`)."""
        media_type = request.headers.get("content-type", "")
        submission = read(request.body, media_type)
        if not _by_site(request.caller) and submission.event != "created":
            raise NotAuthentic("only the site's own server may edit, withdraw or restore a comment")
        if not submission.text.strip() and submission.event != "withdrawn":
            raise Refused("The comment is empty: write something first.", code="empty")
        if len(submission.text) > self._settings.max_length:
            raise Refused(f"The comment is longer than {self._settings.max_length} characters.", code="too_long")
        return WebhookAnswer(items=(self._item(request, submission, media_type),), status=202)

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        """A reaction, a revision, a withdrawal or a return, as the submission's event says."""
        submission = read(item.body, item.media_type)
        caller = item.meta.get("caller", "")
        external_id = _external_id(caller, submission.id)
        if submission.event == "withdrawn":
            return (Withdrawal(external_id=external_id),)
        if submission.event == "edited":
            return (Revision(external_id=external_id, text=submission.text),)
        if submission.event == "restored":
            return (Revision(external_id=external_id, text=submission.text.strip(), back=True),)
        return (self._reaction(submission, item.meta, external_id),)

    def check(self) -> Health:
        """Nothing outside is needed to take comments; a webhook address is tried with an event that says nothing."""
        if not self._settings.webhook_url:
            return Health()
        try:
            self._tell({"id": "check", "type": "check"})
        except (Unreachable, Refused) as error:
            return Health(problem=error.detail)
        return Health()

    def send(self, message: OutgoingMessage) -> Sent:
        """Our answer under the comment. Pages read it from us; the site's server is told where there is one.

        An answer to a comment that asked not to be published stays with us: its author reads it by the status link.
        """
        if message.visibility in PUBLISHED:
            self._tell({"id": message.key, "type": "answer.published", **_answer(message.key, message)})
        return Sent(external_id=message.key, sent_at=self._clock())

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        """Always "no": telling a site the same event again is harmless by its id, so sending again is right."""
        return None

    def amend(self, sent: Sent, message: OutgoingMessage) -> Sent:
        """Our answer, corrected in place; the site hears of those that it was told."""
        if message.visibility in PUBLISHED:
            told = {"id": f"amend:{message.key}", "type": "answer.amended"}
            self._tell({**told, **_answer(sent.external_id, message)})
        return sent

    def retract(self, sent: Sent) -> None:
        """Our answer, taken back."""
        self._tell({"id": f"retract:{sent.external_id}", "type": "answer.retracted", "answer": sent.external_id})

    def moderate(self, moderation: Moderation) -> None:
        """The verdict and its reason, for the site's own copy of the comment."""
        verdict = moderation.verdict.value
        self._tell(
            {
                "id": f"{verdict}:{moderation.external_id}:{moderation.key}",  # hidden, shown and hidden again is three
                "type": f"comment.{verdict}",
                "comment": _site_id(moderation.external_id),
                "page": moderation.subject.key if moderation.subject else "",
                "reason": moderation.reason,
            }
        )

    def _item(self, request: WebhookRequest, submission: Submission, media_type: str) -> RawItem:
        meta = {
            "caller": request.caller,
            "suspicion": self._suspicion(request, submission),
            "moderation": request.headers.get(MODERATION, ""),
        }
        key = f"{_external_id(request.caller, submission.id)}:{submission.event}"
        if submission.event == "created":  # sent again after a change: an item of its own, or the change would be lost
            key += f":{_digest(submission)}"
        else:  # may happen often; each time is an item of its own
            again = (
                stamp.fingerprint(submission.text) if submission.event == "edited" else request.received_at.isoformat()
            )
            key += f":{request.headers.get('weerklank-event', '') or again}"
        kept = {name: value for name, value in meta.items() if value}
        return RawItem(key=key, body=request.body, media_type=media_type or "application/json", meta=kept)

    def _suspicion(self, request: WebhookRequest, submission: Submission) -> str:
        if request.caller:
            return ""
        if submission.website.strip():
            return "trap_filled"
        secret = self._settings.form_secret.get_secret_value()
        age = stamp.age(secret, submission.page, submission.stamp, request.received_at)
        if age is None:
            return "form_not_ours"
        return "too_fast" if age < self._settings.min_seconds else ""

    def _reaction(self, submission: Submission, meta: Mapping[str, str], external_id: str) -> Reaction:
        suspicion = meta.get("suspicion", "")
        held = suspicion or self.moderated or meta.get("moderation") == "before"
        caller = meta.get("caller", "")
        return Reaction(
            external_id=external_id,
            digest=_digest(submission),
            author=_author(submission, caller),
            text=submission.text.strip(),
            title=submission.page_title,
            language=submission.language[:2].lower(),
            visibility=Visibility.PRIVATE if submission.private else Visibility.PUBLIC,
            publication=None if submission.private else Publication.HELD if held else Publication.PUBLISHED,
            parent_id=_external_id(caller, submission.parent) if submission.parent else "",
            tokens=(submission.status_token,) if submission.status_token else (),
            subject=Subject(key=submission.page, title=submission.page_title, url=submission.page_url),
            marks=frozenset({MachineMark.BULK}) if suspicion else frozenset(),
            advice={"held": suspicion} if suspicion else {},
        )

    def _tell(self, event: Mapping[str, object]) -> None:
        if self._settings.webhook_url:
            secret = self._settings.webhook_secret.get_secret_value()
            outbound.tell(self._settings.webhook_url, secret, event, self._clock(), self._post)


def _by_site(caller: str) -> bool:
    """Whether a program with an API token posts; the open web and holders of a status link are no programs."""
    return bool(caller) and not caller.startswith(CONTACT)


def _external_id(caller: str, own_id: str) -> str:
    """Ids of a site's server, made in browsers and made by our status page are different spaces: none reaches the other."""
    space = "site" if _by_site(caller) else "status" if caller else "form"
    return f"{space}:{own_id}"


def _digest(submission: Submission) -> str:
    """Covers what the author said, and not what the form adds to it: the same id with other content is another comment."""
    said = (submission.page, submission.text, submission.name, submission.email, submission.user, submission.parent)
    return stamp.fingerprint("\n".join((*said, str(submission.private))))


def _site_id(external_id: str) -> str:
    space, _, own_id = external_id.partition(":")
    return own_id if space == "site" else external_id


def _author(submission: Submission, caller: str) -> Author:
    if caller.startswith(CONTACT):
        kind, _, address = caller.removeprefix(CONTACT).partition(":")
        return Author(AddressKind(kind), address, submission.name)
    if caller and submission.user:
        return Author(AddressKind.SITE_USER, f"{caller}:{submission.user}", submission.name, verified=True)
    if submission.email:
        return Author(AddressKind.EMAIL, submission.email.lower(), submission.name)
    return Author(AddressKind.BROWSER, _external_id(caller, submission.id), submission.name)


def _answer(key: str, message: OutgoingMessage) -> Mapping[str, object]:
    """The words of the answer that the site knows by this key."""
    subject = message.thread.subject
    return {
        "answer": key,
        "comment": _site_id(message.thread.parent_id),
        "page": subject.key if subject else "",
        "text": message.text,
        "language": message.language,
        "signed_by": message.signed_by,
    }


def build(config: AccountConfig) -> Channel:
    """The channel of one account; opens nothing."""
    return FormChannel(config)


KIND = Kind(
    key="comments.form",
    labels={"nl": "Reacties onder webpagina's", "en": "Comments under web pages"},
    settings=FormSettings,
    channel=FormChannel,
    build=build,
)
