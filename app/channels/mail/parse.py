"""One mail → what it means: a reaction, reports about mail of ours, or our own mail coming back. Pure.

Every header and every part is read behind its own guard, so that one broken piece never costs the rest: the readers this
module puts together are total. What was not read (too deep, too many, too large) is said in `advice`; the raw item keeps
every byte.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.channels.contract import Author, Incoming, MachineMark, OwnPost, Reaction, Unreadable
from app.channels.incoming import Fold
from app.channels.language import guess_language
from app.channels.mail import bounce
from app.channels.mail.addresses import Mailbox, normalised
from app.channels.mail.advice import Advice
from app.channels.mail.attachments import read_attachments
from app.channels.mail.authenticity import authentication
from app.channels.mail.content import Content, read_content
from app.channels.mail.dates import read_date, received_date
from app.channels.mail.file_advice import file_advice
from app.channels.mail.fold import fold
from app.channels.mail.form_mail import citizen_in, is_form_mail
from app.channels.mail.forwarded import inner_sender
from app.channels.mail.identity import digest, message_id, references, tokens
from app.channels.mail.limits import MAX_RECIPIENTS, MAX_SUBJECT
from app.channels.mail.machine import machine_marks
from app.channels.mail.mime import Headers, Part, read_mail
from app.channels.mail.own import OwnMail
from app.channels.mail.own_echo import comes_by_list, is_own_echo
from app.channels.mail.sealed import opened, seal_advice
from app.channels.mail.sender import Sender, recipients_of, sender_advice, sender_of
from app.channels.mail.words import decode_words
from app.vocabulary import AddressKind, Visibility


@dataclass(frozen=True, slots=True)
class _Read:
    """What every kind of outcome needs."""

    root: Part
    headers: Headers
    subject: str
    sender: Sender
    own: OwnMail
    meta: Mapping[str, str]
    notes: set[str]
    id: str
    references: tuple[str, ...]
    auth: str


def parse_mail(raw: bytes, *, own: OwnMail, meta: Mapping[str, str]) -> Sequence[Incoming]:
    """The mail's meaning, never empty. Raises `Unreadable` (nothing in it that is a mail) and nothing else.

    `meta["recipient"]` is the envelope's, `meta["internal_date"]` the mailbox's date (RFC 3501), where known.
    """
    if not raw.strip(b"\x00 \t\r\n"):
        raise Unreadable("the mail is empty; ask the sender to send it again")
    mail = read_mail(raw)
    root = opened(mail.root)
    read = _read(root, mail.root.headers, own, meta, mail.notes)
    mark = bounce.report_mark(root)
    if mark is MachineMark.BOUNCE or (mark is None and _is_plain_bounce(read)):
        return _reports(read)
    if is_own_echo(read.headers, read.id, read.sender.box, own):
        return [_own_post(read)]
    return [_reaction(read, mark)]


def _read(root: Part, headers: Headers, own: OwnMail, meta: Mapping[str, str], notes: set[str]) -> _Read:
    return _Read(
        root, headers, decode_words(headers.first("subject"))[:MAX_SUBJECT], sender_of(headers), own, meta, notes,
        message_id(headers), references(headers), authentication(headers, own),
    )  # fmt: skip


def _is_plain_bounce(read: _Read) -> bool:
    """A form's mail never is one: forms write with an empty envelope sender, and about parcels that were not delivered."""
    author = read.sender.box
    if is_form_mail(author, read.own):
        return False
    if bounce.is_plain_bounce(read.headers, author.address, read.subject):
        return True
    if not (bounce.is_from_nobody(read.headers) and bounce.says_so(read.subject)):
        return False
    return bool(bounce.original_of(read.root, read_content(read.root).text).id)  # it names the mail that came back


def _reports(read: _Read) -> Sequence[Incoming]:
    content = read_content(read.root)
    original = bounce.original_of(read.root, content.text)
    ids = (original.id, *references(original.headers), *read.references)
    found = (*tokens(read.headers, ids, read.own, read.meta), *tokens(original.headers, (), read.own, {}))
    at = read_date(read.headers.first("date"), _arrived(read))
    return bounce.reports(read.root, read.headers, content.text, original, at, tuple(dict.fromkeys(found)))


