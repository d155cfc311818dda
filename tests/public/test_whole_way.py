"""From a comment to the answer under it: through every step, without a browser."""

import re

from tests.public.conftest import PAGE, SITE, TITLE, Town


def test_a_comment_gets_a_reference_and_is_published_and_answered(town: Town) -> None:
    receipt = town.comments()
    assert re.fullmatch(r"WK-\d+-[A-Z]", receipt["reference"])
    assert receipt["publication"] == "published"
    (comment,) = town.published()["comments"]
    assert (comment["name"], comment["state"], comment["answers"]) == ("Een bewoner", "published", [])
    page = town.status(receipt)
    assert receipt["reference"] in page
    assert "Waarom wordt de groene bak niet meer elke week geleegd?" in page

    town.answers(town.ticket(receipt))

    (comment,) = town.published()["comments"]
    (answer,) = comment["answers"]
    assert answer["text"] == "Omdat de bak na een week meestal half leeg is."
    assert (answer["organisation"], answer["sent_at"] is not None) == ("Gemeente Voorbeeldstad", True)
    assert "Omdat de bak na een week meestal half leeg is." in town.status(receipt)


def test_an_answer_is_shown_only_when_it_has_gone_out(town: Town) -> None:
    receipt = town.comments()
    town.configure(webhook_url="http://127.0.0.1:9/closed")
    town.answers(town.ticket(receipt))
    assert town.published()["comments"][0]["answers"] == []
    assert "half leeg" not in town.status(receipt)


def test_the_same_comment_sent_twice_is_one_ticket_with_one_receipt(town: Town) -> None:
    fields = town.fields()
    first, second = (town.client().post(f"/sites/{SITE}/comments", json=fields) for _ in range(2))
    assert first.json() == second.json()
    assert town.published()["count"] == 1


def test_the_same_id_with_other_words_is_another_comment_and_nothing_is_lost(town: Town) -> None:
    fields = town.fields()
    first = town.comments(**fields)
    second = town.comments(**{**fields, "text": "Ik bedoelde: waarom niet elke week?"})
    assert first["reference"] != second["reference"]
    assert town.published()["count"] == 2


def test_a_form_without_script_leads_to_a_receipt_with_a_private_link(town: Town) -> None:
    browser = town.client(accept="text/html", **{"accept-language": "nl"})
    form = browser.get(f"/sites/{SITE}/pages/{PAGE}/form", params={"title": TITLE})
    assert form.status_code == 200
    assert "frame-ancestors 'self' https://www.voorbeeldstad.example" in form.headers["content-security-policy"]
    assert "x-frame-options" not in form.headers
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.text))
    sent = browser.post(f"/sites/{SITE}/comments", data={**hidden, "stamp": town.stamp(), "text": "Mooi plan!"})
    assert sent.status_code == 303
    receipt = browser.get(sent.headers["location"])
    assert receipt.status_code == 200
    assert "Wij hebben uw reactie ontvangen" in receipt.text
    assert "/status/s-" in receipt.text
    assert town.published()["comments"][0]["text"] == "Mooi plan!"


def test_a_form_with_mistakes_comes_back_with_the_words_and_the_same_id(town: Town) -> None:
    browser = town.client(accept="text/html", **{"accept-language": "nl"})
    back = browser.post(f"/sites/{SITE}/comments", data=town.fields(id="mine-1", text="Dag", email="geen adres"))
    assert back.status_code == 400
    assert 'value="mine-1"' in back.text
    assert ">Dag</textarea>" in back.text
    assert 'aria-describedby="email-hint email-fault"' in back.text
    assert town.published()["count"] == 0


def test_json_with_mistakes_hears_of_each_by_its_field(town: Town) -> None:
    answer = town.client().post(f"/sites/{SITE}/comments", json=town.fields(text=" ", email="x"))
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert {error["field"] for error in answer.json()["errors"]} == {"text", "email"}
