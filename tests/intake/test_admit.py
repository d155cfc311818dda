"""From raw items to tickets, in a real database."""

import pytest

from app.channels.contract import RawItem
from app.identity.principal import SYSTEM
from app.intake.admit import admit_waiting
from app.intake.claim import claim
from app.intake.means import Means
from app.tickets import reference, tokens
from app.tickets.merge import merge
from app.tickets.unmerge import unmerge
from tests.intake.conftest import House
from tests.intake.notes import comment, item, mail

LONG = "Wij zijn tegen de kap van de lindebomen langs de Vaartweg, want zij geven onze wijk in de zomer koelte. "


def ours(house: House, ticket_id: int, external_id: str, text: str = "Wij kijken ernaar.", kind: str = "reply") -> int:
    """An answer of ours in a ticket."""
    return int(
        house.one(
            "INSERT INTO message (ticket_id, account_id, kind, visibility, external_id, text)"
            " VALUES (:t, :a, :k, 'private', :e, :x) RETURNING id",
            t=ticket_id, a=house.account_id, k=kind, e=external_id, x=text,
        )
    )  # fmt: skip


def ticket(house: House) -> int:
    """The newest ticket."""
    return int(house.one("SELECT max(id) FROM ticket"))


def contact(house: House, address: str) -> int:
    return int(house.one("SELECT contact_id FROM contact_address WHERE address = :a", a=address))


def events(house: House) -> list[str]:
    return [row[0] for row in house.rows("SELECT type FROM ticket_event ORDER BY id")]


def test_a_mail_becomes_a_ticket_with_its_message_route_and_event(house: House) -> None:
    house.take(item("1", mail(1, title="Kapotte lantaarn")))
    assert house.states() == [("ticketed", "first")]
    assert house.rows("SELECT subject, status, language FROM ticket") == [("Kapotte lantaarn", "new", "nl")]
    [(text_, name, kind)] = house.rows("SELECT text, author_name, kind FROM message")
    assert (text_, name, kind) == ("Vraag 1", "Anna", "reaction")
    assert house.one("SELECT count(*) FROM message_route") == 1
    assert events(house) == ["created"]
    assert house.one("SELECT outcomes ->> 0 FROM raw_item") is not None
    assert house.one("SELECT handled_at IS NOT NULL FROM raw_item")


def test_the_clock_of_a_ticket_starts_when_the_item_arrived(house: House) -> None:
    house.journal(item("1", mail(1, kind="objection", sent_at=None)))
    house.do("UPDATE raw_item SET received_at = received_at - interval '3 days'")
    house.admit()
    assert house.one("SELECT t.received_at = r.received_at AND t.kind = 'objection' FROM ticket t, raw_item r")
    assert house.one("SELECT due_at - received_at = interval '2 days' FROM ticket")


def test_the_same_mail_at_two_accounts_is_one_message_with_two_routes(house: House) -> None:
    house.take(item("1", mail(1)))
    house.take(item("9", mail(1)), account_id=house.second_id)
    assert house.states() == [("ticketed", "first"), ("duplicate", "known_already")]
    assert house.one("SELECT count(*) FROM message") == 1
    assert house.rows("SELECT account_id FROM message_route ORDER BY 1") == [(house.account_id,), (house.second_id,)]


def test_the_same_id_with_other_content_is_a_new_message(house: House) -> None:
    house.take(item("1", mail(1)), item("2", mail(1, digest="other")))
    assert house.states() == [("ticketed", "first"), ("ticketed", "same_id_other_content")]
    assert house.rows("SELECT text FROM message ORDER BY id") == [("Vraag 1",)] * 2
    assert house.rows("SELECT ticket_id, target_id FROM proposal") == [(2, 1)]


def test_an_item_without_parts_is_ignored_with_a_reason(house: House) -> None:
    house.take(item("1"))
    assert house.states() == [("ignored", "nothing_for_us")]


def test_an_unreadable_item_is_set_aside_and_the_next_goes_on(house: House) -> None:
    house.take(RawItem("1", b"{"), RawItem("2", b'{"raise": "no"}'), item("3", mail(3)))
    assert house.states() == [("set_aside", "no JSON"), ("set_aside", "ZeroDivisionError"), ("ticketed", "first")]
    assert "Traceback" in house.one("SELECT error FROM raw_item WHERE key = '2'")


