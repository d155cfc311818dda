"""What a channel gave, made fit to be stored: no NUL, no lone surrogate, no text without end. Pure.

The untouched original stays in the raw item. Dates are kept as claimed (they are shown); what orders anything is our own
time of arrival.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.channels.contract import (
    AttachmentIn,
    Author,
    DeliveryReport,
    Incoming,
    OwnPost,
    Reaction,
    Revision,
    Signal,
    Subject,
    Vote,
    Withdrawal,
)
from app.channels.incoming import Fold

_BAD = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"  # one for one, so that offsets of folds stay true
NAME = 200
TITLE = 1_000
ADDRESS = 400
IDENTIFIER = 500
TEXT = 2_000_000
OLDEST = timedelta(days=365 * 5)
NEWEST = timedelta(days=1)


def text(value: str, limit: int = TEXT) -> str:
    """`value` as PostgreSQL can hold it, at most `limit` characters."""
    return _BAD.sub(REPLACEMENT, value[:limit]) if _BAD.search(value, 0, limit) else value[:limit]


def when(claimed: datetime | None, received: datetime) -> datetime | None:
    """The author's claim, clamped to what can be true: a mail from 2099 or 1970 would turn every list around."""
    if claimed is None:
        return None
    aware = claimed if claimed.tzinfo is not None else claimed.replace(tzinfo=received.tzinfo)
    return min(max(aware, received - OLDEST), received + NEWEST)


def incoming(given: Incoming, received: datetime) -> Incoming:
    """The same part of an item, fit to be stored. `received` bounds what dates can be true."""
    match given:
        case Reaction():
            return reaction(given)
        case Revision():
            body = replace(
                given, text=text(given.text), html=text(given.html), revised_at=when(given.revised_at, received)
            )
            return replace(body, **_named(given), attachments=[attachment(a) for a in given.attachments])
        case Withdrawal():
            return replace(given, **_named(given), withdrawn_at=when(given.withdrawn_at, received))
        case DeliveryReport():
            report = replace(given, **_named(given), key=text(given.key, IDENTIFIER), code=text(given.code, 100))
            return replace(report, tokens=_texts(given.tokens, IDENTIFIER))
        case Vote():
            choices = {text(k, 200): _texts(v, TEXT) for k, v in given.choices.items()}
            polled = replace(given, poll_key=text(given.poll_key, 200), choices=choices)
            voter = author(given.voter) if given.voter else None
            marked = replace(polled, voter=voter, source=text(given.source, 200), apart=text(given.apart, 60))
            return replace(marked, **_named(given), voted_at=when(given.voted_at, received) or received)
        case Signal():
            found = replace(given, author=author(given.author), text=text(given.text), url=text(given.url, 2_000))
            return replace(found, **_named(given), sent_at=when(given.sent_at, received))
        case OwnPost():
            to = author(given.to) if given.to else None
            said = replace(given, text=text(given.text), author_name=_one_line(given.author_name, NAME), to=to)
            named = replace(said, **_named(given), parent_id=text(given.parent_id, IDENTIFIER))
            return replace(
                named, references=_texts(given.references, IDENTIFIER), sent_at=when(given.sent_at, received)
            )


def reaction(given: Reaction) -> Reaction:
    """The same reaction, fit to be stored."""
    body = text(given.text)
    return replace(
        given,
        external_id=text(given.external_id, IDENTIFIER),
        author=author(given.author),
        text=body,
        html=text(given.html),
        title=_one_line(given.title, TITLE),
        language=text(given.language, 20),
        digest=text(given.digest, 200),
        parent_id=text(given.parent_id, IDENTIFIER),
        root_id=text(given.root_id, IDENTIFIER),
        references=_texts(given.references, IDENTIFIER),
        recipients=_texts(given.recipients, ADDRESS),
        subject=_subject(given.subject),
        attachments=[attachment(a) for a in given.attachments],
        stance=text(given.stance, 50),
        process_key=text(given.process_key, 200),
        folds=folds(given.folds, len(body)),
        advice={text(k, 100): text(v, TITLE) for k, v in given.advice.items()},
    )


def author(given: Author) -> Author:
    """The same author, fit to be stored."""
    return Author(
        kind=given.kind,
        address=text(given.address, ADDRESS).strip(),
        name=_one_line(given.name, NAME),
        verified=given.verified,
        handle=_one_line(given.handle, NAME),
        url=text(given.url, 2_000),
    )


def attachment(given: AttachmentIn) -> AttachmentIn:
    """The same file, with a name and type that can be stored."""
    return replace(
        given,
        name=_one_line(given.name, NAME),
        content_type=_one_line(given.content_type, 200),
        cid=_one_line(given.cid, NAME),
        alt=text(given.alt, 2_000),
    )


def folds(given: Sequence[Fold], length: int) -> list[Fold]:
    """Folds that lie within the text, in order, without overlap."""
    kept: list[Fold] = []
    for fold in sorted(given, key=lambda f: (f.start, -f.end)):
        start, end = max(fold.start, kept[-1].end if kept else 0), min(fold.end, length)
        if start < end:
            kept.append(Fold(start, end, fold.why))
    return kept


def _named(given: Revision | Withdrawal | DeliveryReport | Vote | Signal | OwnPost) -> dict[str, Any]:
    return {"external_id": text(given.external_id, IDENTIFIER)}


def _subject(given: Subject | None) -> Subject | None:
    if given is None:
        return None
    return Subject(text(given.key, IDENTIFIER), _one_line(given.title, TITLE), text(given.url, 2_000))


def _one_line(value: str, limit: int) -> str:
    return " ".join(text(value, limit).split())


def _texts(values: Sequence[str], limit: int) -> tuple[str, ...]:
    return tuple(text(v, limit) for v in values)
