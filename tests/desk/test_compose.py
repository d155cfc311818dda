"""Answers, notes, drafts and files, without script."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select, update

from app.accounts import change
from app.channels.comments.settings import FormSettings
from app.channels.social.mastodon_settings import MastodonSettings
from app.identity import staff
from app.models import Attachment, Delivery, Draft, Mandate, Message
from tests.desk.conftest import Desk


def seen(desk: Desk, ticket: int) -> str:
    with desk.database.read_only() as session:
        return str(session.scalar(select(Message.id).where(Message.ticket_id == ticket).order_by(Message.id.desc())))


def answered(desk: Desk, **delivery: str) -> tuple[TestClient, int, int]:
    """Ada answered the first ticket, and this became of it: her browser, the ticket and the delivery."""
    ada, first = desk.client(desk.office.ada), desk.office.tickets[0]
    ada.post(f"/desk/tickets/{first}/reply", data={"text": "Antwoord.", "seen_message_id": seen(desk, first)})
    with desk.database.unit_of_work() as session:
        return ada, first, session.execute(update(Delivery).values(delivery).returning(Delivery.id)).scalar_one()


def test_an_empty_answer_is_refused_beside_the_box(busy_desk: Desk) -> None:
    first = busy_desk.office.tickets[0]
    data = {"text": "", "seen_message_id": seen(busy_desk, first)}
    answer = busy_desk.client(busy_desk.office.ada).post(f"/desk/tickets/{first}/reply", data=data)
    assert answer.status_code == 400
    assert 'id="reply-problem"' in answer.text
    assert "Schrijf een antwoord." in answer.text


def test_files_go_with_the_answer_even_without_script(busy_desk: Desk) -> None:
    first = busy_desk.office.tickets[0]
    client = busy_desk.client(busy_desk.office.ada)
    files = {"file": ("kaart.pdf", b"%PDF-1.4 kaart", "application/pdf")}
    attached = client.post(f"/desk/tickets/{first}/attachments", data={"text": "Zie de kaart."}, files=files)
    assert attached.status_code == 303
    page = client.get(f"/desk/tickets/{first}").text
    assert "kaart.pdf" in page
    assert "Zie de kaart." in page
    late = {"file": ("foto.png", b"\x89PNG", "image/png")}
    data = {"text": "Zie de kaart en de foto.", "seen_message_id": seen(busy_desk, first), "status_after": "solved"}
    assert client.post(f"/desk/tickets/{first}/reply", data=data, files=late).status_code == 303
    with busy_desk.database.read_only() as session:
        names = session.scalars(
            select(Attachment.name).where(Attachment.message_id.is_not(None)).order_by(Attachment.name)
        )
        assert list(names) == ["foto.png", "kaart.pdf"]
        assert session.scalar(select(Draft.id)) is None


def test_a_file_can_be_taken_away_again(busy_desk: Desk) -> None:
    first = busy_desk.office.tickets[0]
    client = busy_desk.client(busy_desk.office.ada)
    client.post(
        f"/desk/tickets/{first}/attachments", data={"text": "x"}, files={"file": ("oeps.txt", b"oeps", "text/plain")}
    )
    with busy_desk.database.read_only() as session:
        file = session.scalar(select(Attachment.id))
    client.post(f"/desk/drafts/files/{file}/remove?ticket={first}", data={"text": "x"})
    assert "oeps.txt" not in client.get(f"/desk/tickets/{first}").text


def test_a_text_block_is_filled_in_for_this_ticket(busy_desk: Desk) -> None:
    first = busy_desk.office.tickets[0]
    client = busy_desk.client(busy_desk.office.ada)
    page = client.get(f"/desk/tickets/{first}").text
    number = page.partition(">Doorgegeven")[0].rpartition('value="')[2].partition('"')[0]
    block = client.post(
        f"/desk/tickets/{first}/insert", data={"template": number}, headers={"accept": "application/json"}
    )
    assert block.json()["text"].startswith("Wij hebben uw melding WK-")


def test_a_note_is_for_colleagues_and_its_draft_goes(busy_desk: Desk) -> None:
    first = busy_desk.office.tickets[0]
    client = busy_desk.client(busy_desk.office.ben)
    client.post(f"/desk/tickets/{first}/draft", data={"text": "half", "purpose": "note"})
    assert client.post(f"/desk/tickets/{first}/note", data={"text": "Bel de monteur.\r\nDank"}).status_code == 303
    page = client.get(f"/desk/tickets/{first}").text
    assert "Interne notitie" in page
    assert "Bel de monteur.\nDank" in page
    with busy_desk.database.read_only() as session:
        assert session.scalar(select(Draft.id)) is None
        assert session.scalar(select(Delivery.id)) is None


def test_an_emptied_draft_is_forgotten(busy_desk: Desk) -> None:
    first = busy_desk.office.tickets[0]
    client = busy_desk.client(busy_desk.office.ada)
    client.post(f"/desk/tickets/{first}/draft", data={"text": "weg ermee"})
    client.post(f"/desk/tickets/{first}/draft", data={"text": "  "})
    with busy_desk.database.read_only() as session:
        assert session.scalar(select(Draft.id)) is None


def test_who_may_draft_saves_for_release_and_a_colleague_sends_it(busy_desk: Desk) -> None:
    office = busy_desk.office
    first = office.tickets[0]
    with busy_desk.database.unit_of_work() as session:
        session.execute(insert(Mandate).values(agent_id=office.ben.id, level="draft"))
    ben = busy_desk.client(office.ben)
    assert "Bewaren voor vrijgave" in ben.get(f"/desk/tickets/{first}").text
    data = {"text": "De monteur komt morgen.", "seen_message_id": seen(busy_desk, first)}
    assert "kept_for_release" in ben.post(f"/desk/tickets/{first}/reply", data=data).headers["location"]
    ada = busy_desk.client(office.ada)
    assert "De monteur komt morgen." in ada.get(f"/desk/tickets/{first}").text
    assert "Lantaarnpaal stuk" in ada.get("/desk/attention").text
    with busy_desk.database.read_only() as session:
        draft = session.scalar(select(Draft.id))
    sent = ada.post(f"/desk/drafts/{draft}/release", data={"seen_message_id": seen(busy_desk, first)})
    assert sent.headers["location"] == f"/desk/tickets/{first}?said=released"
    with busy_desk.database.read_only() as session:
        assert session.scalar(select(Message.agent_id).where(Message.kind == "reply")) == office.ben.id


def test_every_state_of_an_answer_is_told_in_words(busy_desk: Desk) -> None:
    client, first, _ = answered(busy_desk, state="waiting")
    said = {
        "sent": "Verstuurd", "failed": "Nog niet uitgegaan; opnieuw om", "uncertain": "Onduidelijk of het is uitgegaan",
        "refused": "Geweigerd door de andere kant: mailbox vol", "claimed": "Wordt verstuurd",
    }  # fmt: skip
    for state, words in said.items():
        with busy_desk.database.unit_of_work() as session:
            session.execute(
                update(Delivery).values(state=state, problem="mailbox vol" if state == "refused" else "", tries=1)
            )
        assert words in " ".join(client.get(f"/desk/tickets/{first}").text.split()), state


def test_an_uncertain_answer_is_settled_by_a_person(busy_desk: Desk) -> None:
    client, first, delivery = answered(busy_desk, state="uncertain")
    assert "Lantaarnpaal stuk" in client.get("/desk/attention").text
    assert (
        client.post(f"/desk/deliveries/{delivery}/settle", data={"outcome": "sent", "ticket": str(first)}).status_code
        == 303
    )
    with busy_desk.database.read_only() as session:
        assert session.scalar(select(Delivery.state)) == "sent"


def test_a_refused_answer_leaves_the_list_once_it_was_seen(busy_desk: Desk) -> None:
    client, first, delivery = answered(busy_desk, state="refused", problem="mailbox vol")
    assert "mailbox vol" in client.get("/desk/attention").text
    told = {"outcome": "seen", "ticket": str(first)}
    answer = client.post(f"/desk/deliveries/{delivery}/settle", data=told)
    assert answer.headers["location"] == "/desk/attention?said=settled"
    assert "mailbox vol" not in client.get("/desk/attention").text
    assert client.post(f"/desk/deliveries/{delivery}/settle", data=told).status_code == 409


def test_a_body_that_is_no_text_is_kept_as_text(busy_desk: Desk) -> None:
    first = busy_desk.office.tickets[0]
    client = busy_desk.client(busy_desk.office.ada)
    assert client.post(f"/desk/tickets/{first}/note", data={"text": "nul\x00 en <b>vet</b>"}).status_code == 303
    assert "nul� en &lt;b&gt;vet&lt;/b&gt;" in client.get(f"/desk/tickets/{first}").text


def test_measuring_counts_a_line_end_once_however_browsers_send_it(busy_desk: Desk) -> None:
    first = busy_desk.office.tickets[0]
    client = busy_desk.client(busy_desk.office.ada)
    found = client.post(f"/desk/tickets/{first}/measure", data={"text": "een\r\ntwee"}).json()
    assert found == {"length": 8, "most": None, "at": None, "kept": "", "excess": "", "said": "", "over": False}


def said_on_mastodon(desk: Desk) -> int:
    """The first ticket, as if its citizen had said it in public, where one can also be answered alone."""
    first = desk.office.tickets[0]
    with desk.database.unit_of_work() as session:
        organisation = staff.own_organisation(session)
        assert organisation is not None
        account = change.create(
            session, desk.state.keys, organisation_id=organisation, kind="social.mastodon", name="Mastodon",
            settings=MastodonSettings(),
        )  # fmt: skip
        said = {"account_id": account, "visibility": "public"}
        session.execute(update(Message).where(Message.ticket_id == first).values(**said))
    return first


def test_whom_an_answer_is_for_is_kept_with_the_draft(busy_desk: Desk) -> None:
    first = said_on_mastodon(busy_desk)
    client = busy_desk.client(busy_desk.office.ada)
    chosen = {"text": "", "seen_message_id": seen(busy_desk, first), "visibility": "direct"}
    assert client.post(f"/desk/tickets/{first}/draft", data=chosen).status_code == 200
    page = client.get(f"/desk/tickets/{first}").text
    assert '<option value="direct" selected>' in page
    assert "<span data-audience>Alleen de afzender, als rechtstreeks bericht</span>" in page
    assert "Concept van" not in page
    client.post(f"/desk/tickets/{first}/draft", data={**chosen, "visibility": ""})
    assert '<option value="direct" >' in client.get(f"/desk/tickets/{first}").text


def test_an_answer_called_back_is_still_for_whom_it_was(busy_desk: Desk) -> None:
    first = said_on_mastodon(busy_desk)
    client = busy_desk.client(busy_desk.office.ada)
    data = {"text": "Voor u alleen.", "seen_message_id": seen(busy_desk, first), "visibility": "direct"}
    assert client.post(f"/desk/tickets/{first}/reply", data=data).status_code == 303
    with busy_desk.database.read_only() as session:
        delivery = session.scalar(select(Delivery.id))
    assert client.post(f"/desk/deliveries/{delivery}/undo", data={"ticket": str(first)}).status_code == 303
    page = client.get(f"/desk/tickets/{first}").text
    assert "Voor u alleen." in page
    assert '<option value="direct" selected>' in page


def test_a_released_answer_is_seen_by_whom_its_writer_chose(busy_desk: Desk) -> None:
    office, first = busy_desk.office, said_on_mastodon(busy_desk)
    with busy_desk.database.unit_of_work() as session:
        session.execute(insert(Mandate).values(agent_id=office.ada.id, level="draft"))
    data = {"text": "Voor u alleen.", "seen_message_id": seen(busy_desk, first), "visibility": "direct"}
    busy_desk.client(office.ada).post(f"/desk/tickets/{first}/reply", data=data)
    lead = busy_desk.client(office.chief)
    assert "Alleen degene die u antwoordt" in lead.get(f"/desk/tickets/{first}").text
    with busy_desk.database.read_only() as session:
        draft = session.scalar(select(Draft.id))
    released = lead.post(f"/desk/drafts/{draft}/release", data={"seen_message_id": seen(busy_desk, first)})
    assert released.status_code == 303
    with busy_desk.database.read_only() as session:
        assert session.scalar(select(Message.visibility).where(Message.kind == "reply")) == "direct"


def test_whom_an_answer_is_for_stays_chosen_when_it_is_refused(busy_desk: Desk) -> None:
    """Else the second try would go to everybody."""
    first = said_on_mastodon(busy_desk)
    client = busy_desk.client(busy_desk.office.ada)
    assert '<option value="direct" >' in client.get(f"/desk/tickets/{first}").text
    data = {"text": "x" * 600, "seen_message_id": seen(busy_desk, first), "visibility": "direct"}
    answer = client.post(f"/desk/tickets/{first}/reply", data=data)
    assert answer.status_code == 400
    assert '<option value="direct" selected>' in answer.text
    assert "<span data-audience>Alleen de afzender, als rechtstreeks bericht</span>" in answer.text
    assert f"data-excess>{'x' * 132}</mark>" in answer.text


TYPED = "inwoner (in het formulier ingevuld, niet bevestigd)"


def said_under_a_page(desk: Desk, *, mailed: bool, visibility: str = "public") -> int:
    """The first ticket, as if its citizen had said it under a web page and left the address that they have."""
    first = desk.office.tickets[0]
    with desk.database.unit_of_work() as session:
        account = change.create(
            session, desk.state.keys, organisation_id=staff.own_organisation(session) or 0, kind="comments.form",
            name="Site", settings=FormSettings(), mail_account_id=desk.office.mailbox if mailed else None,
        )  # fmt: skip
        said = {"account_id": account, "visibility": visibility}
        session.execute(update(Message).where(Message.ticket_id == first).values(**said))
    return first


@pytest.mark.parametrize(
    ("mailed", "visibility", "said"),
    [
        (True, "public", f"Iedereen die de pagina leest, en per mail degene die u antwoordt: {TYPED}"),
        (True, "private", f"Alleen de ontvanger van deze mail: {TYPED}"),
        (False, "public", "Iedereen die de pagina leest"),
        (False, "private", "Alleen degene die u antwoordt, op de eigen statuspagina"),
    ],
)  # fmt: skip
def test_the_composer_says_who_sees_an_answer_to_a_comment(
    busy_desk: Desk, mailed: bool, visibility: str, said: str
) -> None:
    first = said_under_a_page(busy_desk, mailed=mailed, visibility=visibility)
    page = busy_desk.client(busy_desk.office.ada).get(f"/desk/tickets/{first}").text
    words = re.sub(r"<[^>]+>", "", page.partition('id="audience">')[2].partition("</p>")[0])
    assert re.sub(r"inwoner\d+@voorbeeld.example", "inwoner", " ".join(words.split())) == said


def test_an_answer_on_the_page_and_by_mail_shows_both_ways_and_one_undo(busy_desk: Desk) -> None:
    object.__setattr__(busy_desk.state.settings, "undo_seconds", 60.0)
    first = said_under_a_page(busy_desk, mailed=True)
    client = busy_desk.client(busy_desk.office.ada)
    client.post(f"/desk/tickets/{first}/reply", data={"text": "Morgen.", "seen_message_id": seen(busy_desk, first)})
    page = client.get(f"/desk/tickets/{first}").text
    assert "Op de pagina: Gaat zo uit" in page
    assert "Per mail: Gaat zo uit" in page
    assert page.count("/undo") == 1


def test_a_comment_may_be_answered_by_mail_alone(busy_desk: Desk) -> None:
    first = said_under_a_page(busy_desk, mailed=True)
    client = busy_desk.client(busy_desk.office.ada)
    data = {"text": "Dit is voor u alleen.", "seen_message_id": seen(busy_desk, first), "visibility": "direct"}
    assert client.post(f"/desk/tickets/{first}/reply", data=data).status_code == 303
    with busy_desk.database.read_only() as session:
        assert list(session.scalars(select(Delivery.account_id))) == [busy_desk.office.mailbox]
