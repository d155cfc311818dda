"""The website behind an account for comments: made at the desk, with the code to put on its pages."""

import re

from sqlalchemy import select

from app.accounts import change
from app.channels.mail.settings import MailSettings
from app.models import Account, Site
from tests.desk.conftest import Desk

ORIGIN = "https://www.voorbeeldstad.example"


def opened(desk: Desk, **columns: str) -> int:
    """An account for comments, made by its form; its number."""
    form = {"name": "Reacties", "language": "nl", "receipts": "on", "active": "on", "do": "save"}
    settings = {"setting_moderation": "after", "setting_min_seconds": "3", "setting_max_length": "5000"}
    client = desk.client(desk.office.chief)
    made = client.post("/desk/accounts/new?kind=comments.form", data={**form, **settings, **columns})
    assert made.status_code == 303, made.text
    found = re.fullmatch(r"/desk/accounts/(\d+)/site\?said=saved", made.headers["location"])
    assert found
    return int(found[1])


def test_a_new_account_leads_to_its_website_and_that_to_the_code(office_desk: Desk) -> None:
    account, client = opened(office_desk), office_desk.client(office_desk.office.chief)
    assert "weerklank-comments" not in client.get(f"/desk/accounts/{account}/site").text
    data = {"name": "voorbeeldstad.example", "origins": f"{ORIGIN}/\r\n{ORIGIN}\r\n", "active": "on"}
    assert client.post(f"/desk/accounts/{account}/site", data=data).status_code == 303
    with office_desk.database.read_only() as session:
        row = session.execute(select(Site.key, Site.origins, Site.moderated, Site.active)).one()
    assert (row.origins, row.moderated, row.active) == ([ORIGIN], False, True)
    page = client.get(f"/desk/accounts/{account}/site").text
    assert f'&lt;weerklank-comments site="{row.key}"' in page
    assert "/embed/weerklank-comments.js" in page


def test_the_key_stays_when_the_website_changes(office_desk: Desk) -> None:
    account, client = opened(office_desk), office_desk.client(office_desk.office.chief)
    address = f"/desk/accounts/{account}/site"
    keys = []
    for name, active in (("Eerst", "on"), ("Later", "")):
        client.post(address, data={"name": name, "origins": "", "active": active, "moderated": "on"})
        with office_desk.database.read_only() as session:
            row = session.execute(select(Site.key, Site.name, Site.moderated, Site.active)).one()
        keys.append(row.key)
        assert (row.name, row.moderated, row.active) == (name, True, active == "on")
    assert keys[0] == keys[1]


def test_an_address_with_a_path_is_refused_and_what_was_typed_stays(office_desk: Desk) -> None:
    account, client = opened(office_desk), office_desk.client(office_desk.office.chief)
    data = {"name": "", "origins": f"{ORIGIN}/nieuws", "active": "on"}
    answer = client.post(f"/desk/accounts/{account}/site", data=data)
    assert answer.status_code == 400
    assert 'id="origins-error"' in answer.text
    assert 'id="name-error"' in answer.text
    assert f"{ORIGIN}/nieuws</textarea>" in answer.text


def test_other_accounts_have_no_website_and_colleagues_do_not_decide_it(office_desk: Desk) -> None:
    office = office_desk.office
    assert office_desk.client(office.chief).get(f"/desk/accounts/{office.mailbox}/site").status_code == 404
    account = opened(office_desk)
    assert office_desk.client(office.ada).get(f"/desk/accounts/{account}/site").status_code == 403


def test_the_mailbox_that_mails_answers_is_chosen_with_the_account(office_desk: Desk) -> None:
    account = opened(office_desk, mail_account_id=str(office_desk.office.mailbox))
    client = office_desk.client(office_desk.office.chief)
    page = client.get(f"/desk/accounts/{account}").text
    assert f'<option value="{office_desk.office.mailbox}" selected>Postbus info@' in page
    wrong = {"name": "Reacties", "language": "nl", "mail_account_id": str(account), "setting_moderation": "after"}
    answer = client.post(f"/desk/accounts/{account}", data=wrong)
    assert answer.status_code == 400
    assert "Kies een van de postbussen die in gebruik zijn." in answer.text
    with office_desk.database.read_only() as session:
        named = session.scalar(select(Account.mail_account_id).where(Account.id == account))
    assert named == office_desk.office.mailbox


def test_a_mailbox_needs_no_other_mailbox(office_desk: Desk) -> None:
    page = office_desk.client(office_desk.office.chief).get(f"/desk/accounts/{office_desk.office.mailbox}").text
    assert 'name="mail_account_id"' not in page


def test_a_mailbox_that_cannot_send_is_offered_only_where_it_was_chosen(office_desk: Desk) -> None:
    office, box = office_desk.office, office_desk.office.mailbox
    account = opened(office_desk, mail_account_id=str(box))
    reading = MailSettings(address="info@voorbeeldstad.example", imap_host="localhost", imap_user="info")
    with office_desk.database.unit_of_work() as session:
        change.update_account(session, office_desk.state.keys, box, settings=reading)
    chief = office_desk.client(office.chief)
    offered = chief.get("/desk/accounts/new?kind=comments.form").text
    assert "Postbus info@" not in offered.partition('name="mail_account_id"')[2].partition("</select>")[0]
    page = chief.get(f"/desk/accounts/{account}").text
    assert f'<option value="{box}" selected>Postbus info@ (kan niet versturen)</option>' in page
