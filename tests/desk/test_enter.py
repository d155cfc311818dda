"""Entering by hand at the desk, without script."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app import clock
from app.channels.phone.call_outcome import SAID
from app.desk.call_words import OUTCOMES, PROBLEMS, TRIED
from app.models import (
    Account,
    Agent,
    Attachment,
    CallBack,
    ContactAddress,
    Delivery,
    Message,
    Process,
    Ticket,
    TicketTag,
)
from app.vocabulary import AddressKind, Language, MessageKind
from app.web.formats import ZONE
from app.web.i18n import translated
from tests.desk.conftest import Desk

CALL = {"way": "call", "text": "De lantaarn is stuk.", "phone": "06-12345678", "name": "Inwoner Een", "do": "open"}


def _account(session: Session, kind: str) -> int:
    organisation = session.scalars(select(Account.organisation_id).limit(1)).one()
    row = {"organisation_id": organisation, "kind": kind, "name": kind, "settings": b"", "public_key": f"k-{kind}"}
    return int(session.execute(insert(Account).values(row).returning(Account.id)).scalar_one())


def entered(desk: Desk, answer: Any) -> Ticket:
    """The ticket that a form made, by the page that it leads to."""
    assert answer.status_code == 303, answer.text[:2000]
    number = int(re.fullmatch(r"/desk/tickets/(\d+)", answer.headers["location"])[1])  # type: ignore[index]
    with desk.database.read_only() as session:
        return session.get_one(Ticket, number)


def count(desk: Desk, model: Any) -> int:
    with desk.database.read_only() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def local(hours: int) -> str:
    return (clock.now() + timedelta(hours=hours)).astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")


def test_a_call_is_entered_and_its_ticket_opened(office_desk: Desk) -> None:
    client = office_desk.client(office_desk.office.ada)
    ticket = entered(office_desk, client.post("/desk/enter", data=CALL))
    page = client.get(f"/desk/tickets/{ticket.id}").text
    assert "De lantaarn is stuk." in page
    assert "Tijdens een telefoongesprek opgeschreven door" in page


def test_every_way_has_its_page_and_the_rail_leads_there(office_desk: Desk) -> None:
    client = office_desk.client(office_desk.office.ada)
    assert 'href="/desk/enter"' in client.get("/desk").text
    for way, words in (
        ("call", "Wat er gezegd is"),
        ("letter", "Scan van de brief"),
        ("counter", "Welke balie"),
        ("meeting", "Welke avond"),
    ):
        page = client.get("/desk/enter", params={"way": way}).text
        assert words in page
        assert page.count("autofocus") == 1


def test_looking_up_a_number_shows_who_it_is_and_what_they_asked_before(office_desk: Desk) -> None:
    client = office_desk.client(office_desk.office.ada)
    before = entered(office_desk, client.post("/desk/enter", data=CALL))
    page = client.post(
        "/desk/enter", data={**CALL, "name": "", "phone": "0612345678", "text": "Nog iets", "do": "find"}
    ).text
    assert "Gevonden: Inwoner Een." in page
    assert f'name="ticket" value="{before.id}"' in page
    assert "Nog iets" in page
    added = client.post("/desk/enter", data={**CALL, "ticket": before.id})
    assert added.headers["location"] == f"/desk/tickets/{before.id}"
    with office_desk.database.read_only() as session:
        said = session.scalars(select(Message.id).where(Message.ticket_id == before.id)).all()
    assert len(said) == 2


def test_a_stranger_is_said_to_be_one_and_a_wrong_number_is_marked(office_desk: Desk) -> None:
    client = office_desk.client(office_desk.office.ada)
    assert "Nog niemand heeft dit nummer" in client.post("/desk/enter", data={**CALL, "do": "find"}).text
    wrong = client.post("/desk/enter", data={**CALL, "phone": "112", "do": "find"})
    assert wrong.status_code == 400
    assert 'aria-describedby="phone-error"' in wrong.text


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(office_desk: Desk) -> None:
    client = office_desk.client(office_desk.office.ada)
    tickets = count(office_desk, Ticket)
    data = {**CALL, "text": "", "phone": "1", "email": "nee", "call_back_at": "morgen", "subject": "Over de <lamp>"}
    answer = client.post("/desk/enter", data=data)
    assert answer.status_code == 400
    assert 'aria-describedby="call_back_at-error"' in answer.text
    answer = client.post("/desk/enter", data={**data, "call_back_at": ""})
    for field in ("text", "phone", "email"):
        assert f'aria-describedby="{field}-error"' in answer.text
    assert "Over de &lt;lamp&gt;" in answer.text
    assert "Geef het hele nummer" in answer.text
    assert count(office_desk, Ticket) == tickets


def test_forty_cards_in_a_row_each_start_with_the_evening_of_the_last(office_desk: Desk) -> None:
    office = office_desk.office
    client = office_desk.client(office.ada)
    theme = office.themes["groen"]
    with office_desk.database.unit_of_work() as session:
        row = {"key": "proefwijk", "name_nl": "Proefwijk opnieuw", "name_en": "Proefwijk anew"}
        process = session.execute(insert(Process).values(row).returning(Process.id)).scalar_one()
    address = "/desk/enter?way=meeting"
    for number in range(1, 41):
        page = client.get(address).text
        card: dict[str, Any] = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        card |= {"text": f"Kaart {number}: meer bomen", "do": "next"}
        first = {"meeting": "Avond & Proefwijk", "theme": theme, "process": process}
        card |= first if number == 1 else _kept(page)
        answer = client.post("/desk/enter/attachments", data=card)
        assert answer.status_code == 303
        address = answer.headers["location"]
    asked = parse_qs(urlsplit(address).query)
    assert (asked["count"], asked["meeting"]) == (["40"], ["Avond & Proefwijk"])
    assert "Nummer 40 in deze reeks." in client.get(address).text
    with office_desk.database.read_only() as session:
        cards = session.scalars(select(TicketTag.ticket_id).where(TicketTag.tag == "avond & proefwijk")).all()
        chosen = session.execute(select(Ticket.theme_id, Ticket.process_id).where(Ticket.id.in_(cards))).all()
    assert (len(cards), {tuple(row) for row in chosen}) == (40, {(theme, process)})


def test_the_language_and_the_interpreter_are_told_on_the_ticket_in_words(office_desk: Desk) -> None:
    client = office_desk.client(office_desk.office.ada)
    spoken = {"language": "so", "interpreter": "on"}
    ticket = entered(office_desk, client.post("/desk/enter", data={**CALL, **spoken}))
    page = client.get(f"/desk/tickets/{ticket.id}").text
    assert "Er is een tolk nodig, voor de taal Somalisch" in page
    assert 'lang="so"' not in page, "what the employee wrote down is Dutch"
    other = entered(office_desk, client.post("/desk/enter", data={**CALL, "language": "uk"}))
    assert "Oekraïens" in client.get(f"/desk/tickets/{other.id}").text


def _kept(page: str) -> dict[str, str]:
    """What the form already holds, as a browser would send it."""
    meeting = re.search(r'id="meeting" name="meeting" type="text" value="([^"]*)"', page)
    assert meeting is not None
    return {"meeting": meeting[1].replace("&amp;", "&"), **{name: _chosen(page, name) for name in ("theme", "process")}}


def _chosen(page: str, name: str) -> str:
    select_ = re.search(rf'<select id="{name}".*?</select>', page, re.DOTALL)
    assert select_ is not None
    chosen = re.search(r'value="(\d+)" selected', select_[0])
    assert chosen is not None
    return chosen[1]


def test_a_letter_keeps_its_scan_and_the_day_it_came(office_desk: Desk) -> None:
    client = office_desk.client(office_desk.office.ada)
    day = (clock.now().astimezone(ZONE) - timedelta(days=3)).date()
    letter = {"way": "letter", "subject": "Brief over de Proefstraat", "received_at": day.isoformat(), "do": "open"}
    pdf = ("brief.pdf", b"%PDF-1.7 de brief", "text/html")
    ticket = entered(office_desk, client.post("/desk/enter/attachments", data=letter, files={"scan": pdf}))
    assert ticket.received_at.astimezone(ZONE).date() == day
    with office_desk.database.read_only() as session:
        file = session.scalars(select(Attachment)).one()
    assert (file.name, file.content_type, file.size) == ("brief.pdf", "application/pdf", 17)
    assert client.get(f"/desk/attachments/{file.id}").content == b"%PDF-1.7 de brief"


def test_an_appointment_stands_on_the_list_until_somebody_called(office_desk: Desk) -> None:
    client = office_desk.client(office_desk.office.ada)
    ticket = entered(
        office_desk, client.post("/desk/enter", data={**CALL, "call_back_at": local(3), "call_back_note": "na vieren"})
    )
    page = client.get("/desk/call-backs").text
    assert "na vieren" in page
    assert 'href="tel:+31612345678"' in page
    assert "06 12345678" in page
    with office_desk.database.read_only() as session:
        first = session.scalars(select(CallBack.id)).one()
    done = client.post(
        f"/desk/call-backs/{first}", data={"outcome": "not_reached", "note": "In gesprek.", "again": local(24)}
    )
    assert done.headers["location"] == "/desk/call-backs?said=settled"
    with office_desk.database.read_only() as session:
        rows = session.execute(select(CallBack.outcome, CallBack.done_at.is_(None)).order_by(CallBack.id)).all()
        notes = select(Message.text).where(Message.ticket_id == ticket.id, Message.kind == MessageKind.CALL_NOTE)
        assert session.scalars(notes).all() == ["In gesprek."]
    assert [tuple(row) for row in rows] == [("not_reached", False), ("", True)]
    again = client.post(f"/desk/call-backs/{first}", data={"outcome": "reached"})
    assert again.status_code == 409
    assert "Een collega heeft dit gesprek al gevoerd." in again.text


def test_the_list_says_how_a_call_ended_and_proposes_the_next_one(office_desk: Desk) -> None:
    client = office_desk.client(office_desk.office.chief)
    ticket = entered(office_desk, client.post("/desk/enter", data=CALL))
    with office_desk.database.unit_of_work() as session:
        account = _account(session, "phone.twilio_voice")
        row = {
            "ticket_id": ticket.id, "account_id": account, "key": "wk1.x", "state": "refused", "code": "citizen_machine",
            "not_before": clock.now(), "problem": "An answering machine picked up.",
        }  # fmt: skip
        session.execute(insert(Delivery).values(row))
    page = client.get("/desk/call-backs").text
    assert "Een antwoordapparaat nam op." in page
    assert f"/desk/tickets/{ticket.id}" not in client.get("/desk/attention").text, "there is nothing to decide"
    proposed = re.search(r'name="again" value="(\d{4}-\d\d-\d\dT\d\d:\d\d)"', page)
    assert proposed is not None
    told = {"outcome": "voicemail", "note": "Ingesproken.", "again": proposed[1]}
    assert client.post(f"/desk/tickets/{ticket.id}/called", data=told).status_code == 303
    with office_desk.database.read_only() as session:
        at = session.scalars(select(CallBack.at).where(CallBack.done_at.is_(None))).one()
    assert at.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M") == proposed[1]
    history = client.get(f"/desk/tickets/{ticket.id}").text
    assert "Gezegd hoe terugbellen ging" in history
    assert client.post(f"/desk/tickets/{ticket.id}/called", data={"outcome": "perhaps"}).status_code == 409


def test_my_own_telephone_is_kept_on_my_page_and_offered_when_i_call(office_desk: Desk) -> None:
    office = office_desk.office
    client = office_desk.client(office.chief)
    ticket = entered(office_desk, client.post("/desk/enter", data=CALL))
    with office_desk.database.unit_of_work() as session:
        _account(session, "phone.twilio_voice")
    wrong = client.post("/desk/me", data={"phone": "14020", "theme": "dark"})
    assert wrong.status_code == 400
    assert "Geef uw eigen hele nummer" in wrong.text
    assert 'value="14020"' in wrong.text
    assert re.search(r'value="dark" checked', wrong.text), "the rest of what was chosen stays"
    assert client.post("/desk/me", data={"phone": "0201234567"}).status_code == 303
    assert 'value="020 123 4567"' in client.get("/desk/me").text
    assert 'value="020 123 4567"' in client.get(f"/desk/tickets/{ticket.id}/call").text
    client.post("/desk/me", data={"phone": ""})
    with office_desk.database.read_only() as session:
        assert session.get_one(Agent, office.chief.id).preferences["phone"] == ""


def test_what_the_telephone_channels_say_of_a_call_stands_in_both_languages() -> None:
    assert set(SAID) <= set(TRIED)
    assert all(TRIED[code] == sentence for code, sentence in SAID.items())
    for sentence in (*TRIED.values(), *PROBLEMS, *OUTCOMES.values()):
        assert translated(Language.DUTCH, sentence) != sentence


def test_i_agree_on_a_moment_from_the_ticket_too(office_desk: Desk) -> None:
    client = office_desk.client(office_desk.office.ada)
    ticket = entered(office_desk, client.post("/desk/enter", data=CALL))
    assert f"/desk/tickets/{ticket.id}/call" in client.get(f"/desk/tickets/{ticket.id}").text
    assert client.post(f"/desk/tickets/{ticket.id}/call-back", data={"at": "", "note": ""}).status_code == 400
    made = client.post(f"/desk/tickets/{ticket.id}/call-back", data={"at": local(2), "note": "kort"})
    assert made.status_code == 303
    assert "kort" in client.get("/desk/call-backs").text


def test_calling_rings_my_telephone_which_is_remembered(office_desk: Desk) -> None:
    office = office_desk.office
    client = office_desk.client(office.chief)
    ticket = entered(office_desk, client.post("/desk/enter", data=CALL))
    assert "Nu bellen" not in client.get(f"/desk/tickets/{ticket.id}/call").text
    with office_desk.database.unit_of_work() as session:
        _account(session, "phone.twilio_voice")
    assert "Nu bellen" in client.get(f"/desk/tickets/{ticket.id}/call").text
    wrong = client.post(f"/desk/tickets/{ticket.id}/call", data={"through": "112"})
    assert wrong.status_code == 400
    assert "Geef uw eigen hele nummer" in wrong.text
    assert (
        client.post(
            f"/desk/tickets/{ticket.id}/call", data={"through": "020 123 4567", "note": "Over de lamp"}
        ).status_code
        == 303
    )
    with office_desk.database.read_only() as session:
        delivery = session.scalars(select(Delivery)).one()
        address = session.get_one(ContactAddress, delivery.address_id)
    assert (delivery.payload, address.kind) == ({"through": "+31201234567"}, AddressKind.PHONE)
    assert 'value="020 123 4567"' in client.get(f"/desk/tickets/{ticket.id}/call").text
    assert "Over de lamp" in client.get(f"/desk/tickets/{ticket.id}").text
