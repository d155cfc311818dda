"""A reaction becomes a message: of a ticket that it joins, or of one that it opens; at most with a proposal."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.channels.contract import MachineMark, Reaction
from app.intake import (
    candidates,
    contacts,
    describe,
    files,
    fingerprint,
    identity,
    known_text,
    language,
    machines,
    talks,
    thread,
)
from app.intake.campaigns import campaign_of
from app.intake.contacts import Who
from app.intake.conversation import our_texts, process_named
from app.intake.look_up import Known, look_up
from app.intake.means import InHand, Waits
from app.intake.outcome import Outcome
from app.intake.thread import Joined, Link, Proposed, Threaded
from app.tickets import create, events, receipt
from app.tickets.create import NewMessage
from app.tickets.propose import propose
from app.tickets.take_part import take_part
from app.vocabulary import FORMAL_KINDS, EventType, RawState

WHAT = "reaction"
PARENT_PATIENCE = 120.0  # seconds that an answer waits for the comment that it answers
_QUIETLY = frozenset({"token_other_sender", "message_id_other_sender"})


@dataclass(frozen=True, slots=True)
class _Seen:
    """A reaction with all that was found out about it before anything is written."""

    reaction: Reaction
    identity: str
    language: str
    print: fingerprint.Fingerprint | None
    known: Known
    verdict: Threaded
    refused: list[tuple[str, int]]


def admit(session: Session, hand: InHand, reaction: Reaction) -> Outcome:
    """The reaction in its place. Raises `Again` and `Waits`."""
    seen = _look(session, hand, reaction)
    if seen.known.message_id is not None:
        return _repeated(seen.known)
    if mark := machines.quiet(reaction.marks):
        return _quiet(session, hand, seen, mark)
    if isinstance(seen.verdict, Joined):
        return _join(session, hand, seen, seen.verdict)
    return _open(session, hand, seen)


def _look(session: Session, hand: InHand, reaction: Reaction) -> _Seen:
    if reaction.conversation:
        talks.alone(session, hand.account.id, reaction.author)
    print_ = None if reaction.marks else fingerprint.of(reaction.text, reaction.folds)
    who_am_i = identity.of(hand.account.id, reaction)
    known = look_up(session, hand.account.id, who_am_i, reaction, print_)
    found = () if known.message_id else candidates.find(session, hand.keys, hand.account.id, reaction, known.contact_id)
    if known.same_id_ticket is not None and known.message_id is None:
        found = (*found, thread.Candidate(known.same_id_ticket, Link.SAME_ID))
    if reaction.conversation and known.message_id is None:
        found = (*found, *(talk.candidate for talk in talks.find(session, hand.account.id, reaction.author)))
    if not found and reaction.parent_id and not known.message_id:
        _wait_for_parent(hand, reaction)
    facts = thread.ReactionFacts(reaction.shared, reaction.author.verified, formal=reaction.kind in FORMAL_KINDS)
    spoken = language.of(reaction.text, reaction.language, hand.account.language)
    verdict = thread.join(facts, found)
    return _Seen(reaction, who_am_i, spoken, print_, known, verdict, list(thread.refused(found, facts)))


def _wait_for_parent(hand: InHand, reaction: Reaction) -> None:
    """An answer may arrive before what it answers. Mail is left out: there, an unknown parent is the ordinary case."""
    subject = reaction.subject.key if reaction.subject else ""
    thing = {reaction.root_id, subject}
    if not reaction.shared and reaction.parent_id not in thing and hand.item.age < PARENT_PATIENCE:
        raise Waits("parent_missing")


def _repeated(known: Known) -> Outcome:
    """The same message again: by another account it is another route, which the desk shows."""
    return Outcome(RawState.DUPLICATE, WHAT, "known_already", known.ticket_id, known.message_id, arrived=True)


def _quiet(session: Session, hand: InHand, seen: _Seen, mark: str) -> Outcome:
    """A machine's answer stands quietly beside what it answers, or is counted with its reason: nothing else happens."""
    verdict = seen.verdict
    beside = isinstance(verdict, Joined) or (isinstance(verdict, Proposed) and verdict.why in _QUIETLY)
    if not beside or mark == MachineMark.OWN_ECHO:
        return Outcome(RawState.IGNORED, WHAT, mark)
    assert not isinstance(verdict, thread.New)
    who = Who(seen.known.contact_id, seen.known.address_id)
    message = _message(hand, seen, who, joined_by=verdict.why, automatic=True)
    message_id = create.insert_message(session, verdict.ticket_id, message)
    files.write(session, message_id, hand.files)
    events.record(session, verdict.ticket_id, EventType.REACTION_RECEIVED, message_id=message_id, quiet=mark)
    return Outcome(RawState.JOINED, WHAT, mark, verdict.ticket_id, message_id, arrived=True)