def test_an_item_that_kills_its_worker_is_set_aside_after_three_tries(house: House) -> None:
    house.journal(item("1", mail(1)), item("2", mail(2)))
    house.do("UPDATE raw_item SET tries = 3 WHERE key = '1'")
    house.admit()
    assert house.states() == [("set_aside", "killed_its_worker"), ("ticketed", "first")]


def test_a_try_is_counted_before_anything_is_parsed(house: House) -> None:
    house.journal(item("1", mail(1)), item("2", mail(2)))
    assert [c.tries for c in claim(house.means, 10)] == [1, 1]
    assert house.rows("SELECT tries FROM raw_item") == [(1,), (1,)]
    assert claim(house.means, 10) == [], "a claimed item is left alone while its lease runs"
    house.do("UPDATE raw_item SET not_before = now()")
    assert len(claim(house.means, 10)) == 1, "what was tried before is taken up alone"


def test_hostile_text_is_stored_with_replacements(house: House) -> None:
    house.take(item("1", mail(1, text="a\x00b\ud800c", title="x\x00", name="N\x00l")))
    assert house.states() == [("ticketed", "first")]
    assert house.one("SELECT text FROM message") == "a�b�c"


def test_forty_recipients_make_one_contact(house: House) -> None:
    house.take(item("1", mail(1, recipients=[f"r{n}@elders.example" for n in range(40)])))
    assert house.one("SELECT count(*) FROM contact") == 1
    assert house.one("SELECT jsonb_array_length(recipients) FROM message") == 40


def test_a_contact_keeps_its_first_name_and_gets_one_when_it_had_none(house: House) -> None:
    house.take(item("1", mail(1, name="")), item("2", mail(2, name="Anna de Vries")), item("3", mail(3, name="Piet")))
    assert house.rows("SELECT name FROM contact") == [("Anna de Vries",)]


def test_a_reply_with_our_token_joins_and_reopens(house: House) -> None:
    house.take(item("1", mail(1)))
    first = ticket(house)
    house.do("UPDATE ticket SET status = 'solved', solved_at = now(), decision_id = 1, team_id = NULL")
    token = tokens.reply_token(house.means.keys, first, contact(house, "anna@burger.example"), 1)
    house.take(item("2", mail(2, tokens=[token])))
    assert house.states()[1] == ("joined", "reply_token")
    assert house.rows("SELECT status, reopened_at IS NOT NULL, solved_at, decision_id FROM ticket") == [
        ("open", True, None, None)
    ]
    assert events(house) == ["created", "reaction_received", "reopened"]
    assert house.one("SELECT advice ->> 'joined_by' FROM message ORDER BY id DESC LIMIT 1") == "reply_token"


def test_a_reply_from_a_stranger_with_a_valid_token_opens_a_new_ticket_with_a_proposal(house: House) -> None:
    house.take(item("1", mail(1)))
    first = ticket(house)
    token = tokens.reply_token(house.means.keys, first, contact(house, "anna@burger.example"), 1)
    house.take(item("2", mail(2, "mallory@elders.example", tokens=[token])))
    assert house.states()[1] == ("ticketed", "token_other_sender")
    assert house.rows("SELECT target_id, reason, state FROM proposal") == [(first, "token_other_sender", "open")]
    assert house.rows("SELECT data ->> 'reason' FROM ticket_event WHERE type = 'token_refused'") == [("other_sender",)]


def test_a_forged_token_opens_a_new_ticket_and_is_told(house: House) -> None:
    house.take(item("1", mail(1)))
    first = ticket(house)
    token = tokens.reply_token(house.means.keys, first, contact(house, "anna@burger.example"), 1)
    house.take(item("2", mail(2, tokens=[token[:-4] + "aaaa"])))
    assert house.states()[1] == ("ticketed", "token_forged")
    assert house.one("SELECT count(*) FROM proposal") == 0
    assert house.rows(
        "SELECT data ->> 'reason', data ->> 'claimed' FROM ticket_event WHERE type = 'token_refused'"
    ) == [("forged", str(first))]


