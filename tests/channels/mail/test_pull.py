"""Reading a folder of a real Dovecot: nothing is missed, nothing is changed, nothing is half."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from pydantic import SecretStr

from app.channels.contract import RawItem, Unreachable, Unreadable
from app.channels.mail.imap import Mailbox, Opener
from app.channels.mail.own import OwnMail
from app.channels.mail.parse import parse_mail
from app.channels.mail.pull import BATCH, BATCH_BYTES, HEAD, keys, pages, whole
from app.channels.mail.server import Security, Server
from app.clock import now
from app.intake import identity
from tests.channels.mail.boxes import mail, opener, put, subjects
from tests.channels.mail.scripted import Peer, imap_script, serving
from tests.servers.mail import Mailbox as Box
from tests.servers.mail import MailServers

LARGE = 64 * 1_048_576


def read(
    box: Opener, cursor: str | None = None, since: date | None = None, max_bytes: int = LARGE
) -> tuple[list[RawItem], str | None]:
    """All items after `cursor`, and the last page's cursor."""
    items: list[RawItem] = []
    for page in pages(box, cursor, since, max_bytes):
        items += page.items
        cursor = page.cursor
    return items, cursor


def titles(items: list[RawItem]) -> list[str]:
    return subjects([i.body for i in items])


def test_six_waiting_mails_come_in_one_run_oldest_first(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    put(mail_servers, box, *(mail(f"nr {n}") for n in range(6)))
    items, _ = read(opener(mail_servers, box))
    assert titles(items) == [f"nr {n}" for n in range(6)]


def test_a_mail_comes_byte_for_byte_with_its_key_and_time_of_arrival(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    raw = mail("Bytes").replace(b"In de", b"\xff\xfe 'n \xe9\xe9n") + b".\r\n..\r\nFrom x\r\n"
    put(mail_servers, box, raw)
    (item,), _ = read(opener(mail_servers, box))
    with opener(mail_servers, box)() as mailbox:
        assert item.key == f"imap:{mailbox.numbering}:1"
    assert item.body == raw
    assert item.media_type == "message/rfc822"
    assert item.meta["door"] == "imap"
    assert str(now().year) in item.meta["internal_date"]


def test_an_empty_folder_gives_a_cursor_once_and_then_nothing(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    (first,) = pages(opener(mail_servers, box), None, None, LARGE)
    assert list(first.items) == []
    assert list(pages(opener(mail_servers, box), first.cursor, None, LARGE)) == []


def test_nothing_new_gives_nothing_though_the_server_always_names_the_last_mail(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    put(mail_servers, box, mail("een"))
    _, cursor = read(opener(mail_servers, box))
    with opener(mail_servers, box)() as mailbox:
        assert mailbox._search("UID 2:*") == [1]
    assert list(pages(opener(mail_servers, box), cursor, None, LARGE)) == []


def test_the_cursor_goes_on_where_the_last_page_ended(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    put(mail_servers, box, mail("oud"))
    _, cursor = read(opener(mail_servers, box))
    put(mail_servers, box, mail("nieuw"))
    items, _ = read(opener(mail_servers, box), cursor)
    assert titles(items) == ["nieuw"]


def test_a_stop_after_any_page_repeats_nothing_and_misses_nothing(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    put(mail_servers, box, *(mail(f"nr {n}") for n in range(2 * BATCH + 3)))
    seen: list[RawItem] = []
    cursor: str | None = None
    while page := next(pages(opener(mail_servers, box), cursor, None, LARGE), None):
        seen += page.items
        cursor = page.cursor
    assert titles(seen) == [f"nr {n}" for n in range(2 * BATCH + 3)]


def test_pages_say_how_much_is_left(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    put(mail_servers, box, *(mail(f"nr {n}") for n in range(BATCH + 1)))
    assert [(len(p.items), p.behind) for p in pages(opener(mail_servers, box), None, None, LARGE)] == [
        (BATCH, 1),
        (1, 0),
    ]


def test_pages_are_bounded_in_bytes_too(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    put(mail_servers, box, *(mail(f"nr {n}", "x" * 60 + "\n" + "y" * 900_000) for n in range(12)))
    found = list(pages(opener(mail_servers, box), None, None, LARGE))
    assert sum(len(p.items) for p in found) == 12
    assert all(sum(len(i.body) for i in p.items) <= BATCH_BYTES for p in found)
    assert len(found) == 2


def test_another_reader_who_opens_every_mail_hides_none(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    put(mail_servers, box, mail("een"), mail("twee"))
    with mail_servers.imap(box) as outlook:
        outlook.select("INBOX")
        outlook.uid("STORE", "1:2", "+FLAGS", r"(\Seen \Flagged)")
        items, _ = read(opener(mail_servers, box))
    assert titles(items) == ["een", "twee"]


def test_reading_changes_nothing_at_the_server(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    put(mail_servers, box, mail("een"), mail("groot", "z" * 3_000_000))
    read(opener(mail_servers, box))
    with mail_servers.imap(box) as outlook:
        outlook.select("INBOX", readonly=True)
        flags = b" ".join(part for part in outlook.uid("FETCH", "1:*", "(FLAGS)")[1] if isinstance(part, bytes))
    assert rb"\Seen" not in flags
    assert flags.count(b"UID") == 2


def test_a_mail_deleted_at_the_server_is_no_trouble_for_the_others(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    put(mail_servers, box, mail("een"), mail("twee"), mail("drie"))
    _, cursor = read(opener(mail_servers, box))
    put(mail_servers, box, mail("vier"), mail("vijf"))
    delete(mail_servers, box, "2,4")
    items, _ = read(opener(mail_servers, box), cursor)
    assert titles(items) == ["vijf"]


def test_a_mail_that_vanishes_between_listing_and_fetching_is_gone_and_the_others_come(
    mail_servers: MailServers,
) -> None:
    box = mail_servers.mailbox()
    put(mail_servers, box, *(mail(f"nr {n}") for n in range(BATCH + 2)))
    reading = pages(opener(mail_servers, box), None, None, LARGE)
    first = next(reading)
    delete(mail_servers, box, str(BATCH + 1))
    rest = [item for page in reading for item in page.items]
    assert titles([*first.items, *rest]) == [f"nr {n}" for n in range(BATCH + 2) if n != BATCH]


def test_a_mail_deleted_while_it_is_being_fetched_is_not_taken_for_lost(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    put(mail_servers, box, mail("een"), mail("twee"))
    with opener(mail_servers, box)() as mailbox:
        assert set(mailbox.sizes([1, 2])) == {1, 2}
        delete(mail_servers, box, "1")
        assert mailbox.holding([1, 2]) == {2}
        assert subjects(list(mailbox.bodies([1, 2]).values())) == ["twee"]


class Stubborn:
    """A server with three mails that answers FETCH of the second's content with `refusal`."""

    def __init__(self, refusal: bytes) -> None:
        self._refusal = refusal
        self.mended = False

    def __call__(self, peer: Peer, tag: bytes, command: bytes) -> bool:
        if command.startswith(b"EXAMINE"):
            peer.say(b"* 3 EXISTS", b"* OK [UIDVALIDITY 7] ok", b"* OK [UIDNEXT 4] ok", tag + b" OK done")
        elif command.startswith(b"UID SEARCH UID 4:"):
            peer.say(b"* SEARCH 3", tag + b" OK done")
        elif command.startswith(b"UID SEARCH"):
            peer.say(b"* SEARCH 1 2 3" if b"1:3" in command else b"* SEARCH 2", tag + b" OK done")
        elif command.startswith(b"UID FETCH") and b"SIZE" in command:
            peer.say(*[f"* {n} FETCH (UID {n} RFC822.SIZE 2)".encode() for n in (1, 2, 3)], tag + b" OK done")
        elif command.startswith(b"UID FETCH 2 ") and self.mended:
            peer.say(b"* 2 FETCH (BODY[] {2}", b"m2 UID 2)", tag + b" OK done")
        elif command.startswith(b"UID FETCH"):
            for n in (b"1", b"3") if b"1:3" in command else ():
                peer.say(b"* " + n + b" FETCH (BODY[] {2}", b"m" + n + b" UID " + n + b")")
            peer.say(tag + b" " + self._refusal)
        else:
            return False
        return True


def test_a_mail_that_the_server_will_not_give_is_shown_and_stops_no_other() -> None:
    with serving(imap_script(Stubborn(b"NO this message is damaged"))) as port:
        server = Server("localhost", port, Security.NONE, "u", SecretStr("p"))
        items, cursor = read(lambda: Mailbox(server, "INBOX"))
    assert [(i.key.split(":")[2:], i.body) for i in items] == [
        (["7", "1"], b"m1"),
        (["7", "2"], b""),
        (["7", "3"], b"m3"),
    ]
    assert "byte 0" in items[1].meta["incomplete"]
    assert cursor is not None


def test_a_mail_that_the_server_would_not_give_is_asked_for_again() -> None:
    stubborn = Stubborn(b"NO this message is damaged")
    with serving(imap_script(stubborn)) as port:
        box = partial(Mailbox, Server("localhost", port, Security.NONE, "u", SecretStr("p")), "INBOX")
        items, _ = read(box)
        with pytest.raises(Unreadable, match="byte 0"):
            whole(box, items[1], LARGE)
        stubborn.mended = True
        assert whole(box, items[1], LARGE).completed == {"whole": b"m2"}
        elsewhere = replace(items[1], key="imap:0123456789ab:7:2")
        assert whole(box, elsewhere, LARGE) == elsewhere, "another folder's number two is another mail"


@pytest.mark.parametrize(
    "refusal", [b"NO [UNAVAILABLE] busy", b"NO [SERVERBUG] oops", b"BAD what", b"NO [LIMIT] slow down"]
)
def test_a_server_in_trouble_moves_no_cursor(refusal: bytes) -> None:
    with serving(imap_script(Stubborn(refusal))) as port:
        server = Server("localhost", port, Security.NONE, "u", SecretStr("p"))
        with pytest.raises(Unreachable):
            read(lambda: Mailbox(server, "INBOX"))


def test_a_mailbox_that_was_made_anew_is_read_again_from_the_start(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    with mail_servers.imap(box) as client:
        client.create("Vragen")
    put(mail_servers, box, mail("een"), mail("twee"), folder="Vragen")
    items, cursor = read(opener(mail_servers, box, "Vragen"))
    old = items[0].key
    renumber(mail_servers, box, "Vragen")
    put(mail_servers, box, mail("een"), folder="Vragen")
    again, cursor = read(opener(mail_servers, box, "Vragen"), cursor)
    assert titles(again) == ["een"]
    assert again[0].key != old
    assert read(opener(mail_servers, box, "Vragen"), cursor)[0] == []


def test_a_mail_that_is_moved_away_and_back_comes_again_and_is_known_by_its_content(mail_servers: MailServers) -> None:
    """Out of the spam folder, for instance: another UID, another key, the same mail."""
    box = mail_servers.mailbox()
    put(mail_servers, box, mail("een"), mail("twee"))
    first, cursor = read(opener(mail_servers, box))
    with mail_servers.imap(box) as client:
        for source, target in (("INBOX", "Junk"), ("Junk", "INBOX")):
            client.select(source)
            assert client.uid("MOVE", "1", target)[0] == "OK"
    (again,), _ = read(opener(mail_servers, box), cursor)
    assert again.key not in {item.key for item in first}
    known = [parse_mail(item.body, own=OwnMail(), meta=item.meta)[0] for item in (first[0], again)]
    assert identity.of(1, known[0]) == identity.of(1, known[1])  # type: ignore[arg-type]


def test_mail_from_before_the_first_day_is_left_alone_and_moved_in_later_it_counts(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    today = now().date()
    put(mail_servers, box, mail("vorig jaar"), when='"02-Jan-2020 10:00:00 +0000"')
    put(mail_servers, box, mail("nu"))
    put(mail_servers, box, mail("ook vorig jaar"), when='"02-Jan-2020 10:00:00 +0000"')
    since = today - timedelta(days=2)
    items, cursor = read(opener(mail_servers, box), None, since)
    assert titles(items) == ["nu"]
    put(mail_servers, box, mail("uit spam gehaald"), when='"05-Mar-2021 10:00:00 +0000"')
    items, _ = read(opener(mail_servers, box), cursor, since)
    assert titles(items) == ["uit spam gehaald"]


def test_a_mail_of_25_megabytes_comes_whole(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    raw = mail("groot") + (b"x" * 70 + b"\r\n") * 350_000
    put(mail_servers, box, raw, mail("daarna"))
    items, _ = read(opener(mail_servers, box))
    assert items[0].body == raw
    assert "incomplete" not in items[0].meta
    assert titles(items[1:]) == ["daarna"]


@pytest.mark.parametrize("size", [1_048_575, 1_048_576, 1_048_577, 2_097_152])
def test_a_mail_whose_size_ends_on_a_piece_comes_whole(mail_servers: MailServers, size: int) -> None:
    box = mail_servers.mailbox()
    start = mail("precies")
    raw = start + b"x" * (size - len(start) - 2) + b"\r\n"
    put(mail_servers, box, raw)
    (item,), _ = read(opener(mail_servers, box))
    assert len(item.body) == size
    assert item.body == raw


def test_a_mail_larger_than_the_account_keeps_is_shown_by_its_head_and_never_taken_for_whole(
    mail_servers: MailServers,
) -> None:
    box = mail_servers.mailbox()
    raw = mail("te groot") + b"x" * 3_000_000 + b"\r\n"
    put(mail_servers, box, raw, mail("daarna"))
    items, _ = read(opener(mail_servers, box), max_bytes=2_000_000)
    assert items[0].body == raw[:HEAD]
    assert items[0].meta["sha256"] == hashlib.sha256(raw).hexdigest()
    assert items[0].meta["size"] == str(len(raw))
    assert "2000000" in items[0].meta["incomplete"]
    assert titles(items[1:]) == ["daarna"]


def test_the_inventory_is_exactly_what_the_folder_holds(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    assert list(keys(opener(mail_servers, box), None)) == []
    put(mail_servers, box, *(mail(f"nr {n}") for n in range(5)))
    items, _ = read(opener(mail_servers, box))
    delete(mail_servers, box, "3")
    assert list(keys(opener(mail_servers, box), None)) == [i.key for n, i in enumerate(items) if n != 2]


def test_a_mail_without_content_comes_as_it_is(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    put(mail_servers, box, b"\r\n", mail("daarna"))
    items, _ = read(opener(mail_servers, box))
    assert len(items[0].body) <= 2
    assert titles(items[1:]) == ["daarna"]


def test_a_folder_with_a_name_outside_ascii_can_be_read(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    with mail_servers.imap(box) as client:
        assert client.create('"Be&APQ-te &- zo"')[0] == "OK"
    put(mail_servers, box, mail("hier"), folder='"Be&APQ-te &- zo"')
    items, _ = read(opener(mail_servers, box, "Beôte & zo"))
    assert titles(items) == ["hier"]


class SameForAll:
    """A server that gives every folder the same UIDVALIDITY, as some do, with one mail in each that is named after it."""

    def __init__(self) -> None:
        self._folder = b""

    def __call__(self, peer: Peer, tag: bytes, command: bytes) -> bool:
        if command.startswith(b"EXAMINE"):
            self._folder = command.split(b'"')[1]
            peer.say(b"* 1 EXISTS", b"* OK [UIDVALIDITY 1] ok", b"* OK [UIDNEXT 2] ok", tag + b" OK done")
        elif command.startswith(b"UID SEARCH"):
            peer.say(b"* SEARCH 1", tag + b" OK done")
        elif command.startswith(b"UID FETCH") and b"SIZE" in command:
            peer.say(b"* 1 FETCH (UID 1 RFC822.SIZE 5)", tag + b" OK done")
        elif command.startswith(b"UID FETCH"):
            size = str(len(self._folder)).encode()
            peer.say(b"* 1 FETCH (UID 1 BODY[] {" + size + b"}", self._folder + b")", tag + b" OK done")
        else:
            return False
        return True


def test_an_account_that_is_pointed_at_another_folder_takes_none_of_its_mails_for_read_already() -> None:
    """Neither by the cursor, nor by the keys: an item with a key that is known would be counted as a repeat."""
    with serving(imap_script(SameForAll())) as port:
        server = Server("localhost", port, Security.NONE, "u", SecretStr("p"))
        (first,), cursor = read(lambda: Mailbox(server, "INBOX"))
        (second,), _ = read(lambda: Mailbox(server, "Klachten"), cursor)
        (again,), _ = read(lambda: Mailbox(server, "INBOX"))
    assert (first.body, second.body) == (b"INBOX", b"Klachten")
    assert first.key == again.key != second.key


def delete(servers: MailServers, box: Box, uids: str) -> None:
    with servers.imap(box) as outlook:
        outlook.select("INBOX")
        outlook.uid("STORE", uids, "+FLAGS", r"(\Deleted)")
        assert outlook.expunge()[0] == "OK"


def renumber(servers: MailServers, box: Box, folder: str) -> None:
    """Delete and make the folder again until its UIDVALIDITY differs (Dovecot derives it from the time)."""

    def validity() -> object:
        with servers.imap(box) as client:
            client.select(folder, readonly=True)
            return client.response("UIDVALIDITY")[1]

    old = validity()
    while validity() == old:
        with servers.imap(box) as client:
            client.delete(folder)
            client.create(folder)