def _arrived(read: _Read) -> datetime | None:
    """When a server of ours took it: by its own mailbox, else by its Received header."""
    return read_date(read.meta.get("internal_date", "")) or received_date(read.headers.every("received"))


def _own_post(read: _Read) -> OwnPost:
    content = read_content(read.root)
    parent = read.references[0] if read.references else ""
    at = read_date(read.headers.first("date"), _arrived(read))
    name = read.sender.box.name
    return OwnPost(read.id, content.text, parent, name, at, read.references, Visibility.PRIVATE)


def _reaction(read: _Read, mark: MachineMark | None) -> Reaction:
    headers, own = read.headers, read.own
    content = read_content(read.root)
    fingerprint = digest(headers, read.root, read.subject)
    notes = read.notes | content.notes
    files = read_attachments(content.files, own, notes)
    marks = _marks(read, mark)
    recipients = recipients_of(headers, normalised(read.meta.get("recipient", "")))
    sent_at = read_date(headers.first("date"), _arrived(read))
    advice = sender_advice(headers, read.sender, own, read.auth)
    author, on_behalf = _author(read, content, advice)
    advice |= (
        file_advice(files) | seal_advice(read.root, content.text) | _shortcomings(read, recipients, sent_at, notes)
    )
    # What a form or a colleague passes on looks like a quote and is what must be read.
    folds = () if on_behalf or Advice.FORWARDED_FROM in advice else fold(content.text)
    return Reaction(
        external_id=read.id or f"digest:{fingerprint}",
        author=author,
        text=content.text,
        html=content.html,
        title=read.subject,
        sent_at=sent_at,
        language=guess_language(_unfolded(content.text, folds)),
        digest=fingerprint,
        shared=True,
        parent_id=read.references[0] if read.references else "",
        references=read.references,
        tokens=tokens(headers, read.references, own, read.meta),
        recipients=recipients[:MAX_RECIPIENTS],
        attachments=files,
        marks=marks,
        on_behalf=on_behalf,
        folds=folds,
        advice={str(code): value for code, value in advice.items()},
    )


def _marks(read: _Read, mark: MachineMark | None) -> frozenset[MachineMark]:
    marks = machine_marks(read.headers, read.subject, read.sender.box.address)
    if mark:
        marks.add(mark)
    if comes_by_list(read.headers, read.id, read.own):
        marks.add(MachineMark.OWN_ECHO)
    return frozenset(marks)


def _shortcomings(read: _Read, recipients: Sequence[str], sent_at: datetime | None, notes: set[str]) -> dict[str, str]:
    advice: dict[str, str] = {}
    if len(recipients) > MAX_RECIPIENTS:
        advice[Advice.MANY_RECIPIENTS] = str(len(recipients))
    if sent_at is None:
        advice[Advice.BAD_DATE] = read.headers.first("date")[:128]
    if notes:
        advice[Advice.INCOMPLETE] = ",".join(sorted(notes))
    return advice


def _author(read: _Read, content: Content, advice: dict[str, str]) -> tuple[Author, bool]:
    """The author, and whether a form sent it on their behalf. Adds what should be known to `advice`."""
    box = read.sender.box
    if is_form_mail(box, read.own):
        if found := citizen_in(read.headers, content.text, read.own):
            citizen, phone = found
            advice[Advice.FORM_SENDER] = box.address
            advice.pop(Advice.REPLY_TO, None)
            advice.pop(Advice.STAFF_UNVERIFIED, None)
            if phone:
                advice[Advice.PHONE] = phone
            return _as_author(citizen), True
        advice[Advice.FORM_WITHOUT_CITIZEN] = ""
    if read.own.is_staff(box.address) and (inner := inner_sender(read.subject, content.text)):
        advice[Advice.FORWARDED_FROM] = f"{inner.name} <{inner.address}>".strip()
    return _as_author(box), False


def _as_author(box: Mailbox) -> Author:
    """`verified` stays false: a From is a claim, whatever a server found about its domain."""
    return Author(AddressKind.EMAIL, box.address, box.name[:200])


def _unfolded(text: str, folds: Sequence[Fold]) -> str:
    return text[: folds[0].start] if folds and folds[0].start > 40 else text