def test_a_reply_to_our_message_joins_only_from_a_participant(house: House) -> None:
    house.take(item("1", mail(1)))
    ours(house, ticket(house), "<answer@voorbeeldstad.example>")
    named = ["<answer@voorbeeldstad.example>", "<1@burger.example>"]
    house.take(item("2", mail(2, references=named)), item("3", mail(3, "mallory@elders.example", references=named)))
    assert house.states()[1:] == [("joined", "message_id"), ("ticketed", "message_id_other_sender")]


def test_a_reply_to_a_delivery_whose_answer_was_not_settled_joins_by_its_key(house: House) -> None:
    house.take(item("1", mail(1)))
    house.do(
        "INSERT INTO delivery (ticket_id, account_id, key, state, not_before)"
        " SELECT id, account_id, 'k-123', 'uncertain', now() FROM ticket"
    )
    house.take(item("2", mail(2, references=["<k-123@voorbeeldstad.example>"], tokens=["k-123"])))
    assert house.states()[1] == ("joined", "message_id")


def test_a_reply_to_a_merged_ticket_joins_its_target(house: House) -> None:
    house.take(item("1", mail(1)))
    source = ticket(house)
    house.take(item("2", mail(2, text="Iets anders")))
    target = ticket(house)
    house.do("UPDATE ticket SET merged_into_id = :t WHERE id = :s", t=target, s=source)
    token = tokens.reply_token(house.means.keys, source, contact(house, "anna@burger.example"), 1)
    house.take(item("3", mail(3, tokens=[token])))
    assert house.states()[2] == ("joined", "reply_token")
    assert house.one("SELECT ticket_id FROM message ORDER BY id DESC LIMIT 1") == target


@pytest.mark.parametrize(
    ("presence", "days", "active", "decided_again"),
    [("away", 4, True, True), ("away", 1, True, False), ("available", 90, True, False), ("available", 0, False, True)],
)
def test_a_reopened_ticket_keeps_its_owner_and_is_routed_again_when_that_one_is_long_away(
    house: House, presence: str, days: int, active: bool, decided_again: bool
) -> None:
    house.take(item("1", mail(1)))
    house.do(
        "INSERT INTO agent (organisation_id, email, name, public_name, role, password_hash, language, skills, languages,"
        " capacity, hours, presence, presence_at, preferences, active) SELECT id, 'm@voorbeeldstad.example', 'M', '',"
        " 'agent', '', 'nl', '{}', '{}', 5, '{}', :p, now() - make_interval(days => :d), '{}', :a FROM organisation",
        p=presence, d=days, a=active,
    )  # fmt: skip
    house.do(
        "UPDATE ticket SET status = 'closed', closed_at = now(), decision_id = 5, due_at = '2020-01-01',"
        " agent_id = (SELECT id FROM agent)"
    )
    house.take(item("2", mail(2, references=["<1@burger.example>"])))
    assert house.rows("SELECT status, agent_id IS NOT NULL, decision_id IS NULL, closed_at FROM ticket") == [
        ("open", True, decided_again, None)
    ]
    assert house.one("SELECT due_at > now() FROM ticket"), "it does not come back with a deadline of long ago"


def test_a_formal_reaction_never_joins_and_has_its_own_time_of_arrival(house: House) -> None:
    house.take(item("1", mail(1)), item("2", mail(2, references=["<1@burger.example>"], kind="objection")))
    assert house.states()[1] == ("ticketed", "formal")
    assert house.rows("SELECT kind FROM ticket ORDER BY id") == [("question",), ("objection",)]
    assert house.rows("SELECT target_id, reason FROM proposal") == [(1, "formal")]


def test_a_ticket_number_in_the_subject_is_a_proposal_only(house: House) -> None:
    house.take(item("1", mail(1)))
    first = ticket(house)
    house.take(item("2", mail(2, title=f"Over {reference.of(first)}")))
    assert house.states()[1] == ("ticketed", "number_in_subject")
    assert house.rows("SELECT target_id FROM proposal") == [(first,)]
    assert "proposal_made" in events(house)


