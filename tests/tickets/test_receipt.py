"""Who gets an automatic receipt, how often, and what it says."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.models import (
    Account,
    Contact,
    ContactAddress,
    Delivery,
    Message,
    Organisation,
    Template,
    Ticket,
)
from app.tickets import reference
from app.tickets.receipt import A_DAY, FORM_AN_HOUR, Owed, owe, owe_formal
from app.vocabulary import AddressKind, Language, MessageKind, TicketKind, Visibility

AT = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.fixture
def owed(session: Session) -> Owed:
    organisation = session.execute(
        insert(Organisation)
        .values(name="Voorbeeldstad", partner=False, website="", signature_nl="", signature_en="")
        .returning(Organisation.id)
    ).scalar_one()
    values = {"organisation_id": organisation, "kind": "mail", "name": "Post", "settings": b"", "public_key": "k"}
    account = session.execute(insert(Account).values(values).returning(Account.id)).scalar_one()
    contact = session.execute(insert(Contact).values(name="").returning(Contact.id)).scalar_one()
    address = {
        "contact_id": contact,
        "kind": AddressKind.EMAIL,
        "address": "een@bewoner.example",
        "handle": "",
        "url": "",
    }
    address_id = session.execute(insert(ContactAddress).values(address).returning(ContactAddress.id)).scalar_one()
    return Owed(
        ticket_id=ticket(session, account), account_id=account, organisation_id=organisation, kind=TicketKind.QUESTION,
        language=Language.DUTCH, received_at=AT, contact_id=contact, address_id=address_id,
        address_kind=AddressKind.EMAIL, visibility=Visibility.PRIVATE,
    )  # fmt: skip


def ticket(session: Session, account_id: int) -> int:
    values = {"account_id": account_id, "received_at": AT, "due_at": AT}
    made: int = session.execute(insert(Ticket).values(values).returning(Ticket.id)).scalar_one()
    return made


def another(session: Session, owed: Owed, **changes: object) -> Owed:
    return replace(owed, ticket_id=ticket(session, owed.account_id), **changes)  # type: ignore[arg-type]


def test_a_receipt_carries_reference_and_organisation_and_keeps_the_link_for_later(
    session: Session, owed: Owed
) -> None:
    assert owe(session, owed) is not None
    message = session.scalars(select(Message)).one()
    assert (message.kind, message.automatic) == (MessageKind.RECEIPT, True)
    assert reference.of(owed.ticket_id) in message.title
    assert "Voorbeeldstad" in message.text
    assert "{status_link}" in message.text
    delivery = session.scalars(select(Delivery)).one()
    assert (delivery.message_id, delivery.address_id) == (message.id, owed.address_id)


def test_it_speaks_the_senders_language(session: Session, owed: Owed) -> None:
    owe(session, replace(owed, language=Language.ENGLISH))
    assert "We have received" in session.scalars(select(Message.title)).one()


def test_an_organisations_own_text_goes_before_ours(session: Session, owed: Owed) -> None:
    own = {
        "purpose": "receipt",
        "name": "eigen",
        "language": Language.DUTCH,
        "title": "Gehoord",
        "text": "{organisation}!",
    }
    session.execute(insert(Template).values(own))
    owe(session, owed)
    assert session.execute(select(Message.title, Message.text)).one() == ("Gehoord", "Voorbeeldstad!")


@pytest.mark.parametrize(
    "why",
    [
        {"machine": True},
        {"wanted": False},
        {"address_kind": AddressKind.BROWSER},
        {"address_id": None},
        {"visibility": Visibility.PUBLIC},
    ],
)
def test_machines_and_those_who_cannot_be_written_to_get_none(
    session: Session, owed: Owed, why: dict[str, object]
) -> None:
    assert owe(session, replace(owed, **why)) is None  # type: ignore[arg-type]
    assert session.scalars(select(Delivery)).all() == []


def test_the_sixth_of_a_day_gets_none_and_the_next_day_does(session: Session, owed: Owed) -> None:
    sent = [owe(session, another(session, owed)) is not None for _ in range(A_DAY + 1)]
    assert sent == [True] * A_DAY + [False]
    session.execute(text("UPDATE receipt_count SET day = day - 1"))
    assert owe(session, another(session, owed)) is not None


def test_a_formal_kind_always_gets_its_receipt_with_the_time_of_arrival(session: Session, owed: Owed) -> None:
    for _ in range(A_DAY):
        owe(session, another(session, owed))
    formal = another(session, owed, kind=TicketKind.OBJECTION, machine=True, wanted=False)
    assert owe(session, formal) is not None
    said = session.scalars(select(Message.text).where(Message.ticket_id == formal.ticket_id)).one()
    assert "29 maart 2026 om 03:30" in said


def test_a_form_is_no_cannon(session: Session, owed: Owed) -> None:
    session.execute(
        text("INSERT INTO throttle (key, hour, count) VALUES (:key, date_trunc('hour', now()), :count)"),
        {"key": f"receipt:{owed.account_id}", "count": FORM_AN_HOUR - 1},
    )
    assert owe(session, replace(owed, typed=True)) is not None
    assert owe(session, another(session, owed, typed=True)) is None
    assert owe(session, another(session, owed)) is not None


def test_what_turns_out_to_be_formal_gets_its_receipt_then_and_once(session: Session, owed: Owed) -> None:
    first = {
        "ticket_id": owed.ticket_id, "account_id": owed.account_id, "kind": MessageKind.REACTION, "text": "Ik maak bezwaar.",
        "contact_id": owed.contact_id, "address_id": owed.address_id,
    }  # fmt: skip
    session.execute(insert(Message).values(first))
    owe(session, owed)
    assert owe_formal(session, owed.ticket_id) is None
    session.execute(text("UPDATE ticket SET kind = 'objection', language = 'en'"))
    assert owe_formal(session, owed.ticket_id) is not None
    assert owe_formal(session, owed.ticket_id) is None
    titles = session.scalars(
        select(Message.title).where(Message.kind == MessageKind.RECEIPT).order_by(Message.id)
    ).all()
    assert titles[1].startswith("Acknowledgement of receipt")


def test_nothing_is_owed_where_nothing_mails(session: Session, owed: Owed) -> None:
    """A form under a web page of an account that names no mailbox: the receipt would go nowhere, and say that it went."""
    first = {
        "ticket_id": owed.ticket_id, "account_id": owed.account_id, "kind": MessageKind.REACTION, "contact_id": owed.contact_id,
        "address_id": owed.address_id, "visibility": Visibility.PRIVATE,
    }  # fmt: skip
    session.execute(insert(Message).values(first))
    session.execute(text("UPDATE ticket SET kind = 'objection'"))
    session.execute(text("UPDATE account SET kind = 'comments.form'"))
    assert owe_formal(session, owed.ticket_id) is None
    mailbox = {
        "organisation_id": owed.organisation_id,
        "kind": "mail",
        "name": "Box",
        "settings": b"",
        "public_key": "b",
    }
    box = session.execute(insert(Account).values(mailbox).returning(Account.id)).scalar_one()
    session.execute(text("UPDATE account SET mail_account_id = :box WHERE kind = 'comments.form'"), {"box": box})
    made = owe_formal(session, owed.ticket_id)
    assert session.scalar(select(Delivery.account_id).where(Delivery.id == made)) == box
