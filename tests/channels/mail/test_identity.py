"""Groups 5 and 14: which mail this is, which it answers, and what may bring it home."""

import dataclasses

from tests.channels.mail.reading import OWN, mail, part, parts, read


def test_the_message_id_is_the_identity_at_every_account() -> None:
    reaction = read(mail(message_id="<abc@burger.example>"))
    assert reaction.external_id == "<abc@burger.example>"
    assert reaction.shared


def test_without_a_message_id_the_digest_is_the_identity() -> None:
    reaction = read(mail(message_id=""))
    assert reaction.external_id == f"digest:{reaction.digest}"
    assert len(reaction.digest) == 64


def test_white_space_in_and_round_a_message_id_is_no_part_of_it() -> None:
    assert read(mail(message_id="  <a b@c.example> ")).external_id == "<ab@c.example>"
    assert read(mail(message_id="\r\n <folded@c.example>")).external_id == "<folded@c.example>"


def test_a_message_id_without_brackets_gets_them() -> None:
    assert read(mail(message_id="abc@burger.example")).external_id == "<abc@burger.example>"


def test_of_several_message_ids_the_first_that_can_be_read_counts() -> None:
    raw = b"Message-ID: \r\nMessage-ID: <two@x.example>\r\nMessage-ID: <three@x.example>\r\n\r\nx"
    assert read(raw).external_id == "<two@x.example>"


def test_a_very_long_message_id_stays_findable() -> None:
    long = f"<{'x' * 900}@burger.example>"
    first = read(mail(message_id=long))
    answer = read(mail(message_id="<2@x>", in_reply_to=long))
    assert len(first.external_id) < 100
    assert answer.references == (first.external_id,)


def test_trace_headers_never_change_the_digest() -> None:
    raw = mail("Zelfde tekst", date="Tue, 3 Nov 2026 10:00:00 +0100")
    again = b"Return-Path: <>\r\nReceived: from b by c; Tue, 3 Nov 2026 11:00:00 +0100\r\nX-Spam: no\r\n" + raw
    assert read(raw).digest == read(again).digest


def test_another_transfer_encoding_on_the_way_never_changes_the_digest() -> None:
    plain = mail("Geërgerd\n", content_type="text/plain; charset=utf-8", content_transfer_encoding="8bit")
    quoted = mail(
        "Ge=C3=ABrgerd\n", content_type="text/plain; charset=utf-8", content_transfer_encoding="quoted-printable"
    )
    assert read(plain).digest == read(quoted).digest


def test_other_content_under_the_same_id_has_another_digest() -> None:
    first, second = read(mail("een")), read(mail("twee"))
    assert first.external_id == second.external_id
    assert first.digest != second.digest


def test_another_subject_date_sender_or_attachment_has_another_digest() -> None:
    digests = {
        read(raw).digest
        for raw in (
            mail("x"),
            mail("x", subject="Ander"),
            mail("x", date="Tue, 3 Nov 2026 10:00:00 +0100"),
            mail("x", **{"from": "ander@burger.example"}),
            parts(part("text/plain", "x"), part("application/pdf", "%PDF-1")),
            parts(part("text/plain", "x"), part("application/pdf", "%PDF-2")),
        )
    }
    assert len(digests) == 6


def test_references_come_nearest_first_and_each_once() -> None:
    raw = mail(in_reply_to="<3@x>", references="<1@x>\r\n <2@x> <3@x>")
    assert read(raw).references == ("<3@x>", "<2@x>", "<1@x>")
    assert read(raw).parent_id == "<3@x>"


def test_several_in_reply_to_ids_and_words_between_them_are_read() -> None:
    raw = mail(in_reply_to='Your message of "Tue, 3 Nov" <3@x> <4@x>')
    assert read(raw).references == ("<3@x>", "<4@x>")


def test_a_very_long_chain_of_references_is_bounded_to_the_nearest() -> None:
    chain = "\r\n ".join(f"<{n}@burger.example>" for n in range(900))
    reaction = read(mail(references=chain))
    assert len(reaction.references) == 50
    assert reaction.references[0] == "<899@burger.example>"


def test_an_invalid_reference_costs_only_itself() -> None:
    assert read(mail(references="kapot <> <goed@x>")).references == ("<goed@x>",)


def test_a_tag_on_an_address_of_ours_may_be_a_token() -> None:
    raw = mail(to="Gemeente <info+mfrggzdf@voorbeeldstad.example>, ander+nee@elders.example")
    assert read(raw).tokens == ("mfrggzdf",)


def test_a_token_is_found_in_copies_and_in_what_the_mail_server_added() -> None:
    raw = mail(
        cc="info+een@voorbeeldstad.example",
        delivered_to="wmo+twee@voorbeeldstad.example",
        x_original_to="info+drie@voorbeeldstad.example",
    )
    assert set(read(raw, recipient="<info+vier@voorbeeldstad.example>").tokens) == {"een", "twee", "drie", "vier"}


def test_a_token_keeps_its_capitals_beside_its_small_form() -> None:
    assert read(mail(to="info+MFrGG@voorbeeldstad.example")).tokens == ("MFrGG", "mfrgg")


def test_a_token_may_stand_in_an_address_made_for_answers() -> None:
    own = dataclasses.replace(OWN, reply_template="antwoord-{token}@post.voorbeeldstad.example")
    assert read(mail(to="antwoord-k7q@post.voorbeeldstad.example"), own).tokens == ("k7q",)


def test_the_key_of_our_own_message_in_references_is_a_candidate_and_a_strangers_is_not() -> None:
    raw = mail(in_reply_to="<d-42@voorbeeldstad.example>", references="<x@elders.example>")
    assert read(raw).tokens == ("d-42",)


def test_a_number_in_the_subject_the_text_or_an_attachment_is_no_token() -> None:
    raw = parts(
        part("text/plain", "zie info+geheim@voorbeeldstad.example en #2026-17"),
        part("text/html", '<p data-ticket="2026-17">x</p>'),
        subject="[#2026-17] info+geheim@voorbeeldstad.example",
        x_weerklank_token="geheim",
    )
    assert read(raw).tokens == ()
