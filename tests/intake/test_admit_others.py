"""Revisions, withdrawals, reports, own posts, votes and signals: what is no reaction."""

import pytest

from tests.intake.conftest import House
from tests.intake.notes import comment, item, mail


def revision(text: str, **given: object) -> dict[str, object]:
    return {"is": "revision", "external_id": "c1", "text": text, **given}


def test_a_revision_keeps_the_earlier_text(house: House) -> None:
    house.take(item("1", comment(1)), item("2", revision("Beter gezegd")), item("3", revision("Nog beter")))
    assert house.states()[1:] == [("applied", ""), ("applied", "")]
    [(text, kept)] = house.rows("SELECT text, revised_from FROM message")
    assert text == "Nog beter"
    assert [one["text"] for one in kept] == ["Reactie 1", "Beter gezegd"]
    assert house.one("SELECT count(*) FROM ticket_event WHERE type = 'reaction_revised'") == 2


def test_an_older_revision_that_arrives_later_does_not_overwrite_a_newer_one(house: House) -> None:
    newer, older = "2026-11-24T12:00:00+00:00", "2026-11-24T11:00:00+00:00"
    house.take(item("1", comment(1)), item("2", revision("nieuw", revised_at=newer)))
    house.take(item("3", revision("oud", revised_at=older)))
    assert house.states()[2] == ("applied", "older_revision")
    [(text, kept)] = house.rows("SELECT text, revised_from FROM message")
    assert (text, [one["text"] for one in kept]) == ("nieuw", ["Reactie 1", "oud"])


def test_a_revision_that_changes_nothing_records_nothing(house: House) -> None:
    house.take(item("1", comment(1)), item("2", revision("Reactie 1")))
    assert house.states()[1] == ("applied", "unchanged")
    assert house.one("SELECT version FROM ticket") == 1


def test_what_a_colleague_hid_or_approved_at_the_source_is_so_here_too(house: House) -> None:
    house.take(item("1", comment(1)))
    shown = []
    for number, publication in enumerate(["held", "held", "published"], start=2):
        house.take(item(str(number), revision("Reactie 1", publication=publication)))
        shown.append(house.one("SELECT publication FROM message"))
    assert shown == ["held", "held", "published"]
    assert [reason for _, reason in house.states()[1:]] == ["held", "unchanged", "published"]
    assert house.one("SELECT count(*) FROM ticket_event WHERE type = 'moderated'") == 2


@pytest.mark.parametrize("ours", ["removed", "hidden"])
def test_what_we_took_from_sight_is_not_put_back_by_an_edit(house: House, ours: str) -> None:
    house.take(item("1", comment(1)))
    house.do(f"UPDATE message SET publication = '{ours}'")
    house.take(item("2", revision("Reactie 1", publication="held")))
    assert house.one("SELECT publication FROM message") == ours


def test_a_late_transcript_adds_its_files(house: House) -> None:
    house.take(item("1", comment(1)), item("2", revision("Reactie 1", attachments={"gesprek.txt": "hallo"})))
    assert house.rows("SELECT name FROM attachment") == [("gesprek.txt",)]


@pytest.mark.parametrize(("what", "end"), [("revision", "set_aside"), ("withdrawal", "ignored")])
def test_what_speaks_of_an_unknown_message_waits_and_is_settled_after_an_hour(
    house: House, what: str, end: str
) -> None:
    """Somebody's changed words are looked at; what was taken back before we saw it is only counted."""
    part: dict[str, object] = {"is": what, "external_id": "c1", **({"text": "x"} if what == "revision" else {})}
    house.take(item("1", part))
    assert house.states() == [("new", "original_missing")]
    house.do("UPDATE raw_item SET not_before = now(), received_at = now() - interval '61 minutes'")
    house.admit()
    assert house.states() == [(end, "original_missing")]


def test_a_withdrawal_that_overtook_its_comment_is_applied_when_that_comes(house: House) -> None:
    house.take(item("1", {"is": "withdrawal", "external_id": "c1"}))
    house.take(item("2", comment(1)))
    house.do("UPDATE raw_item SET not_before = now()")
    house.admit()
    assert house.states() == [("applied", ""), ("ticketed", "first")]


