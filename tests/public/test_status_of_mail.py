"""A ticket that came by mail: its link shows the conversation, and asks to answer the mail."""

from typing import Any

from sqlalchemy import insert, select

from app import clock
from app.models import Account, Contact, ContactAddress
from app.tickets.create import NewMessage, NewTicket, insert_message, open_ticket
from app.tickets.tokens import status_token
from app.vocabulary import AddressKind, MessageKind
from tests.public.conftest import Town


def test_the_link_in_a_mail_shows_the_conversation_and_takes_no_form(town: Town) -> None:
    now = clock.now()
    with town.database.unit_of_work() as session:
        organisation = session.scalars(select(Account.organisation_id)).one()
        row = {"organisation_id": organisation, "kind": "mail", "name": "Post", "settings": b"", "public_key": "post"}
        account = session.execute(insert(Account).values(row).returning(Account.id)).scalar_one()
        contact = session.execute(insert(Contact).values(name="Inwoner").returning(Contact.id)).scalar_one()
        address = {"contact_id": contact, "kind": AddressKind.EMAIL, "address": "inwoner@post.example"}
        session.execute(insert(ContactAddress).values(address))
        asked = NewMessage(
            account_id=account, contact_id=contact, external_id="<1@post.example>", text="Een <b>vraag</b>."
        )
        ticket = open_ticket(
            session, NewTicket(account_id=account, contact_id=contact, received_at=now), asked
        ).ticket_id
        answer: dict[str, Any] = {
            "kind": MessageKind.REPLY,
            "account_id": account,
            "contact_id": contact,
            "parent_id": "<1@post.example>",
        }
        insert_message(session, ticket, NewMessage(**answer, text="Het antwoord.", sent_at=now))
        insert_message(session, ticket, NewMessage(kind=MessageKind.NOTE, text="Onder ons."))
        insert_message(session, ticket, NewMessage(**answer, text="Nog niet weg."))
    path = f"/status/{status_token(town.state.keys, ticket, contact, 1)}"
    page = town.client().get(f"{path}?lang=nl").text
    assert "Een &lt;b&gt;vraag&lt;/b&gt;." in page
    assert "Het antwoord." in page
    assert "toevoegen door die te beantwoorden" in page
    assert "Onder ons." not in page
    assert "Nog niet weg." not in page
    assert "inwoner@post.example" not in page
    assert "<form" not in page
    assert town.client().post(path, data={"text": "Toch."}).status_code == 404
