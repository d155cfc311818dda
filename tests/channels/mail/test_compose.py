"""The mail that goes out: what a recipient's program reads in it, and what nobody can put into it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.contract import AttachmentOut, OutgoingMessage, OwnPost, Recipient, Refused, Thread
from app.channels.mail.compose import From, Mail, compose
from app.channels.mail.own import OwnMail
from app.channels.mail.parse import parse_mail
from app.vocabulary import AddressKind

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TOWN = From(
    "info@voorbeeldstad.example",
    "Gemeente Voorbeeldstad",
    "info+{token}@voorbeeldstad.example",
    "voorbeeldstad.example",
)
BURGER = Recipient(AddressKind.EMAIL, "burger@burgers.example", "B. Urger")
ANSWER = OutgoingMessage(
    key="d17.4f2a",
    recipient=BURGER,
    text="Beste burger,\n\nDe lantaarnpaal is gemaakt; dat kostte \u20ac 80.\n",
    title="Lantaarnpaal kapot",
    thread=Thread(
        parent_id="<vraag@burgers.example>", references=("<eerst@burgers.example>", "<vraag@burgers.example>")
    ),
    reply_token="Tok-en_1",
)


def made(message: OutgoingMessage, sender: From = TOWN) -> Mail:
    return compose(message, sender, AT)


def read(message: OutgoingMessage, sender: From = TOWN) -> EmailMessage:
    """As a recipient's program sees it, without any defect."""
    parsed = message_from_bytes(made(message, sender).content, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    assert [d for part in parsed.walk() for d in part.defects] == []
    return parsed


def picture(name: str = "foto.png", inline: bool = True, alt: str = "De paal brandt weer") -> AttachmentOut:
    return AttachmentOut(name, "image/png", 5, lambda: b"\x89PNG\n", alt, inline)


def test_an_answer_has_all_that_threads_it_in_the_recipients_program() -> None:
    mail = read(ANSWER)
    assert mail["From"] == "Gemeente Voorbeeldstad <info@voorbeeldstad.example>"
    assert mail["To"] == '"B. Urger" <burger@burgers.example>'
    assert mail["Subject"] == "Re: Lantaarnpaal kapot"
    assert mail["Message-ID"] == "<d17.4f2a@voorbeeldstad.example>"
    assert mail["In-Reply-To"] == "<vraag@burgers.example>"
    assert mail["References"].split() == ["<eerst@burgers.example>", "<vraag@burgers.example>"]
    assert mail["Reply-To"] == "Gemeente Voorbeeldstad <info+Tok-en_1@voorbeeldstad.example>"
    assert mail["Date"].datetime == AT
    assert mail["Content-Language"] == "nl"
    assert mail["Auto-Submitted"] is None
    assert mail.get_content().replace("\r\n", "\n") == ANSWER.text


def test_bounces_come_home_to_the_token_and_the_envelope_names_everybody() -> None:
    copy = Recipient(AddressKind.EMAIL, "buur@burgers.example")
    mail = made(replace(ANSWER, copies=(copy, BURGER)))
    assert mail.sender == "info+Tok-en_1@voorbeeldstad.example"
    assert mail.recipients == ("burger@burgers.example", "buur@burgers.example")
    assert "buur@burgers.example" in read(replace(ANSWER, copies=(copy,)))["Cc"]


def test_every_try_has_the_same_message_id() -> None:
    assert (
        made(ANSWER).message_id
        == compose(ANSWER, TOWN, AT.replace(hour=12)).message_id
        == "<d17.4f2a@voorbeeldstad.example>"
    )


def test_a_machines_mail_says_so_and_nobody_can_bounce_it() -> None:
    receipt = replace(ANSWER, automatic=True)
    assert made(receipt).sender == ""
    assert read(receipt)["Auto-Submitted"] == "auto-replied"
    assert read(receipt)["X-Auto-Response-Suppress"] == "All"
    assert read(receipt)["Precedence"] is None
    assert read(replace(receipt, thread=Thread()))["Auto-Submitted"] == "auto-generated"


def test_without_a_token_answers_come_to_the_plain_address() -> None:
    bare = replace(ANSWER, reply_token="")
    assert read(bare)["Reply-To"] is None
    assert made(bare).sender == "info@voorbeeldstad.example"


def test_a_catch_all_domain_for_answers_works_like_a_tag() -> None:
    sender = replace(TOWN, reply_template="{token}@antwoord.voorbeeldstad.example")
    assert "<Tok-en_1@antwoord.voorbeeldstad.example>" in read(ANSWER, sender)["Reply-To"]


@pytest.mark.parametrize(
    ("title", "parent", "subject"),
    [
        ("Paal", "<a@b>", "Re: Paal"),
        ("Re: Paal", "<a@b>", "Re: Paal"),
        ("RE:Paal", "<a@b>", "RE:Paal"),
        ("Antw: Paal", "<a@b>", "Antw: Paal"),
        ("AW: Re[2]: Paal", "<a@b>", "AW: Re[2]: Paal"),
        ("Re[5]: Paal", "<a@b>", "Re[5]: Paal"),
        ("Recht op parkeren", "<a@b>", "Re: Recht op parkeren"),
        ("Paal", "", "Paal"),
        ("  twee\n regels\t", "", "twee regels"),
        ("", "<a@b>", "Re: Uw bericht aan Gemeente Voorbeeldstad"),
    ],
)  # fmt: skip
def test_an_answers_subject_has_one_re(title: str, parent: str, subject: str) -> None:
    assert read(replace(ANSWER, title=title, thread=Thread(parent_id=parent)))["Subject"] == subject


def test_words_in_any_script_arrive_as_written() -> None:
    title = "Caf\u00e9 \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \U0001f6b2 " * 8
    mail = read(replace(ANSWER, title=title, recipient=replace(BURGER, name="J\u00fcrgen, \u201cde\u201d Burger")))
    assert mail["Subject"] == "Re: " + " ".join(title.split())
    assert mail["To"].addresses[0].display_name == "J\u00fcrgen, \u201cde\u201d Burger"


def test_what_looks_like_an_encoded_word_arrives_as_written() -> None:
    assert read(replace(ANSWER, title="=?utf-8?q?slim?="))["Subject"] == "Re: =?utf-8?q?slim?="


def test_no_line_is_longer_than_mail_allows() -> None:
    ids = tuple(f"<{'x' * 200}{n}@burgers.example>" for n in range(60))
    long = replace(
        ANSWER,
        title="w" * 500 + " " + "\u20ac" * 400,
        text="z" * 5_000,
        html="<p>" + "z" * 5_000,
        thread=Thread(ids[-1], "", ids),
    )
    assert max(len(line) for line in made(long).content.split(b"\r\n")) <= 998


def test_long_chains_keep_the_first_and_the_last_and_are_never_encoded() -> None:
    ids = [f"<{'x' * 150}{n}@burgers.example>" for n in range(60)]
    mail = made(replace(ANSWER, thread=Thread(ids[-1], ids[0], ids)))
    references = message_from_bytes(mail.content)["References"].split()
    assert references == [ids[0], *ids[-19:]]
    assert b"=?" not in mail.content.partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize(
    "parent", ["digest:ab12", "", "<no at sign>", "x y@z", "<a@b>\r\nBcc: x@y.example", "<" + "a" * 400 + "@b>"]
)
def test_what_is_no_message_id_is_not_cited(parent: str) -> None:
    mail = read(replace(ANSWER, thread=Thread(parent_id=parent)))
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None
    assert mail["Bcc"] is None


def test_text_and_html_go_as_alternatives_the_plain_one_first() -> None:
    mail = read(replace(ANSWER, html="<p>Beste <b>burger</b></p>"))
    assert mail.get_content_type() == "multipart/alternative"
    assert [p.get_content_type() for p in mail.iter_parts()] == ["text/plain", "text/html"]
    body = mail.get_body(("html",))
    assert body is not None
    assert body.get_content().strip() == "<p>Beste <b>burger</b></p>"


def test_files_arrive_with_their_names_types_and_bytes() -> None:
    files = (
        AttachmentOut("besluit \u201cna\u00efef\u201d \U0001f6b2.pdf", "application/pdf", 4, lambda: b"%PDF\r\n\0\xff"),
        AttachmentOut("../../etc/lijst.csv", "text/csv", 3, lambda: b"a;\xe9\n"),
        AttachmentOut("mail.eml", "message/rfc822", 3, lambda: b"Subject: x\n\n"),
        AttachmentOut("raar", "geen type\r\nX: y", 1, lambda: b"x"),
    )
    parts = list(read(replace(ANSWER, attachments=files)).iter_attachments())
    assert [p.get_filename() for p in parts] == [files[0].name, ".._.._etc_lijst.csv", "mail.eml", "raar"]
    assert [p.get_content_type() for p in parts] == ["application/pdf", "text/csv", *["application/octet-stream"] * 2]
    assert [p.get_payload(decode=True) for p in parts] == [f.open() for f in files]


def test_an_inline_picture_stands_where_the_html_names_it_with_its_description() -> None:
    mail = read(replace(ANSWER, html='<p><img src="cid:foto.png" alt="x"></p>', attachments=(picture(),)))
    related = next(p for p in mail.walk() if p.get_content_type() == "multipart/related")
    html, image = related.iter_parts()
    assert f'src="cid:{image["Content-ID"][1:-1]}"' in html.get_content()
    assert image["Content-Disposition"].content_disposition == "inline"
    assert image["Content-Description"] == "De paal brandt weer"
    assert image.get_payload(decode=True) == b"\x89PNG\n"


def test_two_pictures_and_a_file_keep_their_places() -> None:
    pictures = (picture("a b.png"), picture("c.png"), picture("d.png", inline=False))
    mail = read(replace(ANSWER, html="<p><img src='cid:a%20b.png'></p>", attachments=pictures))
    images = [p for p in mail.walk() if p.get_content_type() == "image/png"]
    html = mail.get_body(("html",))
    assert html is not None
    assert [f"cid:{p['Content-ID'][1:-1]}" in html.get_content() for p in images[:2]] == [True, True]
    assert 'alt="De paal brandt weer"' in html.get_content()
    assert images[2]["Content-Disposition"].content_disposition == "attachment"


def test_pictures_with_one_name_are_both_seen() -> None:
    mail = read(replace(ANSWER, html="<p>Zie:</p>", attachments=(picture(alt="een"), picture(alt="twee"))))
    ids = [p["Content-ID"][1:-1] for p in mail.walk() if p.get_content_type() == "image/png"]
    html = mail.get_body(("html",))
    assert html is not None
    assert len(set(ids)) == 2
    assert all(f'"cid:{one}"' in html.get_content() for one in ids)


def test_a_picture_without_html_is_a_file_with_its_description() -> None:
    (part,) = read(replace(ANSWER, attachments=(picture(),))).iter_attachments()
    assert (part.get_filename(), part["Content-Description"]) == ("foto.png", "De paal brandt weer")


def test_letters_outside_ascii_in_a_domain_travel_in_ascii_and_before_the_at_need_utf8() -> None:
    domain = made(replace(ANSWER, recipient=Recipient(AddressKind.EMAIL, "a@b\u00fccher.example")))
    assert domain.recipients == ("a@xn--bcher-kva.example",)
    assert not domain.utf8
    local = made(replace(ANSWER, recipient=Recipient(AddressKind.EMAIL, "ge\u00efnd@burgers.example")))
    assert local.utf8
    assert "ge\u00efnd@burgers.example".encode() in local.content


BAD = [
    "x", "a@b\r\nBcc: c@d.example", "a b@c.example", "a@b@c.example",
    "<a@b.example>", "a@b.example, c@d.example", "a@", "@b", "a\0@b.c",
    "x" * 65 + "@b.example", "a@" + "b" * 300, "a@..", "a@b\udc80.c",
]  # fmt: skip


@pytest.mark.parametrize("address", BAD)
def test_what_is_no_single_address_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        made(replace(ANSWER, recipient=Recipient(AddressKind.EMAIL, address)))
    with pytest.raises(Refused):
        made(replace(ANSWER, copies=(Recipient(AddressKind.EMAIL, address),)))


@pytest.mark.parametrize("token", ["a\r\nb", "a b", "<a>", "a@b", "t" * 64])
def test_a_token_that_makes_no_address_is_refused(token: str) -> None:
    with pytest.raises(Refused, match="reply address"):
        made(replace(ANSWER, reply_token=token))


@pytest.mark.parametrize("key", ["", "a b", "a\r\nb", "<a", "a@b", "x" * 201])
def test_a_key_that_makes_no_message_id_is_refused(key: str) -> None:
    with pytest.raises(Refused):
        made(replace(ANSWER, key=key))


def test_a_mail_for_nobody_or_for_a_telephone_is_refused() -> None:
    with pytest.raises(Refused, match="recipient"):
        made(replace(ANSWER, recipient=None))
    with pytest.raises(Refused, match="another channel"):
        made(replace(ANSWER, recipient=Recipient(AddressKind.PHONE, "+31600000000")))


WILD = st.text(max_size=60) | st.lists(
    st.sampled_from(["\r\n", "\n", "\r", "Bcc: x@y.example", "\0", "\u2028", "=?utf-8?q?=0D=0A?=",
        '"', "\\", ",", "\udc80", "\u20ac"]),
    max_size=8,
).map("".join)  # fmt: skip
NAMES = [
    "from", "to", "cc", "reply-to", "subject", "date", "message-id",
    "in-reply-to", "references", "content-language", "mime-version", "content-type", "content-transfer-encoding",
]  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(WILD, WILD, WILD, WILD, WILD, st.lists(WILD, max_size=3))
def test_nothing_that_people_write_becomes_a_header(
    title: str, name: str, text: str, html: str, file: str, references: Sequence[str]
) -> None:
    message = replace(
        ANSWER, title=title, text=text, html=html, recipient=replace(BURGER, name=name), language=title,
        copies=(replace(BURGER, name=file),), thread=Thread(name, "", references), attachments=(picture(file, alt=text),),
    )  # fmt: skip
    content = compose(message, replace(TOWN, name=title), AT).content
    head = content.partition(b"\r\n\r\n")[0]
    lines = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n")
    assert {line.partition(b":")[0].decode().lower() for line in lines} <= set(NAMES)
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert b"\r" not in head.replace(b"\r\n", b"")
    assert b"\0" not in head


def test_our_own_mail_that_comes_back_is_known_as_ours() -> None:
    own = OwnMail(frozenset({TOWN.address}), TOWN.id_domain, reply_template=TOWN.reply_template)
    for message in (ANSWER, replace(ANSWER, automatic=True)):
        (found,) = parse_mail(made(message).content, own=own, meta={})
        assert isinstance(found, OwnPost)
        assert found.external_id == made(message).message_id
