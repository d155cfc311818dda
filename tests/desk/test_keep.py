"""Set aside, the ledger, accounts and the organisation."""

from pydantic import SecretStr
from sqlalchemy import insert, select

from app.channels.mail.settings import MailSettings
from app.models import Account, Agent, Campaign, Message, RawItem, TeamMember, Theme, Ticket
from tests.desk.conftest import Desk
from tests.desk.office import aside
from tests.web.made import PASSWORD


def test_an_item_that_was_set_aside_is_released_or_discarded_with_a_reason(busy_desk: Desk) -> None:
    with busy_desk.database.unit_of_work() as session:
        one, two = aside(session, busy_desk.office), aside(session, busy_desk.office)
    client = busy_desk.client(busy_desk.office.chief)
    page = client.get("/desk/set-aside").text
    assert "Postbus info@" in page
    assert "Traceback: no boundary" in client.get(f"/desk/set-aside/{one}").text
    assert client.post(f"/desk/set-aside/{one}/release").status_code == 303
    assert client.post(f"/desk/set-aside/{two}/discard", data={"reason": ""}).status_code == 400
    assert client.post(f"/desk/set-aside/{two}/discard", data={"reason": "leeg bericht"}).status_code == 303
    with busy_desk.database.read_only() as session:
        assert set(session.scalars(select(RawItem.state))) == {"new", "ignored"}


def test_only_leads_and_administrators_see_what_was_set_aside(busy_desk: Desk) -> None:
    client = busy_desk.client(busy_desk.office.ada)
    assert client.get("/desk/set-aside").status_code == 403
    assert client.get("/desk/ledger").status_code == 403
    assert client.get("/desk/accounts").status_code == 403
    assert client.get("/desk/organisation").status_code == 403
    assert "/desk/ledger" not in client.get("/desk").text


def test_the_ledger_shows_a_sum_that_is_off(busy_desk: Desk) -> None:
    with busy_desk.database.unit_of_work() as session:
        aside(session, busy_desk.office)  # never counted as seen
    page = busy_desk.client(busy_desk.office.chief).get("/desk/ledger").text
    assert "de som klopt niet" in page


def test_a_mailbox_can_be_made_on_the_desk_and_its_password_is_never_shown(busy_desk: Desk) -> None:
    client = busy_desk.client(busy_desk.office.chief)
    typed = {
        "name": "Postbus wijk", "language": "nl", "receipts": "on", "active": "on", "theme_id": "",
        "setting_address": "wijk@voorbeeldstad.example", "setting_imap_host": "mail.voorbeeldstad.example",
        "setting_imap_user": "wijk", "setting_imap_password": "zeer geheim woord", "setting_imap_security": "tls",
    }  # fmt: skip
    assert client.post("/desk/accounts/new?kind=mail", data=typed).headers["location"] == "/desk/accounts?said=saved"
    with busy_desk.database.read_only() as session:
        number = session.scalars(select(Account.id).where(Account.name == "Postbus wijk")).one()
    page = client.get(f"/desk/accounts/{number}").text
    assert "mail.voorbeeldstad.example" in page
    assert "zeer geheim woord" not in page
    del typed["setting_imap_password"]
    assert client.post(f"/desk/accounts/{number}", data={**typed, "name": "Postbus wijken"}).status_code == 303
    settings = busy_desk.state.accounts.settings(number, "mail")
    assert isinstance(settings, MailSettings)
    assert settings.imap_password == SecretStr("zeer geheim woord")


def test_wrong_settings_are_told_beside_their_fields_and_secrets_are_not_written_back(busy_desk: Desk) -> None:
    typed = {"name": "Proef", "language": "nl", "setting_address": "geen adres", "setting_imap_password": "zeer geheim"}
    answer = busy_desk.client(busy_desk.office.chief).post(
        "/desk/accounts/new?kind=mail", data={**typed, "theme_id": ""}
    )
    assert answer.status_code == 400
    assert 'id="setting_address-error"' in answer.text
    assert "zeer geheim" not in answer.text


def test_checking_a_connection_stores_nothing_and_says_what_is_wrong(busy_desk: Desk) -> None:
    typed = {
        "name": "Proef", "language": "nl", "theme_id": "", "do": "check", "setting_address": "proef@voorbeeldstad.example",
        "setting_imap_host": "127.0.0.1", "setting_imap_port": "1", "setting_imap_security": "none", "setting_imap_user": "x",
    }  # fmt: skip
    answer = busy_desk.client(busy_desk.office.chief).post("/desk/accounts/new?kind=mail", data=typed)
    assert "Het werkt nog niet" in answer.text
    with busy_desk.database.read_only() as session:
        assert session.scalar(select(Account.id).where(Account.name == "Proef")) is None


