"""The private page: whose words it shows, how a conversation goes on there, and what a token is good for."""

from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.models import Message, RawItem, Throttle, Ticket
from app.tickets.merge import merge
from app.tickets.set_status import set_status
from app.tickets.tokens import reply_token, status_token
from app.vocabulary import MessageKind, TicketStatus, Verdict
from app.web import throttle
from tests.public.conftest import PAGE, SITE, Town


def path(town: Town, receipt: dict[str, Any]) -> str:
    return str(receipt["status_url"].removeprefix(town.url))


def adds(town: Town, receipt: dict[str, Any], text: str, **more: str) -> Any:
    return town.client().post(path(town, receipt), data={"text": text, **more})


def test_it_says_in_plain_words_where_it_stands(town: Town) -> None:
    receipt = town.comments()
    ticket = town.ticket(receipt)
    assert "Een collega kijkt er binnenkort naar." in town.status(receipt)
    for status, words in (
        (TicketStatus.OPEN, "Een collega werkt aan uw bericht."), (TicketStatus.SOLVED, "Wij hebben dit afgesloten."),
        (TicketStatus.CLOSED, "Wij hebben dit afgesloten."),
    ):  # fmt: skip
        with town.database.unit_of_work() as session:
            set_status(session, town.principal(), ticket, status)
        assert words in town.status(receipt)


def test_something_added_joins_the_same_ticket_and_opens_it_again(town: Town) -> None:
    receipt = town.comments(email="bewoner@post.example")
    ticket = town.ticket(receipt)
    town.answers(ticket, status_after=TicketStatus.SOLVED)
    answer = adds(town, receipt, "Dank u, maar wanneer begint het?", id="0123456789abcdef")
    assert answer.status_code == 303
    again = adds(town, receipt, "Dank u, maar wanneer begint het?", id="0123456789abcdef")
    assert again.status_code == 303
    with town.database.read_only() as session:
        rows = session.execute(select(Message).where(Message.ticket_id == ticket).order_by(Message.id)).scalars().all()
        first, _reply, added = rows
    assert (added.text, added.publication, added.visibility) == ("Dank u, maar wanneer begint het?", None, "private")
    assert added.contact_id == first.contact_id
    assert town.head(ticket).status == TicketStatus.OPEN
    assert "Dank u, maar wanneer begint het?" in town.status(receipt)
    assert town.published()["count"] == 1
    town.answers(ticket, "Op 1 januari.")
    assert "Op 1 januari." in town.status(receipt)
    assert "Op 1 januari." not in str(town.published())


def test_an_empty_addition_is_explained_beside_the_field(town: Town) -> None:
    receipt = town.comments()
    answer = adds(town, receipt, "  ")
    assert answer.status_code == 400
    assert 'aria-describedby="text-hint text-fault"' in answer.text


def test_hidden_comments_are_gone_from_the_page_and_their_author_reads_why(town: Town) -> None:
    receipt = town.comments()
    town.decides(town.ticket(receipt), Verdict.HIDE, "Er staat een naam van iemand anders in.")
    assert town.published()["comments"] == []
    page = town.status(receipt)
    assert "Uw reactie is verborgen op de pagina." in page
    assert "Er staat een naam van iemand anders in." in page
    town.decides(town.ticket(receipt), Verdict.RESTORE)
    assert town.published()["count"] == 1


def test_a_moderated_site_shows_a_comment_after_somebody_looked(town: Town) -> None:
    town.change_site(moderated=True)
    receipt = town.comments()
    assert (receipt["publication"], town.published()["comments"]) == ("held", [])
    assert "een collega kijkt er eerst naar" in town.status(receipt)
    town.decides(town.ticket(receipt), Verdict.APPROVE)
    assert town.published()["count"] == 1


def test_what_asks_not_to_be_published_is_answered_on_the_status_page_alone(town: Town) -> None:
    receipt = town.comments(private=True)
    assert receipt["publication"] is None
    town.answers(town.ticket(receipt), "Alleen voor u.")
    assert "Alleen voor u." in town.status(receipt)
    assert town.published()["comments"] == []


def _merged(town: Town, source: int, target: int) -> None:
    with town.database.unit_of_work() as session:
        merge(session, town.principal(), source, target)


def test_a_link_from_before_a_merge_shows_its_own_side_and_never_what_the_merge_brought(town: Town) -> None:
    """Two people typed the same address; one of them may be somebody else."""
    mine = town.comments(text="Van mij.", email="gedeeld@post.example")
    other = town.comments(text="Van de ander.", email="gedeeld@post.example")
    assert "Van de ander." not in town.status(mine)
    _merged(town, town.ticket(mine), town.ticket(other))
    for receipt, own, foreign in ((mine, "Van mij.", "Van de ander."), (other, "Van de ander.", "Van mij.")):
        page = town.status(receipt)
        assert own in page
        assert foreign not in page
    adds(town, mine, "Nog iets van mij.")
    assert "Nog iets van mij." in town.status(mine)
    assert "Nog iets van mij." not in town.status(other)
    town.answers(town.ticket(other), "Aan wie dit vroeg.")
    assert "Aan wie dit vroeg." in town.status(mine)
    assert "Aan wie dit vroeg." not in town.status(other)
    contact = _contact(town, town.ticket(other))
    current = status_token(town.state.keys, town.ticket(other), contact, town.head(town.ticket(other)).token_round)
    whole = town.client().get(f"/status/{current}").text
    assert all(words in whole for words in ("Van mij.", "Van de ander.", "Nog iets van mij.", "Aan wie dit vroeg."))


