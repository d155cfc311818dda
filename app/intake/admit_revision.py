"""An edit, or a late addition: the message gets its new text, and keeps the earlier ones."""

from typing import Any

from sqlalchemy import ARRAY, DateTime, Row, Text, bindparam, text
from sqlalchemy.orm import Session

from app.channels.contract import Revision
from app.intake import files
from app.intake.means import InHand, Waits
from app.intake.outcome import Outcome
from app.models.ticket_event import TAKEN_AWAY
from app.tickets import create, events, versions
from app.tickets.search_terms import TERMS_VERSION, terms
from app.vocabulary import EventType, MessageKind, Publication, RawState

WHAT = "revision"

_FIND = text("""
    SELECT id, ticket_id, kind, title, author_name, text, html, revised_at, publication, withdrawn_at FROM message
    WHERE account_id = :account_id AND external_id = :external_id AND kind IN ('reaction', 'own_post', 'reply')
    ORDER BY id LIMIT 1 FOR UPDATE
""")
_KEEP = """revised_from = revised_from || jsonb_build_array(
        jsonb_strip_nulls(jsonb_build_object('text', CAST(:old_text AS text), 'html', CAST(:old_html AS text),
            'until', CAST(:until AS timestamptz))))"""
# What the parser folded in the old text means nothing in the new one.
_REVISE = text(f"""
    UPDATE message SET {_KEEP}, text = :text, html = :html, folds = '[]', revised_at = :until,
        terms = array_to_tsvector(:terms), terms_version = {TERMS_VERSION}
    WHERE id = :id
""").bindparams(bindparam("terms", type_=ARRAY(Text)), bindparam("until", type_=DateTime(timezone=True)))  # noqa: S608
_SHOW = text("UPDATE message SET publication = :publication WHERE id = :id")
_BACK = text("""
    UPDATE message SET withdrawn_at = NULL,
        publication_reason = CASE WHEN :publication = 'published' THEN '' ELSE publication_reason END,
        publication = CASE WHEN publication IS NULL THEN NULL ELSE :publication END
    WHERE id = :id
""").bindparams(bindparam("publication", type_=Text))
# By the message: events stay with the ticket in which they happened, messages move along when tickets are merged.
_WENT_AWAY = text(f"""
    SELECT at, data->>'stood' AS stood FROM ticket_event
    WHERE message_id = :id AND {TAKEN_AWAY} AND type = :type ORDER BY id DESC LIMIT 1
""")  # noqa: S608  (a constant)
_ON_ITS_WAY = text("""
    SELECT 1 FROM delivery WHERE message_id = :id AND action = 'moderate'
        AND state NOT IN ('sent', 'refused', 'cancelled') LIMIT 1
""")
_REMEMBER = text(f"UPDATE message SET {_KEEP} WHERE id = :id").bindparams(  # noqa: S608  (a constant)
    bindparam("until", type_=DateTime(timezone=True))
)


def admit(session: Session, hand: InHand, revision: Revision) -> Outcome:
    """The revised message. Raises `Waits` while what it revises is not here."""
    values = {"account_id": hand.account.id, "external_id": revision.external_id}
    row = session.execute(_FIND, values).one_or_none()
    if row is None:
        raise Waits("original_missing")
    shown = _back_there(session, revision, row) if revision.back else _moderated_there(session, revision, row)
    if (row.text, row.html) == (revision.text, revision.html) and not hand.files:
        return Outcome(RawState.APPLIED, WHAT, shown or "unchanged", row.ticket_id, row.id)
    late = _write(session, hand, revision, row)
    files.write(session, row.id, hand.files)
    version = versions.bump(session, row.ticket_id)
    events.record(session, row.ticket_id, EventType.REACTION_REVISED, message_id=row.id, version=version)
    return Outcome(RawState.APPLIED, WHAT, "older_revision" if late else "", row.ticket_id, row.id)


def _back_there(session: Session, revision: Revision, row: Row[Any]) -> str:
    """It was away and stands there again, so it does here; whoever finished its ticket meanwhile has it back.

    What we removed ourselves is back only when its source says where it stands: a colleague restored it over there.
    """
    removed = row.publication == Publication.REMOVED.value and revision.publication is not None
    if row.withdrawn_at is None and not removed:
        return _moderated_there(session, revision, row)
    if removed and _decided(session, row.id):
        return ""
    went = EventType.REACTION_WITHDRAWN if row.withdrawn_at is not None else EventType.MODERATED
    away = session.execute(_WENT_AWAY, {"id": row.id, "type": went}).one_or_none()
    stood = away.stood if away is not None and away.stood else Publication.HELD.value
    to = revision.publication.value if revision.publication else stood
    session.execute(_BACK, {"id": row.id, "publication": to})
    version = versions.bump(session, row.ticket_id)
    events.record(
        session, row.ticket_id, EventType.MODERATED, message_id=row.id, version=version, at_source=True, to=to
    )
    since = row.withdrawn_at or (away.at if away is not None else None)
    if row.kind == MessageKind.REACTION and since is not None:
        create.reopen_finished(session, row.ticket_id, row.id, since=since)
    return "back"


def _decided(session: Session, message_id: int) -> bool:
    """Whether a verdict of ours is still on its way: what was seen over there before it arrives is older."""
    return session.execute(_ON_ITS_WAY, {"id": message_id}).one_or_none() is not None


def _moderated_there(session: Session, revision: Revision, row: Row[Any]) -> str:
    """A colleague approved or hid it at its source: our page says so too. Gives what it is now; empty when it was known.

    Only whether it is shown counts: *held* over there and *hidden* here are the same to a reader.
    """
    now, before = revision.publication, row.publication
    if now is None or before in (None, Publication.REMOVED.value, Publication.WITHDRAWN.value):
        return ""
    if (now is Publication.PUBLISHED) == (before == Publication.PUBLISHED.value):
        return ""
    if _decided(session, row.id):
        return ""
    session.execute(_SHOW, {"id": row.id, "publication": now.value})
    version = versions.bump(session, row.ticket_id)
    events.record(
        session, row.ticket_id, EventType.MODERATED, message_id=row.id, version=version, at_source=True, to=now.value
    )
    return now.value


def _write(session: Session, hand: InHand, revision: Revision, row: Row[Any]) -> bool:
    """Whether the revision is older than what we show: edits may overtake one another on their way here."""
    if row.revised_at is not None and revision.revised_at is not None and revision.revised_at < row.revised_at:
        old = {"id": row.id, "old_text": revision.text, "old_html": revision.html or None}
        session.execute(_REMEMBER, {**old, "until": revision.revised_at})
        return True
    session.execute(
        _REVISE,
        {
            "id": row.id,
            "old_text": row.text,
            "old_html": row.html or None,
            "until": revision.revised_at or hand.item.received_at,
            "text": revision.text,
            "html": revision.html,
            "terms": terms(f"{row.title}\n{row.author_name}\n{revision.text}"),
        },
    )
    return False
