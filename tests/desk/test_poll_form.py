"""The form of a poll: what was typed is what is stored, and what is stored is what is shown to be changed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from app.desk.poll_form import Block, Typed, draft, of_form, of_poll
from app.errors import Invalid
from app.polls.questions import QuestionKind
from tests.polls.made import ASKED, view


def fields(typed: Typed, **more: str) -> FormData:
    """As a browser sends it."""
    names = ("title_nl", "title_en", "intro_nl", "intro_en", "origins", "closes_at")
    sent = {name: str(getattr(typed, name)) for name in names}
    sent |= {"questions": str(len(typed.blocks)), **({"invited_only": "on"} if typed.invited_only else {})}
    for number, block in enumerate(typed.blocks, start=1):
        for name in ("kind", "nl", "en", "options_nl", "options_en", "steps"):
            sent[f"q{number}_{name}"] = str(getattr(block, name)).replace("\n", "\r\n")
        if block.required:
            sent[f"q{number}_required"] = "on"
    return FormData({**sent, **more})


def test_a_stored_poll_comes_through_its_form_unchanged() -> None:
    stored = replace(view(), closes_at=datetime(2026, 12, 31, 16, 0, tzinfo=UTC), origins=["https://x.example"])
    again = draft(of_form(fields(of_poll(stored))))
    assert list(again.asked) == list(ASKED)
    assert again.closes_at == stored.closes_at
    assert again.origins == stored.origins
    assert (again.title_nl, again.intro_en) == (stored.title_nl, stored.intro_en)


@pytest.mark.parametrize(("closes_at", "hour"), [("2026-12-31T17:00", 16), ("2026-07-01T17:00", 15)])
def test_the_end_is_on_our_own_clocks_in_winter_and_in_summer(closes_at: str, hour: int) -> None:
    made = draft(Typed(closes_at=closes_at)).closes_at
    assert made is not None
    assert made.astimezone(UTC).hour == hour


@pytest.mark.parametrize("closes_at", ["morgen", "2026-13-01T10:00", "2026-02-30T10:00"])
def test_an_end_that_is_no_moment_is_refused(closes_at: str) -> None:
    with pytest.raises(Invalid) as refused:
        draft(Typed(closes_at=closes_at))
    assert [fault.field for fault in refused.value.faults] == ["closes_at"]


def test_a_question_is_added_at_the_end_and_removed_where_it_stands() -> None:
    typed = Typed(blocks=(Block(nl="een"), Block(nl="twee"), Block(nl="drie")))
    assert [block.nl for block in of_form(fields(typed, do="add")).blocks] == ["een", "twee", "drie", ""]
    assert [block.nl for block in of_form(fields(typed, do="remove-2")).blocks] == ["een", "drie"]
    for nonsense in ("remove-9", "remove-", "remove-0", "remove-x", ""):
        assert len(of_form(fields(typed, do=nonsense)).blocks) == 3


def test_nobody_asks_more_questions_than_there_may_be() -> None:
    assert len(of_form(FormData({"questions": "999999"})).blocks) == 20


LINES = st.lists(st.text("abc é", max_size=5), max_size=4).map("\n".join)
BLOCKS = st.builds(
    Block, kind=st.sampled_from([*QuestionKind, "anders"]), nl=st.text(max_size=9), en=st.text(max_size=9), options_nl=LINES,
    options_en=LINES, steps=st.text(max_size=3), required=st.booleans(),
)  # fmt: skip


@given(st.lists(BLOCKS, max_size=4))
def test_whatever_is_typed_becomes_a_draft(blocks: list[Block]) -> None:
    made = draft(of_form(fields(Typed(blocks=tuple(blocks)))))
    assert len(made.asked) == len(blocks)