def test_an_answer_that_came_before_its_question_is_found_by_the_question(house: House) -> None:
    house.take(item("2", mail(2, references=["<1@burger.example>"])))
    house.take(item("1", mail(1)))
    assert house.states() == [("ticketed", "first"), ("joined", "answered_by")]


def test_a_participants_copy_does_not_make_other_recipients_participants(house: House) -> None:
    house.take(item("1", mail(1, recipients=["copy@elders.example"])))
    house.take(item("2", mail(2, "copy@elders.example", references=["<1@burger.example>"])))
    assert house.states()[1] == ("ticketed", "message_id_other_sender")


def test_an_automatic_reply_stands_quietly_and_reopens_nothing(house: House) -> None:
    house.take(item("1", mail(1)))
    ours(house, ticket(house), "<answer@voorbeeldstad.example>")
    house.do("UPDATE ticket SET status = 'solved'")
    before = house.one("SELECT version FROM ticket")
    away = mail(2, references=["<answer@voorbeeldstad.example>"], marks=["auto_reply"])
    house.take(item("2", away), item("3", mail(3, "robot@elders.example", marks=["auto_reply"])))
    assert house.states()[1:] == [("joined", "auto_reply"), ("ignored", "auto_reply")]
    assert house.rows("SELECT status, version FROM ticket") == [("solved", before)]
    assert house.rows("SELECT automatic FROM message WHERE external_id = '<2@burger.example>'") == [(True,)]


def test_bulk_mail_opens_a_ticket_and_bounces_do_not(house: House) -> None:
    marks = ["bulk", "auto_generated", "bounce", "read_receipt", "own_echo"]
    house.take(*(item(str(n), mail(n, marks=[mark])) for n, mark in enumerate(marks)))
    assert [state for state, _ in house.states()] == ["ticketed", "ticketed", "ignored", "ignored", "ignored"]
    assert [reason for _, reason in house.states()][2:] == ["bounce", "read_receipt", "own_echo"]


def test_files_are_kept_and_one_too_large_stays_visible(house: House) -> None:
    house.take(item("1", mail(1, attachments={"foto.txt": "inhoud", "groot.iso": None})))
    rows = house.rows("SELECT name, sha256, state FROM attachment ORDER BY id")
    assert [(name, state) for name, _, state in rows] == [("foto.txt", "not_scanned"), ("groot.iso", "too_large")]
    assert house.means.blobs.read(rows[0][1]) == b"inhoud"


def test_our_own_words_in_an_answer_are_folded(house: House) -> None:
    house.take(item("1", mail(1)))
    answer = "Wij hebben de aannemer gevraagd om de lantaarn deze week te herstellen."
    ours(house, ticket(house), "<answer@voorbeeldstad.example>", answer)
    text = f"Dank!\n> {answer}"
    house.take(item("2", mail(2, text=text, references=["<answer@voorbeeldstad.example>"])))
    [[folds]] = house.rows("SELECT folds FROM message ORDER BY id DESC LIMIT 1")
    assert folds == [[6, len(text), "our_words"]]


def test_who_was_answered_while_two_tickets_were_one_gets_back_to_their_own_once_the_merge_is_undone(
    house: House,
) -> None:
    """The token names the other citizen's ticket; joining that would show each what the other wrote."""
    house.take(item("1", mail(1, "anna@burger.example")))
    source = ticket(house)
    house.take(item("2", mail(2, "bas@burger.example")))
    target = ticket(house)
    with house.means.database.unit_of_work() as session:
        merge_id = merge(session, SYSTEM, source, target)
    token = tokens.reply_token(house.means.keys, target, contact(house, "anna@burger.example"), 2)
    with house.means.database.unit_of_work() as session:
        unmerge(session, SYSTEM, merge_id)
    house.take(item("3", mail(3, "anna@burger.example", tokens=[token])))
    assert house.states()[2] == ("joined", "reply_token")
    assert house.one("SELECT ticket_id FROM message ORDER BY id DESC LIMIT 1") == source
    assert house.one("SELECT count(*) FROM ticket_participant") == 0


