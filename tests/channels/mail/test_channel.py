"""The whole channel, as accounts and workers use it: what each combination of servers offers, and its promises."""

from email import message_from_bytes
from typing import Any

import pytest
from pydantic import SecretStr

from app.channels.contract import (
    Accepts,
    AccountConfig,
    Channel,
    DeliveryReport,
    HandedOver,
    OutgoingMessage,
    OwnPost,
    RawItem,
    Reaction,
    Recipient,
    Refused,
    Sent,
    Thread,
    Uncertain,
    Unreadable,
    capabilities,
)
from app.channels.mail.channel import KIND, MailChannel, SendingMailChannel, build
from app.channels.mail.settings import MailSettings
from app.channels.registry import KINDS, kind
from app.errors import NotFound
from app.vocabulary import AddressKind
from tests.channels.mail.boxes import mail, put
from tests.channels.mail.scripted import imap_script, serving
from tests.servers.mail import Mailbox as Box
from tests.servers.mail import MailServers

ADDRESS = "info@voorbeeldstad.example"
READS = {"imap_host": "localhost", "imap_user": "u", "imap_security": "none"}
SENDS = {"smtp_host": "localhost", "smtp_security": "none"}


def channel(language: str = "nl", **given: Any) -> Any:
    settings = MailSettings.model_validate({"address": ADDRESS, **given})
    return build(AccountConfig(1, "Info", settings, "https://x.example", language))


def on(servers: MailServers, box: Box, **given: Any) -> Any:
    secret = SecretStr(box.password)
    filled: dict[str, Any] = {
        "address": box.address,
        "display_name": "Gemeente Voorbeeldstad",
        "imap_host": "localhost",
        "imap_port": servers.dovecot.imaps,
        "imap_user": box.address,
        "imap_password": secret,
        "imap_ca_file": str(servers.authority),
        "smtp_host": "localhost",
        "smtp_port": servers.postfix.submission,
        "smtp_user": box.address,
        "smtp_password": secret,
        "smtp_ca_file": str(servers.authority),
    }
    return channel(**filled | given)


def answer(to: str, key: str = "d1", **more: Any) -> OutgoingMessage:
    recipient = Recipient(AddressKind.EMAIL, to)
    thread = Thread(parent_id="<vraag@burgers.example>", references=("<vraag@burgers.example>",))
    return OutgoingMessage(key, recipient, "Gemaakt.", title="Paal", thread=thread, reply_token="tok1", **more)


@pytest.mark.parametrize(
    ("given", "offers"),
    [
        ({}, ("Accepts",)),
        (READS, ("Pulls", "Listens", "Accepts", "Completes", "Lists")),
        (SENDS, ("Accepts", "Sends")),
        (READS | SENDS, ("Pulls", "Listens", "Accepts", "Completes", "Lists", "Sends")),
    ],
)
def test_what_an_account_can_do_is_what_was_filled_in(given: dict[str, Any], offers: tuple[str, ...]) -> None:
    made = channel(**given)
    assert isinstance(made, Channel)
    assert capabilities(made) == offers
    assert bool(made.limits.max_attachments) is ("Sends" in offers)


def test_the_registry_offers_mail_with_all_that_it_can_do() -> None:
    assert KIND in KINDS
    assert kind("mail") is KIND
    assert KIND.family == "mail"
    assert set(KIND.labels) == {"nl", "en"}
    assert capabilities(KIND.channel) == capabilities(MailChannel)
    with pytest.raises(NotFound, match="mail"):
        kind("duif")


def test_a_mail_handed_over_is_one_item_however_often_and_another_for_another_recipient() -> None:
    made: Accepts = channel(aliases=["balie@voorbeeldstad.example"])
    once = made.accept(HandedOver(mail(), "burger@burgers.example", ADDRESS, "lmtp"))
    again = made.accept(HandedOver(mail(), "burger@burgers.example", ADDRESS.upper(), "lmtp"))
    other = made.accept(HandedOver(mail(), "burger@burgers.example", "balie@voorbeeldstad.example", "lmtp"))
    assert once.key == again.key != other.key
    assert once.key.startswith("lmtp:")
    assert once.body == mail()
    assert once.meta == {"door": "lmtp", "sender": "burger@burgers.example", "recipient": ADDRESS}


