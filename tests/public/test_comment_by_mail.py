"""Who left a mail address under a web page is answered there and by mail, where the site's account names a mailbox."""

from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.accounts import change
from app.channels.contract import Sent
from app.channels.mail.settings import MailSettings
from app.delivery import settle
from app.delivery.compose import CORRECTED, compose
from app.delivery.facts import read
from app.errors import Conflict, Invalid
from app.models import Delivery, Message
from app.tickets import recipient
from app.tickets.cancel_reply import cancel_reply
from app.tickets.correct import correct
from app.tickets.receipt import FORM_AN_HOUR
from app.tickets.reply import reply
from app.tickets.take_back import take_back
from app.vocabulary import DeliveryState, Language, MessageKind, Visibility
from tests.public.conftest import PAGE, SITE, Town
from tests.web import made

VISITOR = "bezoeker@voorbeeld.example"
SAID = "Omdat de bak na een week meestal half leeg is."


def _mailbox(session: Session, town: Town) -> int:
    settings = MailSettings(
        address="info@voorbeeldstad.example", display_name="Gemeente Voorbeeldstad", imap_host="localhost", imap_user="info",
        imap_password=SecretStr("geheim"), smtp_host="localhost",
    )  # fmt: skip
    organisation = made.organisation(session)
    return change.create(
        session, town.state.keys, organisation_id=organisation, kind="mail", name="Postbus", settings=settings
    )


@pytest.fixture
def box(town: Town) -> int:
    """A mailbox, named by the site's account."""
    with town.database.unit_of_work() as session:
        box = _mailbox(session, town)
        change.update_account(session, town.state.keys, town.account, mail_account_id=box, receipts=False)
    return box


def answers(town: Town, ticket: int, undo_seconds: float = 0, **more: Any) -> int:
    """A colleague answers; the first delivery. Nothing is sent yet."""
    with town.database.unit_of_work() as session:
        answered = recipient.find(session, ticket)
        assert answered is not None
        return reply(
            session, town.principal(), ticket, text=SAID, seen_message_id=10_000, undo_seconds=undo_seconds,
            limits=town.state.accounts.channel(answered.account_id).limits, **more,
        ).delivery_id  # fmt: skip


def deliveries(town: Town) -> list[Any]:
    with town.database.read_only() as session:
        columns = (Delivery.id, Delivery.account_id, Delivery.state, Delivery.external_id)
        return list(session.execute(select(*columns).order_by(Delivery.id)))


def mail(town: Town, delivery_id: int) -> Any:
    """The mail as the channel is asked to send it."""
    state = town.state
    with state.database.read_only() as session:
        facts = read(session, delivery_id)
    return compose(facts, state.keys, state.settings.base_url, state.blobs.read)


def arrives(town: Town, delivery_id: int) -> str:
    """As if the mail server had taken it; its Message-ID."""
    with town.database.unit_of_work() as session:
        key = session.scalar(select(Delivery.key).where(Delivery.id == delivery_id))
        mail_id = f"<{key}@voorbeeldstad.example>"
        sent = {"state": DeliveryState.SENT, "external_id": mail_id, "sent_at": text("now()")}
        session.execute(update(Delivery).where(Delivery.id == delivery_id).values(**sent))
    return mail_id


def test_a_public_comment_is_answered_on_the_page_and_by_mail(town: Town, box: int) -> None:
    receipt = town.comments(email=VISITOR)
    ticket = town.ticket(receipt)
    answers(town, ticket)
    page, copy = deliveries(town)
    assert (page.account_id, copy.account_id) == (town.account, box)
    sent = mail(town, copy.id)
    assert sent.recipient.address == VISITOR
    assert sent.text.startswith(SAID)
    assert receipt["reference"] in sent.text
    assert receipt["status_url"] in sent.text
    assert sent.reply_token
    assert sent.visibility is Visibility.PRIVATE
    town.delivers()
    assert [answer["text"] for answer in town.published()["comments"][0]["answers"]] == [SAID]
    assert SAID in town.status(receipt)


def test_the_copy_by_mail_does_not_wait_for_a_website_that_is_away(town: Town, box: int) -> None:
    town.configure(webhook_url="http://127.0.0.1:9/hook")
    answers(town, town.ticket(town.comments(email=VISITOR)))
    town.delivers()
    page, copy = deliveries(town)
    assert page.state == DeliveryState.FAILED
    assert copy.state == DeliveryState.FAILED  # no mail server either: it was tried at once
    with town.database.read_only() as session:
        problem = session.scalar(select(Delivery.problem).where(Delivery.id == copy.id))
    assert problem
    assert town.published()["comments"][0]["answers"] == []


def test_a_copy_that_went_out_first_publishes_nothing(town: Town, box: int) -> None:
    town.configure(webhook_url="http://127.0.0.1:9/hook")
    answers(town, town.ticket(town.comments(email=VISITOR)), undo_seconds=3600)
    with town.database.unit_of_work() as session:
        copy = Delivery.id == deliveries(town)[1].id
        assert settle.sent(session, copy, Sent("<eerst@voorbeeldstad.example>"))
    assert town.published()["comments"][0]["answers"] == []


