from tests.desk.conftest import Desk
from tests.web.made import PASSWORD


def test_the_right_password_opens_the_desk(busy_desk: Desk) -> None:
    client = busy_desk.client()
    answer = client.post("/desk/sign-in", data={"email": busy_desk.office.ada.email, "password": PASSWORD})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/desk"
    assert "Mijn werk" in client.get("/desk").text


def test_a_wrong_password_is_told_beside_the_fields(busy_desk: Desk) -> None:
    answer = busy_desk.client().post(
        "/desk/sign-in", data={"email": busy_desk.office.ada.email, "password": "niet dit"}
    )
    assert answer.status_code == 401
    assert 'aria-describedby="problem"' in answer.text
    assert 'value="niet dit"' not in answer.text


def test_somebody_who_is_not_signed_in_comes_back_to_the_page_they_asked_for(busy_desk: Desk) -> None:
    client = busy_desk.client()
    answer = client.get("/desk/unassigned")
    assert answer.headers["location"] == "/desk/sign-in?next=/desk/unassigned"
    form = client.get(answer.headers["location"])
    assert 'name="back" value="/desk/unassigned"' in form.text


def test_nobody_is_led_to_another_site_after_signing_in(busy_desk: Desk) -> None:
    person = {"email": busy_desk.office.ada.email, "password": PASSWORD, "back": "//elsewhere.example/"}
    assert busy_desk.client().post("/desk/sign-in", data=person).headers["location"] == "/desk"


def test_signing_out_ends_the_session_on_the_server(busy_desk: Desk) -> None:
    ada = busy_desk.office.ada
    client = busy_desk.client(ada)
    assert client.get("/desk").status_code == 200
    client.post("/desk/sign-out")
    assert busy_desk.client(ada).get("/desk").status_code == 303


def test_the_language_is_kept_for_the_agent(busy_desk: Desk) -> None:
    client = busy_desk.client(busy_desk.office.ada)
    assert client.post("/desk/language", data={"language": "en", "back": "/desk"}).status_code == 303
    assert '<html lang="en"' in client.get("/desk").text
    assert "My work" in client.get("/desk").text