def test_the_third_sender_of_one_text_makes_a_campaign_and_nobody_is_merged(house: House) -> None:
    for n in range(4):
        house.take(item(str(n), mail(n, f"bewoner{n}@burger.example", text=f"Beste raad,\n{LONG}\nBewoner {n}")))
        expected = 0 if n < 2 else n + 1
        assert house.one("SELECT count(*) FROM ticket WHERE campaign_id IS NOT NULL") == expected
    assert house.one("SELECT count(*) FROM campaign") == 1
    assert house.one("SELECT count(*) FROM ticket") == 4


def test_one_sender_who_repeats_a_text_is_no_campaign(house: House) -> None:
    for n in range(4):
        house.take(item(str(n), mail(n, text=LONG)))
    assert house.one("SELECT count(*) FROM campaign") == 0


def test_comments_join_by_a_signed_in_author_and_never_by_a_typed_name(house: House) -> None:
    house.take(item("1", comment(1)))
    ours(house, ticket(house), "answer1")
    house.take(
        item("2", comment(2, parent_id="answer1")),
        item("3", comment(3, "u2", parent_id="answer1")),
        item("4", comment(4, parent_id="answer1", verified=False)),
    )
    assert house.states()[1:] == [
        ("joined", "same_author"),
        ("ticketed", "message_id_other_sender"),
        ("ticketed", "message_id_other_sender"),
    ]


def test_a_status_link_lets_its_holder_write_on(house: House) -> None:
    house.take(item("1", comment(1, verified=False)))
    token = tokens.status_token(house.means.keys, ticket(house), None, 1)
    house.take(item("2", comment(2, "somebody", verified=False, tokens=[token])))
    assert house.states()[1] == ("joined", "status_token")
    assert house.one("SELECT count(*) FROM ticket_participant") == 0, "a typed name takes part in nothing"


def test_an_answer_waits_for_the_comment_that_it_answers(house: House) -> None:
    house.take(item("2", comment(2, parent_id="c1", root_id="page")))
    assert house.states() == [("new", "parent_missing")]
    assert house.one("SELECT tries FROM raw_item") == 0
    house.take(item("1", comment(1, root_id="page")))
    house.do("UPDATE raw_item SET not_before = now()")
    house.admit()
    assert house.states() == [("joined", "same_author"), ("ticketed", "first")]


def test_an_answer_to_a_comment_that_never_comes_opens_a_ticket(house: House) -> None:
    house.journal(item("2", comment(2, parent_id="c1")))
    house.do("UPDATE raw_item SET received_at = now() - interval '3 minutes'")
    house.admit()
    assert house.states() == [("ticketed", "first")]


def test_two_workers_admit_every_item_once(house: House) -> None:
    house.journal(*(item(str(n), mail(n)) for n in range(30)))
    other = Means(house.means.database, house.means.accounts, house.means.keys, house.means.blobs)
    while admit_waiting(house.means, 7) + admit_waiting(other, 5):
        pass
    assert house.one("SELECT count(*) FROM ticket") == 30
    assert house.one("SELECT count(*) FROM contact") == 1


def receipts(house: House) -> int:
    return int(house.one("SELECT count(*) FROM message WHERE kind = 'receipt'"))


def test_a_new_ticket_owes_a_receipt_and_a_joining_reaction_none(house: House) -> None:
    house.do("UPDATE account SET receipts = true")
    house.take(item("1", mail(1)), item("2", mail(2, references=["<1@burger.example>"])))
    assert [state for state, _ in house.states()] == ["ticketed", "joined"]
    assert house.rows("SELECT m.kind, d.state FROM delivery d JOIN message m ON m.id = d.message_id") == [
        ("receipt", "waiting")
    ]


@pytest.mark.parametrize("mark", ["auto_generated", "bulk", "no_reply", "abuse_report"])
def test_a_machine_gets_no_receipt_unless_its_mail_is_of_a_formal_kind(house: House, mark: str) -> None:
    house.do("UPDATE account SET receipts = true")
    house.take(item("1", mail(1, marks=[mark])))
    assert receipts(house) == 0
    house.take(item("2", mail(2, marks=[mark], kind="objection")))
    assert receipts(house) == 1