def test_a_withdrawn_comment_is_public_no_longer_and_its_ticket_stays(house: House) -> None:
    house.take(item("1", comment(1)))
    house.take(
        item("2", {"is": "withdrawal", "external_id": "c1"}), item("3", {"is": "withdrawal", "external_id": "c1"})
    )
    assert house.states()[1:] == [("applied", ""), ("applied", "unchanged")]
    assert house.rows("SELECT publication, withdrawn_at IS NOT NULL, text FROM message") == [
        ("withdrawn", True, "Reactie 1")
    ]
    assert house.one("SELECT count(*) FROM ticket") == 1


WITHDRAWAL = {"is": "withdrawal", "external_id": "c1"}


def test_what_was_taken_away_and_stands_there_again_does_so_here(house: House) -> None:
    house.take(item("1", comment(1)), item("2", WITHDRAWAL), item("3", revision("Reactie 1", publication="published")))
    assert house.one("SELECT publication FROM message") == "withdrawn", "an edit that came late brings nothing back"
    house.take(item("4", revision("Reactie 1, netter", publication="held", back=True)))
    assert house.states()[3] == ("applied", "")
    assert house.rows("SELECT publication, withdrawn_at, text FROM message") == [("held", None, "Reactie 1, netter")]
    house.take(item("5", revision("Reactie 1, netter", publication="published", back=True)))
    assert house.one("SELECT publication FROM message") == "published"
    told = "SELECT data->>'to' FROM ticket_event WHERE type = 'moderated' ORDER BY id"
    assert house.rows(told) == [("held",), ("published",)]


@pytest.mark.parametrize("stood", ["hidden", "held", "published"])
def test_what_comes_back_without_a_word_of_where_it_stands_is_as_it_was(house: House, stood: str) -> None:
    """A visitor who withdraws a hidden comment and restores it has not shown it again; a repeat changes nothing."""
    house.take(item("1", comment(1)))
    house.do(f"UPDATE message SET publication = '{stood}', publication_reason = 'Grof'")
    house.take(item("2", WITHDRAWAL), item("3", revision("Reactie 1", back=True)))
    assert house.rows("SELECT publication, withdrawn_at FROM message") == [(stood, None)]
    assert house.one("SELECT publication_reason FROM message") == ("" if stood == "published" else "Grof")
    house.do("UPDATE message SET publication = 'removed'")
    house.take(item("4", revision("Reactie 1", back=True)))
    assert house.one("SELECT publication FROM message") == "removed"


def test_what_was_meant_for_nobodys_page_comes_back_as_that(house: House) -> None:
    house.take(item("1", comment(1)))
    house.do("UPDATE message SET visibility = 'private', publication = NULL")
    house.take(item("2", WITHDRAWAL))
    house.take(item("3", revision("Reactie 1", back=True)))
    assert house.rows("SELECT publication, withdrawn_at FROM message") == [(None, None)]


def test_a_ticket_that_was_merged_meanwhile_opens_again_too(house: House) -> None:
    house.take(item("1", comment(1)), item("2", comment(2, author="u2")))
    columns = "ticket_id, message_id, type, data"
    moderated = f"INSERT INTO ticket_event ({columns}) SELECT ticket_id, id, 'moderated', '{{}}' FROM message"
    house.do(f"{moderated} WHERE external_id = 'c1'")
    house.do("UPDATE message SET publication = 'removed' WHERE external_id = 'c1'")
    house.do("UPDATE ticket SET merged_into_id = (SELECT max(id) FROM ticket) WHERE id = (SELECT min(id) FROM ticket)")
    house.do("UPDATE message SET ticket_id = (SELECT max(id) FROM ticket)")
    house.do("UPDATE ticket SET status = 'solved', solved_at = now() + interval '1 minute'")
    house.take(item("3", revision("Reactie 1", publication="published", back=True)))
    assert house.rows("SELECT status FROM ticket ORDER BY id") == [("solved",), ("open",)]


