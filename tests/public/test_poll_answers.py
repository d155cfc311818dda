"""What people wrote in a poll is answered where they left an address, and by nothing else than a mailbox."""

from pydantic import SecretStr
from sqlalchemy import text

from app.accounts import change
from app.channels.mail.settings import MailSettings
from app.models import Message
from app.tickets import recipient
from app.tickets.reply import reply
from app.vocabulary import DeliveryState
from tests.public.conftest import Town
from tests.public.polling import Voter, makes
from tests.web import made


def mailbox(town: Town) -> int:
    settings = MailSettings(
        address="info@voorbeeldstad.example", display_name="Gemeente Voorbeeldstad", imap_host="localhost", imap_user="info",
        imap_password=SecretStr("geheim"), smtp_host="localhost",
    )  # fmt: skip
    with town.database.unit_of_work() as session:
        organisation = made.organisation(session)
        return change.create(
            session, town.state.keys, organisation_id=organisation, kind="mail", name="Postbus", settings=settings
        )


def ticket_of(town: Town) -> int:
    with town.database.read_only() as session:
        return int(session.scalar(text("SELECT id FROM ticket")) or 0)


def answers(town: Town, ticket: int) -> tuple[int, str]:
    """A colleague answers; (account, parent) of what goes out."""
    with town.database.unit_of_work() as session:
        answered = recipient.find(session, ticket)
        assert answered is not None
        replied = reply(
            session, town.principal(), ticket, text="De kraan komt in mei.", seen_message_id=answered.message_id,
            limits=town.state.accounts.channel(answered.account_id).limits, undo_seconds=0,
        )  # fmt: skip
        message = session.get_one(Message, replied.message_id)
        row = session.execute(text("SELECT account_id FROM delivery WHERE id = :id"), {"id": replied.delivery_id}).one()
        assert message.account_id == row.account_id
        return row.account_id, message.parent_id


def test_who_left_an_address_is_answered_by_mail_in_a_thread_of_its_own(town: Town) -> None:
    box = mailbox(town)
    Voter(town, makes(town)).votes({"q1": "o1", "q4": "Waarom geen kraan?", "email": "bewoner@voorbeeld.example"})
    assert answers(town, ticket_of(town)) == (box, "")


def test_who_left_none_is_not_mailed(town: Town) -> None:
    mailbox(town)
    park = makes(town)
    Voter(town, park).votes({"q1": "o1", "q4": "Waarom geen kraan?"})
    account, parent = answers(town, ticket_of(town))
    assert account == park.account_id
    assert parent.startswith(f"{park.key}:")


def test_without_a_mailbox_the_desk_hears_that_the_answer_was_not_mailed(town: Town) -> None:
    Voter(town, makes(town)).votes({"q1": "o1", "q4": "Waarom geen kraan?", "email": "bewoner@voorbeeld.example"})
    answers(town, ticket_of(town))
    town.delivers()
    with town.database.read_only() as session:
        row = session.execute(text("SELECT state, problem FROM delivery")).one()
    assert row.state == DeliveryState.REFUSED
    assert "mailbox" in row.problem


def test_what_people_wrote_keeps_its_lines_as_one_character_each(town: Town) -> None:
    Voter(town, makes(town)).votes({"q1": "o1", "q4": "Waarom geen kraan?\r\nEn geen bank?"})
    with town.database.read_only() as session:
        assert "Waarom geen kraan?\nEn geen bank?" in session.scalars(text("SELECT text FROM message")).one()
