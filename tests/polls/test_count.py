"""Counting, held against the plainest way to count; and that the result shows what was counted."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app.models import Account, Organisation, RawItem, Vote
from app.polls.count import tally
from app.polls.questions import QuestionKind, question
from app.polls.result import Both, result
from app.vocabulary import Language

OPTIONS = ("o1", "o2", "o3")
APART = ("", "", "", "repeat", "burst", "trap_filled")
CHOICES = st.fixed_dictionaries(
    {}, optional={"q1": st.lists(st.sampled_from(OPTIONS), max_size=4), "q2": st.lists(st.text(max_size=5), max_size=1)}
)
VOTES = st.lists(st.tuples(CHOICES, st.sampled_from(APART), st.booleans()), max_size=30)


def account(session: Session) -> int:
    organisation = session.execute(
        insert(Organisation).values(name="Voorbeeldstad").returning(Organisation.id)
    ).scalar_one()
    row = {
        "organisation_id": organisation,
        "kind": "polls.own",
        "name": "Peilingen",
        "settings": b"",
        "public_key": "k",
    }
    made: int = session.execute(insert(Account).values(row).returning(Account.id)).scalar_one()
    return made


def store(session: Session, account_id: int, votes: list[Any]) -> None:
    row = {"account_id": account_id, "key": "k", "media_type": "x", "size": 0, "meta": {}, "completed": {}}
    item = session.execute(insert(RawItem).values(row).returning(RawItem.id)).scalar_one()
    for number, (choices, apart, invited) in enumerate(votes):
        storable = {key: [v.replace("\x00", "0") for v in chosen] for key, chosen in choices.items()}
        vote = {"account_id": account_id, "raw_item_id": item, "external_id": str(number), "poll_key": "p", "choices": storable,
                "apart": apart, "invited": invited}  # fmt: skip
        session.execute(insert(Vote).values(vote))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VOTES)
def test_both_counts_are_what_counting_by_hand_gives(session: Session, votes: list[Any]) -> None:
    with session.begin_nested() as point:
        account_id = account(session)
        store(session, account_id, [*votes])
        session.execute(text("UPDATE vote SET poll_key = 'other' WHERE external_id = 'none'"))
        found = tally(session, account_id, "p", ["q1"])
        point.rollback()
    counted = [vote for vote in votes if not vote[1]]
    assert found.votes == Both(len(votes), len(counted))
    assert found.invited == sum(1 for vote in counted if vote[2])
    assert sum(found.apart.values()) == len(votes) - len(counted)
    for option in OPTIONS:
        by_hand = Both(*(sum(option in v[0].get("q1", []) for v in some) for some in (votes, counted)))
        assert found.chosen.get(("q1", option), Both()) == by_hand
    for key in ("q1", "q2"):
        answered = Both(*(sum(bool(v[0].get(key)) for v in some) for some in (votes, counted)))
        assert found.answered.get(key, Both()) == answered
    assert not any(question_ == "q2" for question_, _ in found.chosen)


@given(st.lists(st.integers(0, 50), min_size=5, max_size=5))
def test_shares_and_the_mean_of_a_scale_add_up(steps: list[int]) -> None:
    words = {Language.DUTCH: "Hoe mooi?", Language.ENGLISH: "How beautiful?"}
    scale = question(1, QuestionKind.SCALE, words, steps=5)
    chosen = {("q1", str(n)): Both(votes, votes) for n, votes in enumerate(steps, start=1)}
    whole = Both(sum(steps), sum(steps))
    [answered] = result([scale], whole, 0, {}, chosen, {"q1": whole}).questions
    assert [line.votes.counted for line in answered.lines] == steps
    if sum(steps):
        assert abs(sum(line.share_counted for line in answered.lines) - 1000) <= 3
        assert answered.mean is not None
        assert 1 <= answered.mean <= 5
        assert answered.mean == sum(n * votes for n, votes in enumerate(steps, start=1)) / sum(steps)
    else:
        assert answered.mean is None
        assert all(line.share_all == 0 for line in answered.lines)


def test_an_option_that_nobody_chose_is_shown_with_nothing() -> None:
    words = {Language.DUTCH: "Kleur?", Language.ENGLISH: "Colour?"}
    lines = {Language.DUTCH: ["Rood", "Groen"], Language.ENGLISH: ["Red", "Green"]}
    colour = question(1, QuestionKind.SINGLE, words, options=lines)
    [answered] = result(
        [colour], Both(3, 2), 0, {"repeat": 1}, {("q1", "o1"): Both(3, 2)}, {"q1": Both(3, 2)}
    ).questions
    assert [(line.option.nl, line.votes, line.share_counted) for line in answered.lines] == [
        ("Rood", Both(3, 2), 1000), ("Groen", Both(0, 0), 0),
    ]  # fmt: skip