@pytest.mark.parametrize(
    ("recipient", "ours"),
    [
        (ADDRESS, True),
        ("INFO@Voorbeeldstad.example", True),
        ("info+tok1@voorbeeldstad.example", True),
        ("<info@voorbeeldstad.example>", True),
        ("balie@voorbeeldstad.example", True),
        ("tok1@antwoord.voorbeeldstad.example", True),
        ("@antwoord.voorbeeldstad.example", False),
        ("informatie@voorbeeldstad.example", False),
        ("info@elders.example", False),
        ("info", False),
        ("", False),
    ],
)
def test_an_account_takes_its_own_addresses_and_no_other(recipient: str, ours: bool) -> None:
    made = channel(aliases=["Balie@voorbeeldstad.example"], reply_address="{token}@antwoord.voorbeeldstad.example")
    assert made.takes(recipient) is ours
    if not ours and recipient:
        with pytest.raises(Refused):
            made.accept(HandedOver(b"x", "", recipient, "lmtp"))


def test_a_mail_that_could_not_be_taken_whole_is_set_aside_with_the_reason() -> None:
    with pytest.raises(Unreadable, match="larger than"):
        channel().parse(RawItem("imap:1:1", mail(), meta={"incomplete": "the mail is larger than 5 bytes"}))


def test_a_whole_mail_waits_for_nothing_that_is_fetched() -> None:
    assert [KIND.points(meta) for meta in ({"door": "imap"}, {"incomplete": "it broke off"})] == [False, True]


