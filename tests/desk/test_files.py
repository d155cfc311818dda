"""What strangers sent is shown so that it can do nothing."""

from sqlalchemy import insert, select, update

from app.models import Attachment, Message
from tests.desk.conftest import Desk

HTML = '<p>Hallo <img src="cid:foto"> <img alt="" data-remote-src="https://elders.example/spion.gif"></p>'


def with_html(desk: Desk) -> tuple[int, int]:
    """A message with a made-up form and a picture that came along; their ids."""
    blob = desk.state.blobs.put(b"\x89PNG picture", 1000)
    with desk.database.unit_of_work() as session:
        message = session.scalars(select(Message.id).where(Message.ticket_id == desk.office.tickets[0])).one()
        session.execute(update(Message).where(Message.id == message).values(html=HTML))
        row = {
            "message_id": message, "sha256": blob.digest, "name": 'fo"to\n.png', "content_type": "image/png", "size": blob.size,
            "cid": "foto", "alt": "", "state": "not_scanned",
        }  # fmt: skip
        return message, session.execute(insert(Attachment).values(row).returning(Attachment.id)).scalar_one()


def test_pictures_from_elsewhere_are_fetched_only_when_asked_for(busy_desk: Desk) -> None:
    message, file = with_html(busy_desk)
    client = busy_desk.client(busy_desk.office.ada)
    plain = client.get(f"/desk/messages/{message}/html")
    assert 'data-remote-src="https://elders.example/spion.gif"' in plain.text
    assert f'src="/desk/attachments/{file}?inline=on"' in plain.text
    assert "https:" not in plain.headers["content-security-policy"]
    asked = client.get(f"/desk/messages/{message}/html?pictures=on")
    assert ' src="https://elders.example/spion.gif"' in asked.text
    for answer in (plain, asked):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert "allow-scripts" not in policy
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"


def test_a_file_is_saved_and_never_shown_unless_it_is_a_picture_in_a_message(busy_desk: Desk) -> None:
    _, file = with_html(busy_desk)
    client = busy_desk.client(busy_desk.office.ada)
    saved = client.get(f"/desk/attachments/{file}")
    assert saved.content == b"\x89PNG picture"
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"] == "attachment; filename*=UTF-8''fo%22to%0A.png"
    shown = client.get(f"/desk/attachments/{file}?inline=on")
    assert shown.headers["content-type"] == "image/png"
    assert "sandbox" in shown.headers["content-security-policy"]


def test_a_picture_is_shown_with_its_description_and_one_that_could_not_be_fetched_is_said(busy_desk: Desk) -> None:
    message, file = with_html(busy_desk)
    with busy_desk.database.unit_of_work() as session:
        session.execute(update(Attachment).where(Attachment.id == file).values(cid="", alt="Een omgewaaide boom"))
        gone = {
            "message_id": message, "sha256": "", "name": "groot.jpg", "content_type": "application/octet-stream", "size": 0,
            "cid": "", "alt": "De stoep", "state": "too_large",
        }  # fmt: skip
        session.execute(insert(Attachment).values(gone))
    page = busy_desk.client(busy_desk.office.ada).get(f"/desk/tickets/{busy_desk.office.tickets[0]}").text
    assert f'<img src="/desk/attachments/{file}?inline=on" alt="Een omgewaaide boom"' in page
    assert "De stoep" in page
    assert "kon niet worden opgehaald" in page


def test_a_file_that_only_says_that_it_is_a_picture_is_shown_to_nobody(busy_desk: Desk) -> None:
    _, file = with_html(busy_desk)
    with busy_desk.database.unit_of_work() as session:
        session.execute(update(Attachment).where(Attachment.id == file).values(cid="", content_type="image/svg+xml"))
    client = busy_desk.client(busy_desk.office.ada)
    assert "<img" not in client.get(f"/desk/tickets/{busy_desk.office.tickets[0]}").text
    assert client.get(f"/desk/attachments/{file}?inline=on").headers["content-type"] == "application/octet-stream"


def test_an_infected_file_and_a_foreign_one_do_not_open(busy_desk: Desk) -> None:
    _, file = with_html(busy_desk)
    client = busy_desk.client(busy_desk.office.ada)
    with busy_desk.database.unit_of_work() as session:
        session.execute(update(Attachment).values(state="infected"))
    assert client.get(f"/desk/attachments/{file}").status_code == 404
    assert "besmet: niet te openen" in client.get(f"/desk/tickets/{busy_desk.office.tickets[0]}").text
    assert client.get("/desk/attachments/99999").status_code == 404
    assert busy_desk.client().get(f"/desk/attachments/{file}").status_code == 303


def test_style_and_script_are_kept_by_browsers_for_good_until_they_change(busy_desk: Desk) -> None:
    client = busy_desk.client()
    address = client.get("/desk/sign-in").text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = client.get(address)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/desk/static/000000000000/desk.js").headers["cache-control"] == "no-cache"
    assert client.get("/desk/static/x/..%2f__init__.py").status_code == 404