def test_what_we_removed_and_a_colleague_restored_over_there_is_back(house: House) -> None:
    house.take(item("1", comment(1)))
    house.do("UPDATE message SET publication = 'removed'")
    house.take(item("2", revision("Reactie 1", publication="published", back=True)))
    assert house.states()[1] == ("applied", "back")
    assert house.one("SELECT publication FROM message") == "published"


@pytest.mark.parametrize(
    ("finished", "status"), [("now() + interval '1 minute'", "open"), ("now() - interval '1 day'", "closed")]
)
def test_a_ticket_that_was_finished_while_its_comment_was_away_is_open_again(
    house: House, finished: str, status: str
) -> None:
    """Nobody needed to answer then. One that was answered before stays as it is: a whole page may come back."""
    house.take(item("1", comment(1)), item("2", WITHDRAWAL))
    house.do(f"UPDATE ticket SET status = 'closed', solved_at = {finished}, closed_at = now() + interval '1 hour'")
    house.take(item("3", revision("Reactie 1", publication="published", back=True)))
    assert house.one("SELECT status FROM ticket") == status
    reopened = house.one("SELECT count(*) FROM ticket_event WHERE type = 'reopened'")
    assert reopened == (1 if status == "open" else 0)


def test_what_was_seen_over_there_before_a_verdict_of_ours_arrives_is_older_than_that(house: House) -> None:
    house.take(item("1", comment(1)))
    delivery(house, "waiting")
    house.do("UPDATE delivery SET action = 'moderate', message_id = (SELECT id FROM message)")
    house.do("UPDATE message SET publication = 'hidden'")
    house.take(item("2", revision("Reactie 1", publication="published")))
    assert house.one("SELECT publication FROM message") == "hidden"
    house.do("UPDATE message SET publication = 'removed'")
    house.take(item("2b", revision("Reactie 1", publication="published", back=True)))
    assert house.one("SELECT publication FROM message") == "removed"
    house.do("UPDATE message SET publication = 'hidden'")
    house.do("UPDATE delivery SET state = 'sent'")
    house.take(item("3", revision("Reactie 1", publication="published")))
    assert house.one("SELECT publication FROM message") == "published"


def test_a_vote_counts_once(house: House) -> None:
    vote = {"is": "vote", "external_id": "v1", "poll_key": "p", "choices": {"q": ["yes"]}}
    house.take(item("1", vote), item("2", vote))
    assert house.states() == [("applied", ""), ("duplicate", "known_already")]
    assert house.rows("SELECT choices FROM vote") == [({"q": ["yes"]},)]


def test_a_signal_opens_no_ticket(house: House) -> None:
    signal = {"is": "signal", "external_id": "s1", "author": {"kind": "handle", "address": "x"}, "text": "gehoord"}
    house.take(item("1", signal), item("2", signal))
    assert house.states() == [("signal", ""), ("duplicate", "known_already")]
    assert house.one("SELECT count(*) FROM ticket") == 0


def delivery(house: House, state: str, external_id: str = "") -> None:
    house.do(
        "INSERT INTO delivery (ticket_id, account_id, key, state, not_before, external_id)"
        " SELECT id, account_id, 'k-1', :s, now(), :e FROM ticket",
        s=state, e=external_id,
    )  # fmt: skip


def test_a_bounce_is_applied_to_its_delivery_and_one_of_nothing_is_counted(house: House) -> None:
    house.take(item("1", mail(1)))
    delivery(house, "sent", "<k-1@voorbeeldstad.example>")
    report = {"is": "report", "external_id": "<k-1@voorbeeldstad.example>", "outcome": "failed", "code": "5.1.1"}
    house.take(item("2", report), item("3", {**report, "external_id": "<unknown@voorbeeldstad.example>"}))
    assert house.states()[1:] == [("applied", "failed"), ("ignored", "unknown_delivery")]
    assert house.one("SELECT count(*) FROM ticket_event WHERE type = 'bounced'") == 1