def test_a_link_shows_nothing_of_another_person_in_the_same_ticket(town: Town) -> None:
    mine, other = town.comments(text="Van mij."), town.comments(text="Van de ander.")
    _merged(town, town.ticket(other), town.ticket(mine))
    contact = _contact(town, town.ticket(mine))
    current = status_token(town.state.keys, town.ticket(mine), contact, town.head(town.ticket(mine)).token_round)
    page = town.client().get(f"/status/{current}").text
    assert "Van mij." in page
    assert "Van de ander." not in page


def _contact(town: Town, ticket: int) -> int | None:
    with town.database.read_only() as session:
        return session.scalar(select(Ticket.contact_id).where(Ticket.id == ticket))


def test_every_token_that_opens_nothing_gets_the_same_page(town: Town) -> None:
    receipt = town.comments()
    ticket, good = town.ticket(receipt), receipt["status_url"].rpartition("/")[2]
    keys, contact = town.state.keys, _contact(town, ticket)
    wrong = (
        good[:-1] + ("a" if good[-1] != "a" else "b"), good[:-2], good.replace("s-", "r-", 1),
        reply_token(keys, ticket, contact, 1), status_token(keys, ticket + 1, contact, 1),
        status_token(keys, ticket, (contact or 0) + 1, 1)[:-1] + "7", status_token(keys, ticket, contact, 9),
        "p-1-aaaaaaaaaaaaaaaaaaaaaaaaaa", "x", "%00", "s-0-0-" + "a" * 26, "s-zzzzzzzzzzzzz-1-" + "a" * 26,
    )  # fmt: skip
    answers = [town.client().get(f"/status/{token}") for token in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    posted = town.client().post(f"/status/{wrong[0]}", data={"text": "x"})
    assert (posted.status_code, posted.text) == (404, answers[0].text)
    with town.database.read_only() as session:
        assert session.scalar(select(func.count()).select_from(RawItem)) == 1


def test_guessing_tokens_ends_soon(town: Town) -> None:
    town.client().get("/status/x")
    with town.database.unit_of_work() as session:
        session.execute(update(Throttle).values(count=throttle.WRONG_TOKENS_AN_HOUR))
    assert town.client().get("/status/x").status_code == 429


def test_a_note_and_an_answer_called_back_are_never_shown(town: Town) -> None:
    receipt = town.comments()
    ticket = town.ticket(receipt)
    answered = town.answers(ticket, "Dit trekken wij in.")
    with town.database.unit_of_work() as session:
        session.execute(update(Message).where(Message.id == answered).values(withdrawn_at=func.now()))
        session.execute(update(Message).where(Message.kind == MessageKind.NOTE).values(text="x"))
    assert "Dit trekken wij in." not in town.status(receipt)
    assert town.published()["comments"][0]["answers"] == []


def test_pages_of_many_comments_follow_each_other_without_gap_or_repeat(town: Town) -> None:
    for number in range(5):
        town.comments(text=f"Reactie nummer {number}.")
    seen: list[str] = []
    before: dict[str, int] = {}
    while True:
        found = town.published(limit=2, **before)
        seen += [comment["text"] for comment in found["comments"]]
        if found["next"] is None:
            break
        before = {"before": found["next"]}
    assert seen == [f"Reactie nummer {number}." for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("address", ["/", "/accessibility", "/robots.txt", "/example"])
def test_the_other_pages_are_there(town: Town, address: str) -> None:
    for language in ("nl", "en"):
        answer = town.client().get(f"{address}?lang={language}")
        assert answer.status_code == 200
    assert town.client().get(f"/sites/{SITE}/published?page={PAGE}").json()["count"] == 0


def test_the_example_page_is_there_only_with_its_site(town: Town) -> None:
    town.change_site(key="een-andere-website")
    assert town.client().get("/example").status_code == 404
    assert "/example" not in town.client().get("/").text


def test_a_line_end_counts_once_however_browsers_send_it(town: Town) -> None:
    """They let somebody type up to the limit with it as one character, and send it as two."""
    lines = ["Een zin van twintig."] * 6
    said = "\r\n".join(lines)
    town.configure(max_length=len("\n".join(lines)))
    receipt = town.comments()
    sent = [town.client().post(f"/sites/{SITE}/comments", data=town.fields(text=said)), adds(town, receipt, said)]
    assert [answer.status_code for answer in sent] == [303, 303]
    with town.database.read_only() as session:
        texts = session.scalars(select(Message.text).order_by(Message.id.desc()).limit(2))
        assert list(texts) == ["\n".join(lines)] * 2