def test_the_next_mail_about_a_comment_follows_the_one_before(town: Town, box: int) -> None:
    ticket = town.ticket(town.comments(email=VISITOR))
    answers(town, ticket)
    first = arrives(town, deliveries(town)[1].id)
    town.delivers()
    answers(town, ticket)
    thread = mail(town, deliveries(town)[3].id).thread
    assert (thread.parent_id, thread.references, thread.root_id) == (first, (first,), first)


BETTER = "Omdat de bak in de winter na een week half leeg is."


def corrects(town: Town) -> None:
    """A colleague corrects the newest answer on the page, and it goes there."""
    with town.database.unit_of_work() as session:
        answer = session.scalar(select(Message.id).where(Message.kind == MessageKind.REPLY).order_by(Message.id.desc()))
        assert answer is not None
        correct(session, town.principal(), answer, BETTER, town.state.accounts.channel(town.account).limits)
    town.delivers()


def test_a_corrected_answer_is_mailed_again_to_whoever_got_the_first(town: Town, box: int) -> None:
    ticket = town.ticket(town.comments(email=VISITOR))
    answers(town, ticket)
    first = arrives(town, deliveries(town)[1].id)
    town.delivers()
    corrects(town)
    assert [answer["text"] for answer in town.published()["comments"][0]["answers"]] == [BETTER]
    *_, again = deliveries(town)
    assert (again.account_id, len(deliveries(town))) == (box, 4)
    sent = mail(town, again.id)
    assert sent.recipient.address == VISITOR
    assert sent.thread.parent_id == first
    assert sent.text.startswith(f"{CORRECTED[Language.DUTCH]}\n\n{BETTER}")


def test_a_copy_that_has_not_left_yet_carries_the_correction_itself(town: Town, box: int) -> None:
    ticket = town.ticket(town.comments(email=VISITOR))
    answers(town, ticket)
    town.delivers()  # there is no mail server here: the copy waits
    corrects(town)
    copies = [way for way in deliveries(town) if way.account_id == box]
    assert [way.state for way in copies] == [DeliveryState.FAILED]
    assert mail(town, copies[0].id).text.startswith(BETTER)


def takes_back(town: Town) -> None:
    with town.database.unit_of_work() as session:
        answer = session.scalar(select(Message.id).where(Message.kind == MessageKind.REPLY).order_by(Message.id.desc()))
        assert answer is not None
        take_back(session, town.principal(), answer)


def test_taking_an_answer_back_takes_what_waits_to_be_said_of_it_along(town: Town, box: int) -> None:
    ticket = town.ticket(town.comments(email=VISITOR))
    answers(town, ticket)
    arrives(town, deliveries(town)[1].id)
    town.delivers()
    corrects(town)  # there is no mail server here: the mail about it waits
    takes_back(town)
    assert deliveries(town)[3].state == DeliveryState.CANCELLED
    town.delivers()
    assert town.published()["comments"][0]["answers"] == []


@pytest.mark.parametrize("done", [False, True])
def test_a_copy_that_was_under_way_when_the_answer_was_taken_back_is_not_tried_again(
    town: Town, box: int, done: bool
) -> None:
    answers(town, town.ticket(town.comments(email=VISITOR)))
    town.delivers()
    copy = deliveries(town)[1].id
    set_state(town, copy, "begun")  # somebody tries it just now
    takes_back(town)
    if done:
        town.delivers()
    set_state(town, copy, "failed")
    town.delivers()
    assert deliveries(town)[1].state == DeliveryState.CANCELLED


def set_state(town: Town, delivery: int, state: str) -> None:
    with town.database.unit_of_work() as session:
        again = {
            "state": state,
            "not_before": text("now()"),
            "claimed_by": "",
            "lease_until": text("now() + interval '1 minute'"),
        }
        session.execute(update(Delivery).where(Delivery.id == delivery).values(again))


def test_a_correction_of_which_nobody_knows_the_end_is_decided_first(town: Town) -> None:
    answers(town, town.ticket(town.comments()))
    town.delivers()
    corrects(town)
    set_state(town, deliveries(town)[1].id, "uncertain")
    with pytest.raises(Conflict, match="Say first whether it stands there"):
        takes_back(town)
    set_state(town, deliveries(town)[1].id, "begun")
    with pytest.raises(Conflict, match="just now"):
        takes_back(town)
    set_state(town, deliveries(town)[1].id, "sent")
    takes_back(town)


def test_a_correction_that_waits_is_not_said_after_the_answer_was_taken_back(town: Town, box: int) -> None:
    ticket = town.ticket(town.comments(email=VISITOR))
    answers(town, ticket)
    arrives(town, deliveries(town)[1].id)
    town.delivers()
    town.configure(webhook_url="http://127.0.0.1:9/hook")
    corrects(town)
    assert deliveries(town)[2].state == DeliveryState.FAILED
    takes_back(town)
    town.configure(webhook_url="")
    town.delivers()
    assert [way.state for way in deliveries(town)[2:]] == [DeliveryState.CANCELLED, DeliveryState.SENT]
    assert [way.account_id for way in deliveries(town)].count(box) == 1, "nobody is mailed words that were taken back"