def test_the_echo_of_our_own_delivery_opens_nothing(house: House) -> None:
    house.take(item("1", mail(1)))
    delivery(house, "uncertain")
    house.take(item("2", {"is": "own_post", "external_id": "<k-1@voorbeeldstad.example>", "text": "antwoord"}))
    assert house.states()[1] == ("applied", "echo")
    assert house.one("SELECT count(*) FROM message") == 1


def test_a_colleagues_answer_elsewhere_stands_in_the_ticket_that_it_answers(house: House) -> None:
    house.take(item("1", comment(1)))
    post = {"is": "own_post", "external_id": "o1", "text": "Wij kijken", "parent_id": "c1", "author_name": "Redactie"}
    house.take(item("2", post), item("3", post))
    assert house.states()[1:] == [("applied", ""), ("duplicate", "known_already")]
    assert house.rows("SELECT kind, text FROM message ORDER BY id") == [
        ("reaction", "Reactie 1"),
        ("own_post", "Wij kijken"),
    ]
    assert house.one("SELECT last_outbound_at IS NOT NULL FROM ticket")


COLLEAGUE = {"is": "own_post", "external_id": "o1", "text": "Wij kijken", "parent_id": "c1"}


def test_what_our_side_said_waits_only_for_what_had_left_us_before_it_was_read(house: House) -> None:
    house.take(item("1", comment(1)))
    delivery(house, "claimed")
    house.take(item("2", COLLEAGUE))
    assert house.states()[1] == ("applied", "")
    house.do("UPDATE delivery SET state = 'begun', begun_at = clock_timestamp()")
    house.take(item("3", {**COLLEAGUE, "external_id": "o2"}))
    assert house.states()[2] == ("new", "delivery_under_way")
    house.do("UPDATE raw_item SET not_before = now()")
    house.do("UPDATE delivery SET begun_at = clock_timestamp() + interval '1 second'")  # tried again since
    house.admit()
    assert house.states()[2] == ("applied", "")


def test_what_our_side_said_does_not_wait_for_another_account(house: House) -> None:
    house.take(item("1", comment(1)))
    delivery(house, "begun")
    house.do("UPDATE delivery SET begun_at = now(), account_id = :other", other=house.second_id)
    house.take(item("2", COLLEAGUE))
    assert house.states()[1] == ("applied", "")


def test_the_words_of_an_answer_that_was_to_be_sent_again_show_that_it_went_out(house: House) -> None:
    house.take(item("1", comment(1)))
    delivery(house, "failed")
    house.do(
        "WITH m AS (INSERT INTO message (ticket_id, account_id, kind, text, visibility)"
        " SELECT id, account_id, 'reply', 'Wij  kijken', 'public'"
        " FROM ticket RETURNING id) UPDATE delivery SET message_id = m.id, begun_at = now() FROM m"
    )
    house.take(item("2", {**COLLEAGUE, "text": "@jan Wij kijken"}))
    assert house.states()[1] == ("applied", "echo")
    assert house.rows("SELECT state, external_id FROM delivery") == [("sent", "o1")]
    assert house.one("SELECT count(*) FROM message") == 2


def test_a_publication_of_ours_is_ignored_with_its_reason(house: House) -> None:
    house.take(item("1", {"is": "own_post", "external_id": "o1", "text": "Nieuws"}))
    assert house.states() == [("ignored", "publication")]


def test_an_item_of_several_parts_counts_once_as_its_weightiest(house: House) -> None:
    house.take(item("1", mail(1), {"is": "report", "external_id": "x", "outcome": "delayed"}))
    assert house.states() == [("ticketed", "first")]
    [[outcomes]] = house.rows("SELECT outcomes FROM raw_item")
    assert [o["state"] for o in outcomes] == ["ticketed", "ignored"]


def test_one_bad_part_undoes_the_whole_item(house: House) -> None:
    house.take(item("1", mail(1), {"is": "nothing"}))
    assert house.states() == [("set_aside", "unknown part nothing")]
    assert house.one("SELECT count(*) FROM ticket") == 0