def _join(session: Session, hand: InHand, seen: _Seen, verdict: Joined) -> Outcome:
    who = _who(session, seen)
    message = _message(hand, seen, who, joined_by=verdict.why, ours=our_texts(session, verdict.ticket_id))
    added = create.append(session, verdict.ticket_id, message)
    files.write(session, added.message_id, hand.files)
    if who.contact_id is not None and (seen.reaction.shared or seen.reaction.author.verified):
        take_part(session, added.ticket_id, who.contact_id, who.address_id)
    _refusals(session, seen, added.ticket_id, added.message_id)
    return Outcome(RawState.JOINED, WHAT, verdict.why, added.ticket_id, added.message_id, arrived=True)


def _open(session: Session, hand: InHand, seen: _Seen) -> Outcome:
    who = _who(session, seen)
    reaction = seen.reaction
    process_id = process_named(session, reaction.process_key) if reaction.process_key else None
    ticket = describe.ticket(
        reaction,
        hand.account,
        who,
        received_at=hand.item.received_at,
        language=seen.language,
        campaign_id=campaign_of(session, seen.print, seen.known, who.contact_id, describe.first_words(reaction.text)),
        process_id=process_id or hand.account.process_id,
    )
    made = create.open_ticket(session, ticket, _message(hand, seen, who))
    files.write(session, made.message_id, hand.files)
    if isinstance(seen.verdict, Proposed):
        propose(session, made.ticket_id, seen.verdict.ticket_id, made.message_id, seen.verdict.why)
    _refusals(session, seen, made.ticket_id, made.message_id)
    receipt.owe(
        session, describe.receipt(reaction, hand.account, who, ticket, made.ticket_id, writes_back=hand.writes_back)
    )
    return Outcome(RawState.TICKETED, WHAT, seen.verdict.why, made.ticket_id, made.message_id, arrived=True)


def _who(session: Session, seen: _Seen) -> Who:
    machine = bool(seen.reaction.marks) and not seen.reaction.on_behalf
    return contacts.find_or_make(session, seen.reaction.author, seen.known, seen.language, machine)


def _message(
    hand: InHand, seen: _Seen, who: Who, *, joined_by: str = "", automatic: bool = False, ours: list[str] | None = None
) -> NewMessage:
    reaction = seen.reaction
    return describe.message(
        reaction,
        hand.account,
        who,
        identity=seen.identity,
        received_at=hand.item.received_at,
        language=seen.language,
        folds=known_text.merged(reaction.folds, known_text.find(reaction.text, ours)) if ours else reaction.folds,
        joined_by=joined_by,
        automatic=automatic,
        fingerprint=seen.print.number if seen.print else None,
    )


def _refusals(session: Session, seen: _Seen, ticket_id: int, message_id: int) -> None:
    """A token that did not count is told where the message now stands, with the ticket that it spoke of."""
    for reason, claimed in dict.fromkeys(seen.refused):
        events.record(
            session, ticket_id, EventType.TOKEN_REFUSED, message_id=message_id, reason=reason, claimed=claimed
        )
