"""Polls at the desk: the form without script, who may do what, invitations shown once, counts hidden until the closing."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.models import Process
from tests.desk.conftest import Desk

QUESTION = {
    "q1_kind": "single", "q1_nl": "Welke kleur krijgt de bank?", "q1_en": "Which colour?", "q1_options_nl": "Rood\r\nGroen\r\n",
    "q1_options_en": "Red\r\nGreen", "q1_steps": "5", "q1_required": "on",
}  # fmt: skip
FORM = {"title_nl": "Het park", "title_en": "The park", "questions": "1", "do": "save", **QUESTION}


@pytest.fixture
def chief(office_desk: Desk) -> TestClient:
    return office_desk.client(office_desk.office.chief)


def new(client: TestClient, **more: str) -> str:
    """The address of a new draft."""
    answer = client.post("/desk/polls/new", data={**FORM, **more})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).partition("?")[0]


def row(office_desk: Desk, query: str) -> Any:
    with office_desk.database.read_only() as session:
        return session.execute(text(query)).one()


def votes(office_desk: Desk, address: str) -> None:
    """Somebody voted, twice."""
    number = address.rsplit("/", 1)[-1]
    with office_desk.database.unit_of_work() as session:
        session.execute(text(
            "INSERT INTO raw_item (account_id, key, media_type, size, meta, completed, state, tries) "
            "SELECT account_id, 'k', 'x', 0, '{}', '{}', 'applied', 1 FROM poll WHERE id = :id"), {"id": number})  # fmt: skip
        for external, apart in (("1", ""), ("2", "repeat")):
            session.execute(text(
                "INSERT INTO vote (account_id, raw_item_id, external_id, poll_key, choices, invited, apart) SELECT p.account_id, "
                "r.id, :external, p.key, CAST(:choices AS jsonb), false, :apart FROM poll p, raw_item r WHERE p.id = :id"),
                {"id": number, "external": external, "apart": apart, "choices": '{"q1": ["o2"]}'})  # fmt: skip


def test_a_poll_is_made_changed_published_and_closed(office_desk: Desk, chief: TestClient) -> None:
    assert "Nog geen peilingen." in chief.get("/desk/polls").text
    address = new(chief, closes_at="2099-12-31T17:00", origins="https://www.voorbeeldstad.example/\r\n")
    columns = "p.*, a.kind, a.receipts, a.mail_account_id"
    stored = row(office_desk, f"SELECT {columns} FROM poll p JOIN account a ON a.id = p.account_id")
    assert (stored.kind, stored.receipts, stored.mail_account_id) == ("polls.own", False, office_desk.office.mailbox)
    assert stored.origins == ["https://www.voorbeeldstad.example"]
    assert stored.closes_at.isoformat() == "2099-12-31T16:00:00+00:00"
    assert [option["nl"] for option in stored.questions[0]["options"]] == ["Rood", "Groen"]
    page = chief.get(f"{address}/edit").text
    assert "Rood\nGroen</textarea>" in page
    assert 'value="2099-12-31T17:00"' in page
    assert chief.post(f"{address}/edit", data={**FORM, "title_nl": "Het bos"}).status_code == 303
    assert "Het bos" in chief.get("/desk/polls").text
    overtaken = chief.post(f"{address}/edit", data={**FORM, "title_nl": "Het strand", "version": "1"})
    assert overtaken.status_code == 400
    assert "Iemand heeft deze peiling intussen gewijzigd" in overtaken.text
    assert 'value="Het strand"' in overtaken.text
    assert "?preview=" in chief.get(address).text
    assert chief.post(f"{address}/publish").status_code == 303
    assert "Open om te stemmen" in chief.get(address).text
    again = chief.post(f"{address}/edit", data=FORM)
    assert again.status_code == 400
    assert "haar vragen staan vast" in again.text
    assert chief.post(f"{address}/publish").status_code == 400
    assert chief.post(f"{address}/close").status_code == 303
    assert chief.post(f"{address}/close").status_code == 303
    actions = row(office_desk, "SELECT array_agg(action ORDER BY id) AS all FROM audit WHERE action LIKE 'poll.%'").all
    assert actions == ["poll.made", "poll.changed", "poll.published", "poll.closed"]


def test_questions_are_added_and_removed_without_losing_what_was_typed(office_desk: Desk, chief: TestClient) -> None:
    page = chief.post("/desk/polls/new", data={**FORM, "do": "add"}).text
    assert 'name="questions" value="2"' in page
    assert "Welke kleur krijgt de bank?" in page
    two = {**FORM, "questions": "2", "q2_nl": "Tweede", "q2_en": "Second", "q2_kind": "open"}
    page = chief.post("/desk/polls/new", data={**two, "do": "remove-1"}).text
    assert 'name="questions" value="1"' in page
    assert 'value="Tweede"' in page
    assert "Welke kleur" not in page
    assert row(office_desk, "SELECT count(*) FROM poll").count == 0


def test_every_mistake_is_said_beside_its_field(chief: TestClient) -> None:
    wrong = {**FORM, "title_en": "", "q1_options_en": "Red", "closes_at": "", "origins": "www.example.nl"}
    page = chief.post("/desk/polls/new", data=wrong)
    assert page.status_code == 400
    for name in ("title_en", "question-1", "origins"):
        assert f'id="{name}-error"' in page.text, name
    assert "Geef in het Engels evenveel antwoorden als in het Nederlands" in page.text
    assert 'id="closes_at-error"' in chief.post("/desk/polls/new", data={**FORM, "closes_at": "morgen"}).text


@pytest.mark.parametrize("end", ["2020-01-01T10:00"])
def test_a_poll_that_would_be_over_at_once_is_not_published(chief: TestClient, end: str) -> None:
    address = new(chief, closes_at=end)
    assert "in het verleden sluiten" in chief.post(f"{address}/publish").text


def test_an_employee_looks_and_sees_no_counts_before_the_closing(office_desk: Desk, chief: TestClient) -> None:
    address = new(chief)
    chief.post(f"{address}/publish")
    votes(office_desk, address)
    ada = office_desk.client(office_desk.office.ada)
    assert "Nieuwe peiling" not in ada.get("/desk/polls").text
    seen = ada.get(address).text
    assert "Verborgen tot het stemmen is gesloten." in seen
    assert "poll-bar" not in seen
    assert "2 stemmen" in chief.get(address).text
    for path in ("close", "publish", "invitations", "answer", "mailbox"):
        assert ada.post(f"{address}/{path}", data={"how_many": "1"}).status_code in (400, 403), path
    assert ada.get("/desk/polls/new").status_code == 403
    assert ada.get(f"{address}/edit").status_code == 403
    chief.post(f"{address}/close")
    seen = ada.get(address).text
    assert "2 stemmen" in seen
    assert "zonder de apart gezette: 1" in seen
    assert "Niet representatief" in seen


def test_invitations_are_shown_once(office_desk: Desk, chief: TestClient) -> None:
    address = new(chief, invited_only="on")
    shown = chief.post(f"{address}/invitations", data={"how_many": "3"})
    assert shown.status_code == 200
    assert shown.headers["cache-control"] == "no-store"
    links = re.findall(r"/polls/[\w-]+/i/[\w-]{22}", shown.text)
    assert len(set(links)) == 3
    assert "/i/" not in chief.get(address).text
    assert "Er zijn er 3 gemaakt." in chief.get(address).text
    for how_many in ("0", "10001", "", "x"):
        assert chief.post(f"{address}/invitations", data={"how_many": how_many}).status_code == 400
    assert row(office_desk, "SELECT count(*) FROM poll_invitation").count == 3


def test_the_answer_to_everybody_is_in_both_languages(office_desk: Desk, chief: TestClient) -> None:
    address = new(chief)
    assert chief.post(f"{address}/answer", data={"nl": "Dank u wel.", "en": ""}).status_code == 400
    assert chief.post(f"{address}/answer", data={"nl": "Dank u wel.", "en": "Thank you."}).status_code == 303
    assert row(office_desk, "SELECT answer_nl, answer_en FROM poll") == ("Dank u wel.", "Thank you.")


def test_the_mailbox_that_answers_is_chosen_among_mailboxes(office_desk: Desk, chief: TestClient) -> None:
    address = new(chief)
    assert chief.post(f"{address}/mailbox", data={"mail_account_id": ""}).status_code == 303
    assert row(office_desk, "SELECT mail_account_id FROM account WHERE kind = 'polls.own'").mail_account_id is None
    own = row(office_desk, "SELECT id FROM account WHERE kind = 'polls.own'").id
    assert chief.post(f"{address}/mailbox", data={"mail_account_id": str(own)}).status_code == 400


def test_a_poll_belongs_to_a_process(office_desk: Desk, chief: TestClient) -> None:
    with office_desk.database.unit_of_work() as session:
        session.add(Process(key="park", name_nl="Park", name_en="Park"))
    number = row(office_desk, "SELECT id FROM process").id
    new(chief, process_id=str(number))
    assert row(office_desk, "SELECT process_id FROM poll").process_id == number


def test_a_poll_that_is_not_there_is_not_found(chief: TestClient) -> None:
    for path in ("", "/edit"):
        assert chief.get(f"/desk/polls/99{path}").status_code == 404


def test_invitations_are_given_as_a_file_once(chief: TestClient) -> None:
    address = new(chief, invited_only="on")
    given = chief.post(f"{address}/invitations", data={"how_many": "2", "do": "file"})
    assert given.headers["content-type"].startswith("text/csv")
    assert given.headers["cache-control"] == "no-store"
    head, *links = given.text.split()
    assert head == "link"
    assert len(set(links)) == 2
    assert "Er zijn er 2 gemaakt." in chief.get(address).text


def test_addresses_are_read_from_a_file_and_a_mistake_keeps_what_was_typed(
    office_desk: Desk, chief: TestClient
) -> None:
    address = new(chief)
    chief.post(f"{address}/publish")
    form = {"words": "Doe mee.", "language": "en", "mailbox": str(office_desk.office.mailbox)}
    missed = chief.post(f"{address}/invitations/mail", data={**form, "addresses": "geen adres"})
    assert missed.status_code == 400
    assert "Plak ten minste één mailadres." in missed.text
    assert "geen adres</textarea>" in missed.text
    assert "Doe mee.</textarea>" in missed.text
    table = {"file": ("lijst.csv", "naam;adres\r\nEen;een@bewoner.example\r\n".encode("utf-8-sig"), "text/csv")}
    sent = chief.post(f"{address}/invitations/mail", data={**form, "addresses": "twee@bewoner.example"}, files=table)
    assert sent.status_code == 303
    written = row(office_desk, "SELECT array_agg(address ORDER BY address) AS to, min(title) AS title FROM mailing")
    assert written.to == ["een@bewoner.example", "twee@bewoner.example"]
    assert written.title == "Invitation: The park"
    page = chief.get(address).text
    assert "Onderweg: 2." in page
    ada = office_desk.client(office_desk.office.ada)
    assert "bewoner.example" not in ada.get(address).text
    refused = ada.post(f"{address}/invitations/mail", data={**form, "addresses": "x@y.example"})
    assert refused.status_code in (400, 403)
    assert row(office_desk, "SELECT count(*) FROM mailing").count == 2


def test_an_invitation_in_doubt_waits_for_a_decision_and_is_settled_on_the_polls_page(
    office_desk: Desk, chief: TestClient
) -> None:
    address = new(chief)
    chief.post(f"{address}/publish")
    three = {"addresses": "een@bewoner.example twee@bewoner.example drie@bewoner.example"}
    chief.post(f"{address}/invitations/mail", data={**three, "mailbox": str(office_desk.office.mailbox)})
    assert address not in chief.get("/desk/attention").text
    with office_desk.database.unit_of_work() as session:
        session.execute(text("UPDATE mailing SET state = 'uncertain'"))
    waiting = chief.get("/desk/attention").text
    assert f'<a href="{address}#doubted">Het park</a>' in waiting
    assert "3 mails" in waiting
    assert "bewoner.example" not in waiting
    assert re.search(r'href="/desk/attention".*?class="count some">3<', waiting, re.DOTALL), "the rail counts them"
    ada = office_desk.client(office_desk.office.ada)
    assert address not in ada.get("/desk/attention").text
    page = chief.get(address).text
    assert "Van deze weet niemand of ze verstuurd zijn" in page
    number = row(office_desk, "SELECT id FROM mailing WHERE address = 'een@bewoner.example'").id
    settle = f"{address}/invitations/settle"
    assert ada.post(settle, data={"outcome": "again"}).status_code in (400, 403)
    assert chief.post(settle, data={"mail": str(number), "outcome": "sent"}).status_code == 303
    assert chief.post(settle, data={"mail": str(number), "outcome": "again"}).status_code == 400
    assert chief.post(settle, data={"outcome": "again"}).status_code == 303
    states = row(office_desk, "SELECT array_agg(state ORDER BY id) AS all FROM mailing").all
    assert states == ["sent", "waiting", "waiting"]
    assert address not in chief.get("/desk/attention").text
    assert 'id="doubted"' not in chief.get(address).text