def test_an_answer_that_somebody_put_back_can_be_corrected_and_taken_back_again(town: Town, box: int) -> None:
    answers(town, town.ticket(town.comments(email=VISITOR)))
    arrives(town, deliveries(town)[1].id)
    town.delivers()
    takes_back(town)
    town.delivers()
    with pytest.raises(Conflict):
        takes_back(town)
    with town.database.unit_of_work() as session:  # as when it comes out of the trash of a WordPress site
        session.execute(update(Message).where(Message.kind == MessageKind.REPLY).values(withdrawn_at=None))
    corrects(town)
    assert deliveries(town)[-1].account_id == box
    assert deliveries(town)[-1].state == DeliveryState.FAILED  # there is no mail server here: it was tried
    takes_back(town)


def test_calling_back_an_answer_calls_back_its_copy(town: Town, box: int) -> None:
    first = answers(town, town.ticket(town.comments(email=VISITOR)), undo_seconds=3600)
    with town.database.unit_of_work() as session:
        cancel_reply(session, town.principal(), first)
    assert [way.state for way in deliveries(town)] == [DeliveryState.CANCELLED] * 2


def test_an_answer_whose_copy_has_left_cannot_be_called_back(town: Town, box: int) -> None:
    first = answers(town, town.ticket(town.comments(email=VISITOR)), undo_seconds=3600)
    arrives(town, deliveries(town)[1].id)
    with town.database.unit_of_work() as session, pytest.raises(Conflict, match="on its way"):
        cancel_reply(session, town.principal(), first)
    assert deliveries(town)[0].state == DeliveryState.WAITING


@pytest.mark.parametrize("narrow", [{"private": True}, {}])
def test_what_only_its_reader_is_to_see_goes_by_mail_alone_and_stands_on_the_status_page(
    town: Town, box: int, narrow: dict[str, bool]
) -> None:
    receipt = town.comments(email=VISITOR, **narrow)
    answers(town, town.ticket(receipt), visibility=None if narrow else Visibility.DIRECT)
    (only,) = deliveries(town)
    assert only.account_id == box
    with town.database.unit_of_work() as session:
        settle.sent(session, Delivery.id == only.id, Sent("<een@voorbeeldstad.example>"))
    assert SAID in town.status(receipt)
    assert all(not comment["answers"] for comment in town.published()["comments"])


def test_who_left_no_address_is_answered_on_the_page_alone(town: Town, box: int) -> None:
    answers(town, town.ticket(town.comments()))
    assert [way.account_id for way in deliveries(town)] == [town.account]


def test_a_site_that_names_no_mailbox_mails_nothing(town: Town) -> None:
    answers(town, town.ticket(town.comments(email=VISITOR)))
    assert [way.account_id for way in deliveries(town)] == [town.account]


def test_the_receipt_holds_nothing_that_was_typed_and_a_form_sends_no_more_than_an_hour_takes(
    town: Town, box: int
) -> None:
    with town.database.unit_of_work() as session:
        change.update_account(session, town.state.keys, town.account, receipts=True)
        session.execute(
            text("INSERT INTO throttle (key, hour, count) VALUES (:key, date_trunc('hour', now()), :count)"),
            {"key": f"receipt:{town.account}", "count": FORM_AN_HOUR - 1},
        )
    town.comments(email=VISITOR, name="Koop nu pillen", text="Klik op https://kwaad.example")
    (receipt,) = deliveries(town)
    assert receipt.account_id == box
    sent = mail(town, receipt.id)
    assert sent.automatic
    assert "Koop nu" not in f"{sent.title}{sent.text}{sent.recipient.name}"
    assert "kwaad.example" not in sent.text
    town.comments(email="ander@voorbeeld.example")
    assert len(deliveries(town)) == 1


def test_only_a_mailbox_in_use_can_be_named(town: Town) -> None:
    with town.database.unit_of_work() as session, pytest.raises(Invalid, match="mailboxes"):
        change.update_account(session, town.state.keys, town.account, mail_account_id=town.account)


def test_the_form_says_what_becomes_of_an_address(town: Town) -> None:
    def said() -> tuple[str, bool]:
        words = town.client().get(f"/sites/{SITE}/form", params={"page": PAGE, "lang": "nl"}).json()["texts"]["privacy"]
        page = town.client().get(f"/sites/{SITE}/pages/{PAGE}/form", params={"lang": "nl"}).text
        return words, words in page

    assert said() == ("Uw e-mailadres wordt nooit getoond; alleen collega’s die u antwoorden zien het.", True)
    with town.database.unit_of_work() as session:
        change.update_account(session, town.state.keys, town.account, mail_account_id=_mailbox(session, town))
    words, shown = said()
    assert words.startswith("Wij sturen ons antwoord ook naar dit adres.")
    assert shown
