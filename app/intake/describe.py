"""A reaction as the columns of a ticket and a message. Pure."""

from collections.abc import Sequence
from datetime import datetime

from app.accounts.directory import AccountRow
from app.channels.contract import Reaction
from app.channels.incoming import Fold
from app.intake import clean, machines
from app.intake.contacts import Who
from app.tickets.come_back import UNTIL_ROUTED
from app.tickets.create import NewMessage, NewTicket
from app.tickets.receipt import Owed
from app.vocabulary import Language, TicketKind, Visibility

_SUBJECT = 120
_SPOKEN = frozenset(Language)
_PUBLIC = frozenset({Visibility.PUBLIC, Visibility.UNLISTED})


def ticket(
    reaction: Reaction,
    account: AccountRow,
    who: Who,
    *,
    received_at: datetime,
    language: str,
    campaign_id: int | None,
    process_id: int | None,
) -> NewTicket:
    """The ticket that a reaction opens. A formal kind's clock starts at `received_at`, when it reached us."""
    subject = reaction.subject
    return NewTicket(
        account_id=account.id,
        received_at=received_at,
        due_at=received_at + UNTIL_ROUTED,
        contact_id=who.contact_id,
        kind=reaction.kind or TicketKind.QUESTION,
        subject=reaction.title or first_words(reaction.text),
        language=language,
        theme_id=account.theme_id,
        process_id=process_id,
        campaign_id=campaign_id,
        subject_key=subject.key if subject else "",
        subject_url=subject.url if subject else "",
        subject_title=subject.title if subject else "",
        is_public=reaction.visibility in _PUBLIC,
    )


def message(
    reaction: Reaction,
    account: AccountRow,
    who: Who,
    *,
    identity: str,
    received_at: datetime,
    language: str,
    folds: Sequence[Fold],
    joined_by: str = "",
    automatic: bool = False,
    fingerprint: int | None = None,
) -> NewMessage:
    """The message that a reaction becomes. `joined_by` is shown beside it: why it stands in this ticket."""
    return NewMessage(
        account_id=account.id,
        visibility=reaction.visibility,
        identity=identity,
        external_id=reaction.external_id,
        parent_id=reaction.parent_id,
        root_id=reaction.root_id,
        digest=reaction.digest,
        fingerprint=fingerprint,
        contact_id=who.contact_id,
        address_id=who.address_id,
        author_name=reaction.author.name or reaction.author.handle,
        author_verified=reaction.author.verified,
        title=reaction.title,
        text=reaction.text,
        html=reaction.html,
        folds=[[f.start, f.end, f.why] for f in folds],
        language=language,
        references=reaction.references,
        recipients=reaction.recipients,
        marks=sorted(mark.value for mark in reaction.marks),
        advice={**reaction.advice, **({"joined_by": joined_by} if joined_by else {})},
        automatic=automatic,
        stance=reaction.stance,
        subject_key=reaction.subject.key if reaction.subject else "",
        publication=reaction.publication,
        sent_at=clean.when(reaction.sent_at, received_at),
        received_at=received_at,
    )


def receipt(
    reaction: Reaction, account: AccountRow, who: Who, made: NewTicket, ticket_id: int, *, writes_back: bool
) -> Owed:
    """What decides on a receipt. An address that a form passed on was typed by somebody, whoever sent the form.

    `writes_back`: the account can send to the address that the reaction came from; where it cannot, the mailbox that it names
    does. What is typed in a form stands in none of our mails that no person has looked at.
    """
    typed = reaction.on_behalf or not (reaction.shared or reaction.author.verified)
    return Owed(
        ticket_id=ticket_id,
        account_id=account.id,
        organisation_id=account.organisation_id,
        kind=made.kind,
        language=Language(made.language) if made.language in _SPOKEN else account.language,
        received_at=made.received_at,
        contact_id=who.contact_id,
        mail_account_id=None if writes_back else account.mail_account_id,
        address_id=who.address_id if writes_back or account.mail_account_id else None,
        address_kind=reaction.author.kind,
        visibility=reaction.visibility,
        name="" if typed else reaction.author.name,
        machine=not machines.receipt_allowed(reaction.marks),
        typed=typed,
        wanted=account.receipts,
    )


def first_words(text: str) -> str:
    """The first line that says something, cut at a word: the subject of what came without one."""
    line = next((" ".join(line.split()) for line in text.split("\n") if line.strip()), "")
    return line if len(line) <= _SUBJECT else line[:_SUBJECT].rsplit(" ", 1)[0] + "…"
