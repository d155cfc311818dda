"""A poll from publishing to its result, as citizens meet it without script."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from app.clock import now
from app.polls.result import Both
from tests.public.conftest import ORIGIN, Town
from tests.public.polling import Voter, closes, invites, makes, poll, result, votes


def test_a_vote_counts_and_the_result_is_hidden_until_the_closing(town: Town) -> None:
    park = makes(town)
    thanks = Voter(town, park).votes({"q1": "o2", "q2": ["o1", "o3"], "q3": "4"})
    assert "Dank u wel voor uw stem" in thanks
    assert "apart" not in thanks
    page = Voter(town, park).opens()
    assert "Welke kleur krijgt de bank?" in page
    assert "Uitslag" not in page
    assert "result" not in town.client().get(f"/polls/{park.key}/published").json()
    closes(town, park)
    page = Voter(town, park).opens()
    assert "Niet representatief" in page
    assert "1 stem" in page
    [colour, missing, beauty, _open] = result(town, park).questions
    assert [line.votes for line in colour.lines] == [Both(0, 0), Both(1, 1)]
    assert [line.votes.counted for line in missing.lines] == [1, 0, 1]
    assert beauty.mean == 4
    english = Voter(town, park).opens("?lang=en")
    assert "Not representative" in english
    published = town.client().get(f"/polls/{park.key}/published").json()
    assert published["result"]["q1"] == {"o1": {"all": 0, "counted": 0}, "o2": {"all": 1, "counted": 1}}


def test_a_browser_votes_once_and_a_second_vote_is_kept_apart_and_told(town: Town) -> None:
    park = makes(town)
    voter = Voter(town, park)
    voter.votes({"q1": "o1"})
    assert "U hebt al gestemd" in voter.opens()
    assert "eerder gestemd" in voter.votes({"q1": "o2"})
    assert votes(town) == [("", False), ("repeat", False)]
    closes(town, park)
    found = result(town, park)
    assert found.votes == Both(2, 1)
    assert found.apart == {"repeat": 1}
    assert [line.votes for line in found.questions[0].lines] == [Both(1, 1), Both(1, 0)]
    page = voter.opens()
    assert "zonder de apart gezette: 1" in page
    assert "Nog eens met dezelfde uitnodiging of uit dezelfde browser: 1" in page


def test_a_second_click_on_the_same_form_changes_nothing(town: Town) -> None:
    park = makes(town)
    voter = Voter(town, park)
    first = voter.sends({"q1": "o1"}, form_id="a" * 24)
    again = voter.sends({"q1": "o1"}, form_id="a" * 24)
    assert first.headers["location"] == again.headers["location"]
    assert votes(town) == [("", False)]


def test_fifty_votes_at_once_with_one_invitation_count_once(served: Town) -> None:
    town = served
    park = makes(town, invited_only=True)
    [token] = invites(town, park)
    address = f"{town.url}/polls/{park.key}/i/{token}"
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda _: httpx.post(address, data={"answer-q1": "o1"}, timeout=60).status_code, range(50))
        )
    assert set(answers) == {303}
    kept = votes(town)
    assert len(kept) == 50
    assert kept.count(("", True)) == 1
    assert kept.count(("repeat", True)) == 49
    closes(town, park)
    assert result(town, park).votes == Both(50, 1)


def test_a_poll_by_invitation_takes_no_vote_without_one_and_calls_its_result_so(town: Town) -> None:
    park = makes(town, invited_only=True)
    first, second = invites(town, park, 2)
    assert "alleen stemmen wie een uitnodiging kreeg" in Voter(town, park).opens()
    assert town.client().post(f"/polls/{park.key}", data={"answer-q1": "o1"}).status_code == 403
    assert town.client().get(f"/polls/{park.key}/i/{'x' * 22}").status_code == 404
    assert town.client().post(f"/polls/{park.key}/i/{'x' * 22}", data={"answer-q1": "o1"}).status_code == 404
    Voter(town, park, first).votes({"q1": "o1"})
    Voter(town, park, second).votes({"q1": "o2"})
    assert "U hebt al gestemd" in Voter(town, park, first).opens()
    closes(town, park)
    page = Voter(town, park).opens()
    assert "Niet representatief" not in page
    assert "was uitgenodigd" in page
    assert result(town, park).invited == 2


def test_an_invitation_to_one_poll_is_none_to_another_and_is_stored_nowhere(town: Town) -> None:
    park, other = makes(town, invited_only=True), makes(town, invited_only=True)
    [token] = invites(town, park)
    assert town.client().get(f"/polls/{other.key}/i/{token}").status_code == 404
    Voter(town, park, token).votes({"q1": "o1"})
    with town.database.read_only() as session:
        for table in ("poll_invitation", "vote", "raw_item", "audit"):
            rows = session.execute(text(f"SELECT t::text FROM {table} t")).scalars().all()
            assert rows or table == "audit"
            assert not any(token in row for row in rows), table
        digests = session.execute(text("SELECT digest FROM poll_invitation")).scalars().all()
        kept = session.execute(text("SELECT voter || ' ' || external_id FROM vote")).scalars().all()
        assert not any(digest[:16] in row for digest in digests for row in kept)


def test_a_burst_from_one_network_is_kept_apart_from_the_twentieth_on(town: Town) -> None:
    park = makes(town)
    said = [Voter(town, park).votes({"q1": "o1"}) for _ in range(22)]
    assert [apart for apart, _ in votes(town)] == [""] * 20 + ["burst"] * 2
    assert "uit uw netwerk" in said[-1]
    closes(town, park)
    assert result(town, park).votes == Both(22, 20)


def test_what_fills_in_the_hidden_field_is_kept_apart(town: Town) -> None:
    park = makes(town)
    assert "programma" in Voter(town, park).votes({"q1": "o1", "website": "https://winkel.example"})
    assert votes(town) == [("trap_filled", False)]


def test_a_written_answer_is_a_ticket_with_the_poll_as_its_subject(town: Town) -> None:
    park = makes(town)
    thanks = Voter(town, park).votes({"q1": "o1", "q4": "Zet er ook een kraan neer.", "name": "Een bewoner"})
    with town.database.read_only() as session:
        [row] = session.execute(
            text(
                "SELECT t.subject_key, t.subject_title, t.is_public, m.text FROM ticket t JOIN message m ON m.ticket_id = t.id"
            )
        ).all()
    assert tuple(row) == (f"poll:{park.key}", "Het park – Wat wilt u nog kwijt?", False, "Zet er ook een kraan neer.")
    link = re.search(r'href="http[^"]+(/status/[^"]+)"', thanks)
    assert link
    assert "Zet er ook een kraan neer." in town.client().get(link[1]).text
    closes(town, park)
    page = Voter(town, park).opens()
    assert "1 persoon schreef een antwoord." in page
    assert "kraan" not in page


def test_who_left_no_address_reads_our_answer_by_the_status_link(town: Town) -> None:
    park = makes(town)
    thanks = Voter(town, park).votes({"q1": "o1", "q4": "Waarom geen kraan?"})
    link = re.search(r'href="http[^"]+(/status/[^"]+)"', thanks)
    assert link
    with town.database.read_only() as session:
        ticket = session.scalar(text("SELECT id FROM ticket"))
    town.answers(ticket, "De kraan komt in mei.")
    assert "De kraan komt in mei." in town.client().get(link[1]).text


def test_every_mistake_is_named_and_what_was_chosen_stays(town: Town) -> None:
    park = makes(town)
    answer = Voter(town, park).sends({"q2": ["o2"], "q3": "99", "q4": "Bewaar dit", "email": "geen adres"})
    assert answer.status_code == 400
    assert 'href="#q1">Welke kleur krijgt de bank?: Beantwoord deze vraag.' in answer.text
    assert 'href="#q3">Hoe mooi is het park?: Kies een van de antwoorden die er staan.' in answer.text
    assert 'id="email-fault"' in answer.text
    assert re.search(r'value="o2" checked', answer.text)
    assert "Bewaar dit</textarea>" in answer.text
    assert votes(town) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"answer-q1": ["o1", "o2"]},
        {"answer-q1": "o1", "answer-q4": "x" * 5001},
        {"answer-q1": "o9"},
        {},
        {"id": "\x00"},
    ],
)
def test_what_the_form_cannot_send_is_refused(town: Town, fields: dict[str, str]) -> None:
    park = makes(town)
    assert town.client().post(f"/polls/{park.key}", data=fields).status_code == 400
    assert votes(town) == []


def test_closing_stops_votes_politely(town: Town) -> None:
    park = makes(town)
    late = Voter(town, park)
    late.opens()
    closes(town, park)
    answer = late.client.post(f"{late.path}?lang=nl", data={"answer-q1": "o1"})
    assert answer.status_code == 409
    assert "Dank u wel dat u mee wilde doen" in answer.text
    assert f'href="/polls/{park.key}?lang=nl"' in answer.text
    assert votes(town) == []


def test_a_poll_closes_by_itself(town: Town) -> None:
    park = makes(town, closes_at=now() + timedelta(hours=1))
    assert "U kunt stemmen tot" in Voter(town, park).opens()
    with town.database.unit_of_work() as session:
        session.execute(text("UPDATE poll SET closes_at = now() - interval '1 second'"))
    assert "Het stemmen eindigde op" in Voter(town, park).opens()
    assert town.client().post(f"/polls/{park.key}", data={"answer-q1": "o1"}).status_code == 409


def test_a_draft_is_shown_to_holders_of_its_preview_link_only_and_takes_no_votes(town: Town) -> None:
    park = makes(town, published=False)
    token = town.state.keys.sign("poll preview", str(park.id))
    assert town.client().get(f"/polls/{park.key}").status_code == 404
    assert town.client().get(f"/polls/{park.key}?preview={token[:-1]}").status_code == 404
    assert town.client().get(f"/polls/{park.key}/published").status_code == 404
    seen = town.client().get(f"/polls/{park.key}?preview={token}&lang=nl")
    assert "Voorbeeld." in seen.text
    assert "disabled" in seen.text
    assert town.client().post(f"/polls/{park.key}?preview={token}", data={"answer-q1": "o1"}).status_code == 404


def test_a_page_of_another_website_cannot_vote_for_its_visitors(town: Town) -> None:
    park = makes(town)
    fields = {"answer-q1": "o1"}
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elders.example"},
    ):
        assert town.client(**headers).post(f"/polls/{park.key}", data=fields).status_code == 403
    assert town.client(Origin=town.url).post(f"/polls/{park.key}", data=fields).status_code == 303


def test_only_websites_that_the_poll_names_may_frame_it(town: Town) -> None:
    park = makes(town, origins=[ORIGIN])
    answer = town.client().get(f"/polls/{park.key}")
    assert f"frame-ancestors 'self' {ORIGIN}" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    assert "poll-frame.js" not in answer.text
    assert "poll-frame.js" in town.client().get(f"/polls/{park.key}?framed=1").text
    element = town.client().get("/embed/weerklank-poll.js")
    assert element.headers["access-control-allow-origin"] == "*"
    assert town.client(**{"If-None-Match": element.headers["etag"]}).get("/embed/weerklank-poll.js").status_code == 304


def test_the_cookie_belongs_to_one_poll_and_is_partitioned_where_https_is_spoken(town: Town) -> None:
    park = makes(town)
    cookie = town.client().get(f"/polls/{park.key}").headers["set-cookie"]
    assert f"Path=/polls/{park.key};" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_nothing_votes_past_the_page(town: Town) -> None:
    park = makes(town)
    row = town.state.accounts.row(park.account_id)
    body = {"id": "a" * 24, "poll": park.key, "choices": {"q1": ["o1"]}}
    answer = town.client().post(f"/hooks/{row.public_key}", content=json.dumps(body))
    assert answer.status_code == 401
    assert votes(town) == []


def test_a_published_poll_shows_no_words_of_ours_as_markup(town: Town) -> None:
    park = makes(town, intro_nl="<script>alert(1)</script>", intro_en="<b>x</b>")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in Voter(town, park).opens()
    assert poll(town, park.id).state == "open"