def test_an_administrator_makes_teams_colleagues_and_themes(busy_desk: Desk) -> None:
    office, client = busy_desk.office, busy_desk.client(busy_desk.office.chief)
    colleague = {
        "name": "Dee Proef", "email": "dee@voorbeeldstad.example", "password": PASSWORD, "role": "agent", "language": "nl",
        "active": "on",
    }  # fmt: skip
    assert client.post("/desk/organisation/agents/new", data=colleague).status_code == 303
    with busy_desk.database.read_only() as session:
        dee = session.scalars(select(Agent.id).where(Agent.name == "Dee Proef")).one()
    people = {"members": [str(dee)], "leads": [str(office.ada.id)]}
    team = {"name": "Water", "mode": "push", "push_limit": "3", "active": "on", **people}
    assert client.post("/desk/organisation/teams/new", data=team).status_code == 303
    theme = {"name_nl": "Riool", "name_en": "Sewers", "key": "riool", "team_id": "", "active": "on"}
    assert client.post("/desk/organisation/themes/new", data=theme).status_code == 303
    with busy_desk.database.read_only() as session:
        members = session.execute(
            select(TeamMember.agent_id, TeamMember.lead).where(TeamMember.team_id > office.green)
        ).all()
        assert sorted(map(tuple, members)) == sorted([(dee, False), (office.ada.id, True)])
        assert session.scalar(select(Theme.name_en).where(Theme.key == "riool")) == "Sewers"
    page = client.get("/desk/organisation").text
    assert "Dee Proef" in page
    assert "Water" in page


def test_a_password_that_is_too_short_is_refused_and_not_written_back(busy_desk: Desk) -> None:
    typed = {
        "name": "Kort",
        "email": "kort@voorbeeldstad.example",
        "password": "kort",
        "role": "agent",
        "language": "nl",
    }
    answer = busy_desk.client(busy_desk.office.chief).post("/desk/organisation/agents/new", data=typed)
    assert answer.status_code == 400
    assert "Kies een wachtwoord van 12 tot 256 tekens" in answer.text
    assert 'value="kort"' not in answer.text
    assert 'value="kort@voorbeeldstad.example"' in answer.text


def test_a_text_block_is_made_and_offered(busy_desk: Desk) -> None:
    client = busy_desk.client(busy_desk.office.chief)
    words = {"name": "Afspraak", "title": "", "text": "Wij maken een afspraak."}
    typed = {**words, "purpose": "block", "language": "nl", "theme_id": "", "active": "on"}
    assert client.post("/desk/templates/new", data={**typed, "text": " "}).status_code == 400
    assert client.post("/desk/templates/new", data=typed).status_code == 303
    assert "Afspraak" in busy_desk.client(busy_desk.office.ada).get(f"/desk/tickets/{busy_desk.office.tickets[0]}").text


def test_a_comment_is_moderated_with_a_reason(busy_desk: Desk) -> None:
    first = busy_desk.office.tickets[0]
    with busy_desk.database.unit_of_work() as session:
        message = session.scalars(select(Message.id).where(Message.ticket_id == first)).one()
        session.get_one(Message, message).publication = "held"  # type: ignore[assignment]
    client = busy_desk.client(busy_desk.office.ada)
    assert "Wacht op goedkeuring" in client.get(f"/desk/tickets/{first}").text
    assert (
        client.post(f"/desk/messages/{message}/moderate", data={"verdict": "remove", "reason": ""}).status_code == 400
    )
    assert (
        client.post(f"/desk/messages/{message}/moderate", data={"verdict": "remove", "reason": "scheldt"}).status_code
        == 303
    )
    page = client.get(f"/desk/tickets/{first}").text
    assert "Verwijderd" in page
    assert "scheldt" in page


def test_a_campaign_is_one_row_and_counted_as_many(busy_desk: Desk) -> None:
    with busy_desk.database.unit_of_work() as session:
        made = insert(Campaign).values(name="Red de linde", fingerprint="f").returning(Campaign.id)
        campaign = session.execute(made).scalar_one()
        for _ in range(3):
            session.get_one(
                Ticket, busy_desk.office.arrives(session, "Red de linde", "Kap hem niet!")
            ).campaign_id = campaign
    client = busy_desk.client(busy_desk.office.ada)
    page = client.get("/desk/unassigned").text
    assert page.count("Red de linde</a>") == 1
    assert "3 afzenders" in page
    assert client.get(f"/desk/tickets?campaign={campaign}").text.count("Red de linde</a>") == 3
