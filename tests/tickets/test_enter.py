"""What employees write down by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import Forbidden, Invalid, NotFound
from app.identity.principal import SYSTEM
from app.models import (
    Account,
    Attachment,
    Contact,
    ContactAddress,
    Delivery,
    Message,
    Ticket,
    TicketParticipant,
    TicketTag,
)
from app.tickets import lists, search
from app.tickets.call import call
from app.tickets.enter import AnswerBy, Entered, Entry, Scan, Way, enter
from app.tickets.reply import reply
from app.vocabulary import AddressKind, Confidentiality, MessageKind, TicketKind, TicketStatus
from tests.tickets.town import MAIL, Town

MOBILE = "+31612345678"


@pytest.fixture
def hand(session: Session, town: Town) -> int:
    return account(session, town, "phone.by_hand")


def account(session: Session, town: Town, kind: str) -> int:
    made = Account(
        organisation_id=town.organisation_id, kind=kind, name=f"{kind} here", settings=b"", public_key=f"k-{kind}"
    )
    session.add(made)
    session.flush()
    return made.id


def written(town: Town, hand: int, **columns: object) -> Entered:
    base: dict[str, object] = {"way": Way.CALL, "text": "De lantaarn voor mijn deur is stuk.", "phone": "06-12345678"}
    return enter(town.session, town.ann, Entry(**base | columns), account_id=hand)  # type: ignore[arg-type]


def message(town: Town, entered: Entered) -> Message:
    return town.session.get_one(Message, entered.message_id)


def test_a_call_becomes_a_ticket_of_a_contact_with_this_number(town: Town, hand: int) -> None:
    made = written(town, hand, name="Inwoner Een")
    ticket = town.read(made.ticket_id)
    assert (ticket.status, ticket.account_id, ticket.subject) == (
        TicketStatus.NEW, hand, "De lantaarn voor mijn deur is stuk.",
    )  # fmt: skip
    contact = town.session.get_one(Contact, made.contact_id)
    [address] = town.session.scalars(select(ContactAddress).where(ContactAddress.contact_id == contact.id))
    assert (contact.name, address.kind, address.address) == ("Inwoner Een", AddressKind.PHONE, MOBILE)
    assert message(town, made).kind is MessageKind.REACTION
    assert ticket.due_at > clock.now() + timedelta(days=1), "nothing is late at the moment that it is entered"
    assert message(town, made).advice == {"entered_call": "Ann"}


def test_the_same_number_written_otherwise_is_the_same_contact_and_keeps_its_name(town: Town, hand: int) -> None:
    first = written(town, hand, name="Inwoner Een")
    again = written(town, hand, phone="+31 6 12345678", name="Iemand Anders")
    assert again.contact_id == first.contact_id
    assert town.session.get_one(Contact, first.contact_id).name == "Inwoner Een"
    assert again.ticket_id != first.ticket_id


def test_a_mail_address_of_somebody_else_stays_theirs(town: Town, hand: int) -> None:
    owner, _ = town.citizen("Bewoner")
    theirs = town.session.scalars(select(ContactAddress.address).where(ContactAddress.contact_id == owner)).one()
    written(town, hand)
    made = written(town, hand, email=theirs)
    assert made.contact_id != owner
    still = select(ContactAddress.contact_id).where(ContactAddress.address == theirs)
    assert town.session.scalars(still).one() == owner


@pytest.mark.parametrize(("kind", "receipts"), [(TicketKind.OBJECTION, 1), (TicketKind.QUESTION, 0)])
def test_a_formal_letter_has_its_formal_receipt_where_it_can_be_mailed(
    town: Town, hand: int, kind: TicketKind, receipts: int
) -> None:
    made = written(town, hand, way=Way.LETTER, kind=kind, email="inwoner@voorbeeld.example")
    told = select(Message.title).where(Message.ticket_id == made.ticket_id, Message.kind == MessageKind.RECEIPT)
    assert len(town.session.scalars(told).all()) == receipts
    assert not town.session.scalars(
        told.where(Message.ticket_id == written(town, hand, way=Way.COUNTER, kind=kind).ticket_id)
    ).all()


def test_somebody_who_leaves_nothing_is_written_down_all_the_same(town: Town, hand: int) -> None:
    made = written(town, hand, way=Way.COUNTER, phone="")
    assert made.contact_id is None
    assert message(town, made).account_id is None


def test_it_is_found_by_its_words_and_stands_in_the_lists(town: Town, hand: int) -> None:
    made = written(town, hand, text="Er ligt een omgewaaide kastanjeboom op het zebrapad.")
    assert made.ticket_id in [line.id for line in search.search(town.session, town.ann, "kastanjebomen")]
    assert made.ticket_id in [line.id for line in lists.all_tickets(town.session, town.ann, lists.Filters())]


@pytest.mark.parametrize(
    ("way", "answer_by", "expected"),
    [
        (Way.CALL, AnswerBy.AUTO, "phone.twilio_voice"),
        (Way.LETTER, AnswerBy.AUTO, "mail"),
        (Way.CALL, AnswerBy.MAIL, "mail"),
        (Way.LETTER, AnswerBy.SMS, "phone.twilio_sms"),
        (Way.CALL, AnswerBy.NONE, None),
    ],
)
def test_the_answer_goes_by_a_channel_that_fits_what_was_left(
    session: Session, town: Town, hand: int, way: Way, answer_by: AnswerBy, expected: str | None
) -> None:
    for kind in ("phone.twilio_voice", "phone.twilio_sms"):
        account(session, town, kind)
    made = written(town, hand, way=way, email="inwoner@voorbeeld.example", answer_by=answer_by)
    written_over = message(town, made).account_id
    found = session.scalar(select(Account.kind).where(Account.id == written_over)) if written_over else None
    assert found == expected


def test_without_a_fitting_account_only_the_employee_can_answer(town: Town, hand: int) -> None:
    made = written(town, hand)
    assert message(town, made).account_id is None
    assert message(town, made).address_id is not None


def test_what_was_chosen_is_kept_from_the_rules(town: Town, hand: int) -> None:
    made = written(town, hand, theme_id=town.roads, kind=TicketKind.COMPLAINT)
    ticket = town.read(made.ticket_id)
    assert (ticket.theme_id, ticket.kind, sorted(ticket.fixed)) == (town.roads, TicketKind.COMPLAINT, ["kind", "theme"])
    assert town.read(written(town, hand).ticket_id).fixed == []


def test_with_an_interpreter_the_ticket_is_worked_in_dutch_and_says_so(town: Town, hand: int) -> None:
    made = written(town, hand, language="ar", interpreter=True)
    assert town.read(made.ticket_id).language == "nl"
    assert (message(town, made).language, message(town, made).advice["interpreter"]) == ("ar", "ar")
    assert town.read(written(town, hand, language="ar").ticket_id).language == "ar"


def test_a_letter_is_a_scan_and_the_day_it_arrived(town: Town, hand: int) -> None:
    arrived = clock.now() - timedelta(days=2)
    scan = Scan("a" * 64, "brief.pdf", "application/pdf", 1234)
    letter = {"way": Way.LETTER, "text": "", "phone": "", "subject": "Brief over de Proefstraat"}
    made = written(town, hand, **letter, received_at=arrived, scans=[scan])
    assert town.read(made.ticket_id).received_at == arrived
    [file] = town.session.scalars(select(Attachment).where(Attachment.message_id == made.message_id))
    assert (file.name, file.sha256, file.size) == ("brief.pdf", "a" * 64, 1234)


def test_forty_cards_of_an_evening_are_forty_tickets_under_one_tag(town: Town, hand: int) -> None:
    made = [
        written(town, hand, way=Way.MEETING, phone="", text=f"Kaart {n}", meeting="Buurtavond  Proefwijk")
        for n in range(40)
    ]
    tagged = town.session.scalars(select(TicketTag.ticket_id).where(TicketTag.tag == "buurtavond proefwijk")).all()
    assert sorted(tagged) == sorted(one.ticket_id for one in made)


def test_it_may_go_into_a_ticket_that_is_there_and_brings_it_back(town: Town, hand: int) -> None:
    ticket_id = town.ticket(status=TicketStatus.SOLVED, agent_id=town.ann.agent_id)
    made = written(town, hand, ticket_id=ticket_id, meeting="balie")
    assert made.ticket_id == ticket_id
    assert town.read(ticket_id).status is TicketStatus.OPEN
    assert town.read(ticket_id).due_at > clock.now() + timedelta(days=1), "it has its place in the order again"
    written(town, hand, ticket_id=ticket_id, meeting="balie")


def test_who_is_written_into_anothers_ticket_takes_part_in_it_from_then_on(town: Town, hand: int) -> None:
    """What they mail next, with the ticket's own address, joins it: an employee said that they belong there."""
    ticket_id = town.ticket(citizen=town.citizen())
    made = written(town, hand, ticket_id=ticket_id, way=Way.COUNTER, email="buur@bewoner.example")
    written(town, hand, ticket_id=ticket_id, way=Way.COUNTER, email="buur@bewoner.example")
    written(town, hand, ticket_id=ticket_id, way=Way.COUNTER, phone="", text="Iemand zonder naam zag het ook.")
    part = town.session.scalars(select(TicketParticipant).where(TicketParticipant.ticket_id == ticket_id)).all()
    assert [one.contact_id for one in part] == [made.contact_id]


