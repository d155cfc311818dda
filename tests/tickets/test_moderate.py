"""Moderation, marks on passages, notes, drafts and text blocks."""

import pytest
from sqlalchemy import select

from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.models import Delivery, Message, MessageTheme, Template, TicketEvent
from app.tickets import drafts, passages, templates
from app.tickets.merge import merge
from app.tickets.moderate import VERDICTS, moderate
from app.tickets.note import note
from app.tickets.reply import reply
from app.vocabulary import DeliveryState, EventType, Language, MessageKind, Publication, Verdict, Visibility
from tests.tickets.town import MAIL, Town


def comment(town: Town, publication: Publication | None = Publication.HELD) -> int:
    said = {"visibility": Visibility.PUBLIC, "publication": publication}
    ticket_id = town.ticket(message=said, is_public=True)
    return town.session.scalars(select(Message.id).where(Message.ticket_id == ticket_id)).one()


@pytest.mark.parametrize("publication", list(Publication))
@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_verdict_applies_to_what_the_table_says(town: Town, publication: Publication, verdict: Verdict) -> None:
    message_id = comment(town, publication)
    before, after = VERDICTS[verdict]
    if publication in before:
        moderate(town.session, town.ann, message_id, verdict, "Gescheld")
        town.session.expire_all()
        message = town.session.get_one(Message, message_id)
        assert (message.publication, message.publication_reason) == (after, "Gescheld")
        event = town.session.scalars(
            select(TicketEvent).where(TicketEvent.message_id == message_id).order_by(TicketEvent.id.desc())
        )
        last = event.first()
        assert last is not None
        assert (last.type, last.data["verdict"]) == (EventType.MODERATED, verdict)
    else:
        with pytest.raises(Conflict) as refused:
            moderate(town.session, town.ann, message_id, verdict, "Gescheld")
        assert refused.value.code == "publication"


def test_hiding_and_removing_take_a_reason_that_the_author_reads(town: Town) -> None:
    for verdict in (Verdict.HIDE, Verdict.REMOVE):
        with pytest.raises(Invalid):
            moderate(town.session, town.ann, comment(town, Publication.PUBLISHED), verdict, " ")


def test_a_verdict_is_carried_to_where_the_comment_stands(town: Town) -> None:
    message_id = comment(town, Publication.PUBLISHED)
    moderate(town.session, town.ann, message_id, Verdict.HIDE, "Gescheld", elsewhere=True)
    delivery = town.session.scalars(select(Delivery).where(Delivery.message_id == message_id)).one()
    external_id = town.session.get_one(Message, message_id).external_id
    assert (delivery.action, delivery.state) == ("moderate", DeliveryState.WAITING)
    assert delivery.payload == {"external_id": external_id, "verdict": "hide", "reason": "Gescheld"}
    own = comment(town, Publication.PUBLISHED)
    moderate(town.session, town.ann, own, Verdict.HIDE, "Gescheld")
    assert town.session.scalars(select(Delivery).where(Delivery.message_id == own)).all() == []


def test_only_public_reactions_are_moderated_and_only_by_who_works_there(town: Town) -> None:
    with pytest.raises(Invalid) as refused:
        moderate(town.session, town.ann, comment(town, None), Verdict.APPROVE)
    assert refused.value.code == "not_public"
    with pytest.raises(Forbidden):
        moderate(town.session, town.cas, comment(town), Verdict.APPROVE)
    with pytest.raises(NotFound):
        moderate(town.session, town.ann, 2**40, Verdict.APPROVE)


def test_a_passage_gets_its_own_theme_once_and_loses_it(town: Town) -> None:
    message_id = comment(town)
    mark_id = passages.mark(town.session, town.ann, message_id, town.trees, start=3, end=8)
    assert passages.mark(town.session, town.ann, message_id, town.trees, start=3, end=8) == mark_id
    whole = passages.mark(town.session, town.ann, message_id, town.trees)
    assert whole != mark_id
    for mark in (mark_id, mark_id):
        passages.unmark(town.session, town.ann, mark)
    assert town.session.scalars(select(MessageTheme.id).where(MessageTheme.message_id == message_id)).all() == [whole]
    marked = select(TicketEvent).where(
        TicketEvent.message_id == message_id, TicketEvent.type == EventType.PASSAGES_MARKED
    )
    assert len(town.session.scalars(marked).all()) == 3


@pytest.mark.parametrize(("start", "end"), [(-1, 4), (4, 4), (5, 4), (0, 10_000)])
def test_a_passage_lies_within_the_text(town: Town, start: int, end: int) -> None:
    with pytest.raises(Invalid):
        passages.mark(town.session, town.ann, comment(town), town.trees, start=start, end=end)