def test_a_mail_that_was_too_large_is_fetched_whole_once_the_account_keeps_more(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    raw = mail("Bouwtekening") + b"x" * 1_100_000 + b"\r\n"
    put(mail_servers, box, raw)
    small, large = (on(mail_servers, box, max_bytes=most) for most in (1_048_576, 2_000_000))
    item = next(iter(small.pull(None))).items[0]
    assert small.complete(item) == item, "it is not fetched again in vain"
    with pytest.raises(Unreadable, match="larger than"):
        small.parse(item)
    completed = large.complete(item)
    assert list(completed.completed.values()) == [raw]
    (reaction,) = large.parse(completed)
    assert (reaction.title, reaction.digest) == ("Bouwtekening", large.parse(RawItem("x", raw))[0].digest)


def test_a_mail_that_arrived_by_any_door_is_the_same_reaction(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    made = on(mail_servers, box)
    put(mail_servers, box, mail())
    pulled = next(iter(made.pull(None))).items[0]
    handed = made.accept(HandedOver(mail(), "burger@burgers.example", box.address, "pipe"))
    (one,), (two,) = made.parse(pulled), made.parse(handed)
    assert isinstance(one, Reaction)
    assert (one.external_id, one.digest) == (two.external_id, two.digest)
    assert list(made.inventory()) == [pulled.key]


def test_a_question_is_answered_and_its_answer_comes_home(mail_servers: MailServers) -> None:
    town, citizen = mail_servers.mailbox(), mail_servers.citizen()
    made = on(mail_servers, town)
    sent = made.send(answer(citizen.address))
    assert isinstance(sent, Sent)
    assert sent.external_id == "<d1@voorbeeldstad.example>"
    assert "queued" in sent.detail["answer"]
    (arrived,) = mail_servers.arrived(citizen)
    received = message_from_bytes(arrived)
    assert received["In-Reply-To"] == "<vraag@burgers.example>"
    reply = mail("Re: Paal", sender=citizen.address).replace(
        b"\r\n\r\n", f"\r\nIn-Reply-To: {received['Message-ID']}\r\n\r\n".encode(), 1
    )
    mail_servers.send(reply, citizen.address, received["Reply-To"].rpartition("<")[2].strip("<>"))
    mail_servers.arrived(town)
    (page,) = made.pull(None)
    (reaction,) = made.parse(page.items[0])
    assert isinstance(reaction, Reaction)
    assert "tok1" in reaction.tokens
    assert sent.external_id in reaction.references


def test_a_bounce_of_an_answer_is_a_report_about_it(mail_servers: MailServers) -> None:
    town = mail_servers.mailbox()
    made = on(mail_servers, town)
    made.send(answer("niemand@burgers.example", key="d9"))
    mail_servers.arrived(town)
    (page,) = made.pull(None)
    (report,) = made.parse(page.items[0])
    assert isinstance(report, DeliveryReport)
    assert report.outcome == "failed"
    assert report.external_id == "<d9@voorbeeldstad.example>"


def test_our_own_answer_in_the_mailbox_is_ours(mail_servers: MailServers) -> None:
    town = mail_servers.mailbox()
    made = on(mail_servers, town)
    made.send(answer(town.address))
    mail_servers.arrived(town)
    (page,) = made.pull(None)
    (found,) = made.parse(page.items[0])
    assert isinstance(found, OwnPost)


def test_an_answer_in_the_sent_folder_was_sent(mail_servers: MailServers) -> None:
    town = mail_servers.mailbox()
    made = on(mail_servers, town, imap_sent_folder="Sent")
    put(
        mail_servers,
        town,
        mail().replace(b"Message-ID: <", b"Message-ID: <d3@voorbeeldstad.example>\r\nX-Old: <"),
        folder="Sent",
    )
    assert made.find_sent(answer("burger@burgers.example", key="d3")) == Sent(
        "<d3@voorbeeldstad.example>", detail={"found": "Sent"}
    )
    with pytest.raises(Uncertain, match="does not prove"):
        made.find_sent(answer("burger@burgers.example", key="d4"))


def test_without_a_sent_folder_mail_cannot_tell() -> None:
    with pytest.raises(Uncertain):
        channel(**SENDS).find_sent(answer("burger@burgers.example"))


def test_a_sent_folder_that_cannot_be_read_cannot_tell(mail_servers: MailServers) -> None:
    made = on(mail_servers, mail_servers.mailbox(), imap_sent_folder="Bestaatniet")
    with pytest.raises(Uncertain, match="Bestaatniet"):
        made.find_sent(answer("burger@burgers.example"))


def test_an_account_that_works_has_no_problem(mail_servers: MailServers) -> None:
    made = on(mail_servers, mail_servers.mailbox(), imap_sent_folder="Sent")
    assert made.check().problem is None


@pytest.fixture(scope="module")
def closed_port() -> int:
    with serving(imap_script()) as port:
        pass
    return port


@pytest.mark.parametrize(
    ("language", "reads", "sends"),
    [
        ("nl", "mailbox is niet te lezen", "geen mail worden verstuurd"),
        ("en", "mailbox cannot be read", "No mail can be sent"),
    ],
)
def test_every_problem_is_told_in_the_accounts_language_with_what_to_check(
    closed_port: int, language: str, reads: str, sends: str
) -> None:
    made = channel(language, **READS, **SENDS, imap_port=closed_port, smtp_port=closed_port)
    problem = made.check().problem
    assert problem is not None
    assert reads in problem
    assert sends in problem
    assert str(closed_port) in problem


def test_a_wrong_folder_is_a_problem_that_names_it(mail_servers: MailServers) -> None:
    problem = on(mail_servers, mail_servers.mailbox(), imap_folder="Bestaatniet").check().problem
    assert problem is not None
    assert "Bestaatniet" in problem


def test_an_account_with_nothing_filled_in_has_nothing_to_check() -> None:
    assert channel().check().problem is None
    assert isinstance(channel(**SENDS), SendingMailChannel)
