"""Votes: one per voter counts, and what is doubtful is kept with its reason."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.intake.admit_vote import BURST_VOTES
from tests.intake.conftest import House
from tests.intake.notes import item


def vote(number: int, **more: object) -> dict[str, object]:
    return {"is": "vote", "external_id": f"v{number}", "poll_key": "p", "choices": {"q": ["yes"]}, **more}


def by(voter: str) -> dict[str, object]:
    return {"voter": {"kind": "browser", "address": voter}}


def apart(house: House) -> list[str]:
    return [row[0] for row in house.rows("SELECT apart FROM vote ORDER BY id")]


def test_a_second_vote_of_a_voter_is_kept_apart_and_another_poll_is_another_matter(house: House) -> None:
    house.take(item("1", vote(1, **by("a"))), item("2", vote(2, **by("a"))), item("3", vote(3, **by("b"))))
    house.take(item("4", vote(4, **by("a"), poll_key="other")))
    assert apart(house) == ["", "repeat", "", ""]
    assert house.states()[1] == ("applied", "repeat")


def test_votes_without_a_voter_are_each_their_own(house: House) -> None:
    house.take(item("1", vote(1)), item("2", vote(2)))
    assert apart(house) == ["", ""]


def test_a_vote_that_the_channel_sets_apart_does_not_use_up_the_voters_turn(house: House) -> None:
    house.take(item("1", vote(1, **by("a"), apart="trap_filled")), item("2", vote(2, **by("a"))))
    assert apart(house) == ["trap_filled", ""]


@pytest.mark.parametrize("invited", [False, True])
def test_a_burst_from_one_source_is_set_apart_unless_they_were_invited(house: House, invited: bool) -> None:
    votes = [vote(n, source="s", invited=invited, **by(str(n))) for n in range(BURST_VOTES + 2)]
    house.take(*(item(str(n), one) for n, one in enumerate(votes)))
    assert apart(house).count("burst") == (0 if invited else 2)
    house.take(item("other", vote(100, source="t", **by("x"))))
    assert apart(house)[-1] == ""


def test_an_old_vote_is_no_part_of_a_burst(house: House) -> None:
    house.take(*(item(str(n), vote(n, source="s", **by(str(n)))) for n in range(BURST_VOTES)))
    house.do("UPDATE vote SET voted_at = voted_at - interval '11 minutes'")
    house.take(item("later", vote(100, source="s", **by("x"))))
    assert "burst" not in apart(house)


def test_a_vote_that_arrived_after_the_closing_is_kept_apart(house: House) -> None:
    house.do(
        "INSERT INTO poll (account_id, key, title_nl, title_en, questions, published_at, closed_at) "
        "VALUES (:account, 'p', 'x', 'x', '[]', now() - interval '1 day', now() + interval '1 hour')",
        account=house.account_id,
    )
    house.take(item("1", vote(1, **by("a"))))
    house.do("UPDATE poll SET closed_at = now() - interval '1 second'")
    house.take(item("2", vote(2, **by("b"))))
    house.do("UPDATE poll SET closed_at = NULL, closes_at = now() - interval '1 second'")
    house.take(item("3", vote(3, **by("c"))))
    assert apart(house) == ["", "after_closing", "after_closing"]


def test_of_many_workers_with_one_voters_votes_one_counts(house: House) -> None:
    house.journal(*(item(str(n), vote(n, **by("a"), source="s", invited=True)) for n in range(50)))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: house.admit(), range(4)))
    assert sorted(apart(house)) == ["", *["repeat"] * 49]
