"""Real mails, from the bytes that an MTA hands over to the ticket."""

from dataclasses import replace

import pytest

from app.accounts import change
from app.accounts.directory import Accounts
from app.channels.contract import HandedOver
from app.channels.mail.channel import KIND
from app.channels.mail.settings import MailSettings
from app.intake.accept import accept
from app.tickets import reference, tokens
from tests.intake.conftest import House

QUESTION = """\
From: Anna de Vries <Anna@burger.example>
To: info@voorbeeldstad.example
Subject: Lantaarn kapot
Date: Tue, 24 Nov 2026 10:00:00 +0100
Message-ID: <q1@burger.example>

De lantaarn in mijn straat is al een week kapot. Kunt u er iets aan doen?
"""


@pytest.fixture
def post(house: House) -> House:
    """An account of the mail channel, without servers."""
    means = house.means
    accounts = Accounts(means.database, means.keys, {KIND.key: KIND}, "http://127.0.0.1:8000")
    house.do("UPDATE account SET active = false")
    with means.database.unit_of_work() as session:
        settings = MailSettings(address="info@voorbeeldstad.example", form_senders=("site@voorbeeldstad.example",))
        account = change.create(
            session, means.keys, organisation_id=1, kind=KIND.key, name="post", settings=settings, receipts=False
        )
    return replace(house, means=replace(means, accounts=accounts), account_id=account)


def hand(house: House, mail: str, recipient: str = "info@voorbeeldstad.example") -> None:
    accept(house.means, HandedOver(mail.replace("\n", "\r\n").encode(), "x@burger.example", recipient, "lmtp"))
    house.admit()


def reply(**headers: str) -> str:
    given = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    mail = QUESTION.replace("q1@", "q2@").replace("Lantaarn kapot", "Re: Lantaarn kapot")
    return mail.replace("Message-ID", f"{given}Message-ID")


def test_a_mail_becomes_a_ticket(post: House) -> None:
    hand(post, QUESTION)
    assert post.rows("SELECT state, reason FROM raw_item") == [("ticketed", "first")]
    assert post.rows("SELECT subject, language FROM ticket") == [("Lantaarn kapot", "nl")]
    assert post.rows("SELECT a.address, c.name FROM contact_address a JOIN contact c ON c.id = a.contact_id") == [
        ("anna@burger.example", "Anna de Vries")
    ]


def test_the_same_mail_with_other_trace_headers_is_one_message(post: House) -> None:
    hand(post, QUESTION)
    hand(post, f"Received: from elsewhere.example by here.example; Tue, 24 Nov 2026 11:00:00 +0100\n{QUESTION}")
    assert [state for state, _ in post.states()] == ["ticketed", "duplicate"]


def test_an_answer_to_our_signed_address_joins(post: House) -> None:
    hand(post, QUESTION)
    token = tokens.reply_token(post.means.keys, 1, int(post.one("SELECT id FROM contact")), 1)
    hand(post, reply(), recipient=f"info+{token.upper()}@voorbeeldstad.example")
    assert post.states()[1] == ("joined", "reply_token")


def test_an_answer_that_only_names_our_message_joins_from_its_addressee(post: House) -> None:
    hand(post, QUESTION)
    post.do(
        "INSERT INTO delivery (ticket_id, account_id, key, state, not_before, external_id)"
        " VALUES (1, :a, 'k1', 'sent', now(), '<k1@voorbeeldstad.example>')",
        a=post.account_id,
    )  # fmt: skip
    hand(post, reply(In_Reply_To="<k1@voorbeeldstad.example>"))
    stranger = reply(In_Reply_To="<k1@voorbeeldstad.example>").replace("Anna@burger", "mallory@elders")
    hand(post, stranger.replace("q2@", "q3@"))
    assert post.states()[1:] == [("joined", "message_id"), ("ticketed", "message_id_other_sender")]


def test_a_number_of_somebody_elses_ticket_joins_nothing_and_only_in_the_subject_proposes(post: House) -> None:
    hand(post, QUESTION)
    number = reference.of(1)
    stranger = QUESTION.replace("Anna@burger", "mallory@elders").replace("een week", "twee weken")
    hand(post, stranger.replace("q1@", "q2@").replace("Lantaarn kapot", f"Over {number}"))
    hidden = f'<p title="{number}">Zie <a href="https://elders.example/{number}">hier</a>, x{number}x.</p>'
    rich = stranger.replace("q1@", "q3@").replace("Message-ID", "Content-Type: text/html\nMessage-ID")
    hand(post, rich + hidden)
    file = f"Content-Type: text/plain; name={number}.txt\nContent-Disposition: attachment; filename={number}.txt\n"
    hand(post, stranger.replace("q1@", "q4@").replace("Message-ID", f"{file}Message-ID"))
    assert post.states()[1:] == [("ticketed", "number_in_subject"), ("ticketed", "first"), ("ticketed", "first")]


def test_headers_that_a_stranger_wrote_give_no_rights(post: House) -> None:
    """A token counts wherever a mail server may have put it, and only from whom it was given to."""
    hand(post, QUESTION)
    token = tokens.reply_token(post.means.keys, 1, int(post.one("SELECT id FROM contact")), 1)
    home = f"info+{token}@voorbeeldstad.example"
    forged = {"X_Ticket_ID": "1", "X_Weerklank_Ticket": "1", "X_Original_To": home, "Delivered_To": home}
    hand(post, reply(**forged).replace("Anna@burger", "mallory@elders"))
    made_up = f"info+r-1-1-{'a' * 26}@voorbeeldstad.example"
    hand(post, reply(Delivered_To=made_up, X_Status="closed").replace("q2@", "q3@"))
    assert post.states()[1:] == [("ticketed", "token_other_sender"), ("ticketed", "token_forged")]
    assert post.one("SELECT count(*) FROM message WHERE ticket_id = 1") == 1
    assert post.one("SELECT count(*) FROM ticket_participant") == 0
    assert post.rows("SELECT DISTINCT status FROM ticket") == [("new",)]


def test_an_out_of_office_answer_opens_nothing(post: House) -> None:
    hand(post, QUESTION.replace("Message-ID", "Auto-Submitted: auto-replied\nMessage-ID"))
    assert post.states() == [("ignored", "auto_reply")]


def test_mail_of_a_websites_form_is_the_citizens(post: House) -> None:
    form = QUESTION.replace("Anna de Vries <Anna@burger.example>", "Website <site@voorbeeldstad.example>")
    hand(post, form.replace("Message-ID", "Reply-To: Bram <bram@burger.example>\nMessage-ID"))
    assert post.rows("SELECT address FROM contact_address") == [("bram@burger.example",)]


@pytest.mark.parametrize(
    "body", [b"", b"\x00\x00", b"\xff\xfe\x00" * 50, b"From: a\r\n" * 5_000, b"Subject: =?x?q?=FF?=\r\n\r\n\x00"]
)
def test_bytes_that_are_hardly_a_mail_end_somewhere_and_the_next_one_goes_on(post: House, body: bytes) -> None:
    accept(post.means, HandedOver(body, "", "info@voorbeeldstad.example", "lmtp"))
    hand(post, QUESTION)
    states = [state for state, _ in post.states()]
    assert states[0] in ("set_aside", "ticketed")
    assert states[1] == "ticketed"