def test_a_ticket_of_others_cannot_be_added_to(town: Town, hand: int) -> None:
    secret = town.ticket(confidentiality=Confidentiality.STRICT)
    with pytest.raises(NotFound):
        written(town, hand, ticket_id=secret)


def test_every_fault_is_told_at_once_and_nothing_is_written(town: Town, hand: int) -> None:
    before = town.session.query(Ticket).count(), town.session.query(Contact).count()
    with pytest.raises(Invalid) as refused:
        written(
            town, hand, text=" ", phone="112", email="nee", language="Dutch", theme_id=10**9, process_id=10**9,
            received_at=clock.now() + timedelta(days=1), call_back_at=clock.now() - timedelta(days=1), meeting="m" * 41,
            name="n" * 201,
        )  # fmt: skip
    assert [fault.field for fault in refused.value.faults] == [
        "text", "name", "meeting", "language", "phone", "email", "received_at", "call_back_at", "theme_id", "process_id",
    ]  # fmt: skip
    assert (town.session.query(Ticket).count(), town.session.query(Contact).count()) == before


@pytest.mark.parametrize(
    ("field", "moment"),
    [("received_at", datetime(1, 1, 1, tzinfo=UTC)), ("call_back_at", datetime(9999, 1, 1, tzinfo=UTC))],
)
def test_a_year_that_was_mistyped_is_asked_for_again(town: Town, hand: int, field: str, moment: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        written(town, hand, **{field: moment})
    assert [fault.field for fault in refused.value.faults] == [field]


def test_a_program_that_acts_for_nobody_enters_nothing(town: Town, hand: int) -> None:
    with pytest.raises(Forbidden):
        enter(town.session, SYSTEM, Entry(way=Way.CALL, text="Hallo"), account_id=hand)


def test_calling_back_puts_a_call_on_its_way_through_my_telephone(session: Session, town: Town, hand: int) -> None:
    voice = account(session, town, "phone.twilio_voice")
    made = written(town, hand)
    town.session.get_one(Ticket, made.ticket_id).team_id = town.streets
    session.flush()
    delivery = session.get_one(
        Delivery, call(session, town.ann, made.ticket_id, through="020-1234567", note="Over de lamp")
    )
    assert (delivery.account_id, delivery.action, delivery.payload) == (voice, "send", {"through": "+31201234567"})
    address = session.get_one(ContactAddress, delivery.address_id)
    assert address.address == MOBILE
    said = session.get_one(Message, delivery.message_id)
    assert (said.kind, said.text, said.agent_id) == (MessageKind.CALL_NOTE, "Over de lamp", town.ann.agent_id)


def test_a_call_that_cannot_be_made_says_why(session: Session, town: Town, hand: int) -> None:
    made = written(town, hand)
    town.session.get_one(Ticket, made.ticket_id).team_id = town.streets
    session.flush()
    with pytest.raises(Invalid) as none:
        call(session, town.ann, made.ticket_id, through="020-1234567", note="")
    assert none.value.code == "no_calls"
    account(session, town, "phone.twilio_voice")
    with pytest.raises(Invalid) as short:
        call(session, town.ann, made.ticket_id, through="112", note="")
    assert short.value.code == "through"
    with pytest.raises(Invalid) as nobody:
        call(session, town.ann, town.ticket(), through="020-1234567", note="")
    assert nobody.value.code == "no_number"
    with pytest.raises(Forbidden):
        call(session, town.cas, made.ticket_id, through="020-1234567", note="")


def test_a_letter_with_a_mail_address_is_answered_by_mail(town: Town, hand: int) -> None:
    made = written(town, hand, way=Way.LETTER, phone="", email="Inwoner@Voorbeeld.example")
    town.session.get_one(Ticket, made.ticket_id).team_id = town.streets
    town.session.flush()
    sent = reply(
        town.session, town.ann, made.ticket_id, text="Dank voor uw brief.", seen_message_id=made.message_id, limits=MAIL,
        undo_seconds=0,
    )  # fmt: skip
    delivery = town.session.get_one(Delivery, sent.delivery_id)
    address = town.session.get_one(ContactAddress, delivery.address_id)
    assert (delivery.account_id, address.address) == (town.mailbox, "inwoner@voorbeeld.example")


def test_what_only_the_employee_can_answer_is_not_sent(town: Town, hand: int) -> None:
    made = written(town, hand)
    town.session.get_one(Ticket, made.ticket_id).team_id = town.streets
    town.session.flush()
    with pytest.raises(Invalid) as nobody:
        reply(
            town.session, town.ann, made.ticket_id, text="Hallo", seen_message_id=made.message_id, limits=MAIL,
            undo_seconds=0,
        )  # fmt: skip
    assert nobody.value.code == "nobody_to_answer"
