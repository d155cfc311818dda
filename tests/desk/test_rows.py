from sqlalchemy import update

from app.models import Contact, Theme
from tests.desk.conftest import Desk


def test_what_others_wrote_is_escaped_in_every_row(office_desk: Desk) -> None:
    nasty = '<img src=x onerror="alert(1)">'
    with office_desk.database.unit_of_work() as session:
        office_desk.office.arrives(session, nasty, nasty, citizen=nasty)
        session.execute(update(Theme).values(name_nl=nasty))
        session.execute(update(Contact).values(name=nasty))
    page = office_desk.client(office_desk.office.ada).get("/desk/unassigned").text
    assert "<img" not in page
    assert page.count("&lt;img src=x") == 4