def test_a_note_is_written_by_whoever_reads_and_its_draft_goes(town: Town) -> None:
    ticket_id = town.ticket()
    drafts.save(town.session, town.cas, ticket_id, text="Ik weet", purpose="note")
    drafts.save(town.session, town.cas, ticket_id, text="Een antwoord")
    message_id = note(town.session, town.cas, ticket_id, text=" Ik weet hier meer van ")
    message = town.session.get_one(Message, message_id)
    assert (message.kind, message.text, message.visibility) == (
        MessageKind.NOTE,
        "Ik weet hier meer van",
        Visibility.PRIVATE,
    )
    assert message.account_id is None
    assert [draft.purpose for draft in drafts.read(town.session, town.cas, ticket_id)] == ["reply"]
    assert town.read(ticket_id).version == 2


@pytest.mark.parametrize(
    ("text", "kind"), [("", MessageKind.NOTE), ("x", MessageKind.REPLY), ("x" * 100_001, MessageKind.NOTE)]
)
def test_a_note_is_a_note(town: Town, text: str, kind: MessageKind) -> None:
    with pytest.raises(Invalid):
        note(town.session, town.ann, town.ticket(), text=text, kind=kind)


def test_a_draft_is_one_per_writer_and_outlives_a_merge(town: Town) -> None:
    source, target = town.ticket(), town.ticket()
    first = drafts.save(town.session, town.ann, source, text="Eerst", seen_message_id=1)
    assert drafts.save(town.session, town.ann, source, text="Later", seen_message_id=2) == first
    assert town.read(source).version == 1
    merge(town.session, town.ann, source, target)
    (draft,) = drafts.read(town.session, town.ann, target)
    assert (draft.text, draft.seen_message_id) == ("Later", 2)
    reply(town.session, town.ann, target, text="Later", seen_message_id=2**40, limits=MAIL, undo_seconds=1)
    assert drafts.read(town.session, town.ann, target) == []


def test_a_draft_is_thrown_away_by_its_writer_only(town: Town) -> None:
    ticket_id = town.ticket()
    draft_id = drafts.save(town.session, town.ann, ticket_id, text="Van mij")
    drafts.discard(town.session, town.bob, draft_id)
    assert len(drafts.read(town.session, town.ann, ticket_id)) == 1
    drafts.discard(town.session, town.ann, draft_id)
    drafts.discard(town.session, town.ann, draft_id)
    assert drafts.read(town.session, town.ann, ticket_id) == []


def test_asking_for_release_is_an_event_once(town: Town) -> None:
    ticket_id = town.ticket()
    drafts.save(town.session, town.ann, ticket_id, text="Klaar?")
    for text in ("Klaar", "Klaar, bijna"):
        drafts.save(town.session, town.ann, ticket_id, text=text, for_release=True)
    ready = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id, TicketEvent.type == EventType.DRAFT_READY)
    assert len(town.session.scalars(ready).all()) == 1
    with pytest.raises(Invalid):
        drafts.save(town.session, town.ann, ticket_id, text=" ", for_release=True)
    with pytest.raises(Invalid):
        drafts.save(town.session, town.ann, ticket_id, text="x", purpose="anders")


def test_blocks_are_offered_by_language_theme_and_team(town: Town) -> None:
    def block(name: str, language: Language = Language.DUTCH, **where: int) -> None:
        town.session.add(Template(purpose="block", name=name, language=language, text=name, **where))

    block("groet")
    block("greeting", Language.ENGLISH)
    block("bomen", theme_id=town.trees)
    block("straten", team_id=town.streets)
    town.session.flush()

    def names(**where: int | str | None) -> list[str]:
        language = str(where.pop("language", "nl"))
        return [b.name for b in templates.offered(town.session, language=language, **where)]

    assert names() == ["groet"]
    assert names(theme_id=town.trees, team_id=town.streets) == ["bomen", "groet", "straten"]
    assert names(language="en") == ["greeting"]
    assert names(language="fr") == ["groet"]


def test_the_organisations_own_text_comes_before_ours(town: Town) -> None:
    assert "{reference}" in templates.text_for(town.session, "receipt", "nl").text
    assert templates.text_for(town.session, "receipt", "fr") == templates.text_for(town.session, "receipt", "nl")
    town.session.add(Template(purpose="receipt", name="eigen", language=Language.DUTCH, title="Dank", text="Dank u"))
    town.session.flush()
    own = templates.text_for(town.session, "receipt", "nl")
    assert (own.title, own.text) == ("Dank", "Dank u")


def test_a_placeholder_without_a_value_stays_and_is_reported() -> None:
    rendered = templates.render(
        "Beste {name}, {reference} {naam} {naam} { x } {0} {a.b}", {"name": "{reference}", "reference": "WK-1-R"}
    )
    assert rendered.text == "Beste {reference}, WK-1-R {naam} {naam} { x } {0} {a.b}"
    assert rendered.unknown == ["naam"]
