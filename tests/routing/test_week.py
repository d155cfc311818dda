from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.routing.week import DAY, WEEK, Span, covers, merged, parse_week, week_minute, week_of


@pytest.mark.parametrize(
    ("texts", "spans"),
    [
        (["mon 09:00-17:00"], [(0, 540, 1020)]),
        (["Mon-Tue 09:00-12:30"], [(0, 540, 750), (1, 540, 750)]),
        (["sat-mon 00:00-24:00"], [(0, 0, 1440), (5, 0, 1440), (6, 0, 1440)]),
        (["fri 22:00-06:00"], [(4, 1320, 1440), (5, 0, 360)]),
        (["sun 22:00-06:00"], [(0, 0, 360), (6, 1320, 1440)]),
        (["mon 22:00-00:00"], [(0, 1320, 1440)]),
        (["mon 09:00-12:00", "mon 09:00-12:00"], [(0, 540, 720)]),
        ([], []),
    ],
)
def test_hours_are_read_as_spans_within_a_day(texts: list[str], spans: list[tuple[int, int, int]]) -> None:
    assert [(span.weekday, span.start, span.end) for span in parse_week(texts)] == spans


@pytest.mark.parametrize(
    "text",
    ["", "mon", "mon 9:00-17:00", "xyz 09:00-17:00", "mon-xyz 09:00-17:00", "mon 09:60-17:00", "mon 09:00-24:01",
     "mon 09:00-17:00 ", "mon 09:00-09:00", "mon  09:00-17:00"],
)  # fmt: skip
def test_other_hours_are_refused_with_how_to_write_them(text: str) -> None:
    if text.strip() == "mon 09:00-17:00":
        assert parse_week([text]) == (Span(0, 540, 1020),)
        return
    with pytest.raises(ValueError, match=r"write|times"):
        parse_week([text])


def test_a_table_of_hours_reads_like_the_texts() -> None:
    table = {"mon": [["09:00", "12:30"], ["13:00", "17:00"]], "fri": [["22:00", "06:00"]], "sun": []}
    assert week_of(table) == parse_week(["mon 09:00-12:30", "mon 13:00-17:00", "fri 22:00-06:00"])


@pytest.mark.parametrize(("weekday", "start", "end"), [(7, 0, 60), (-1, 0, 60), (0, 60, 60), (0, 90, 60), (0, 0, 1441)])
def test_a_span_outside_a_day_cannot_be_made(weekday: int, start: int, end: int) -> None:
    with pytest.raises(ValueError, match="weekday"):
        Span(weekday, start, end)


def test_touching_and_overlapping_spans_become_one() -> None:
    week = parse_week(["mon 09:00-12:00", "mon 11:00-13:00", "mon 13:00-14:00", "sun 22:00-24:00", "mon 00:00-01:00"])
    assert merged(week) == [(0, 60), (540, 840), (6 * DAY + 1320, WEEK)]


spans = st.builds(
    lambda day, a, b: Span(day, min(a, b), max(a, b) + 1), st.integers(0, 6), st.integers(0, 1439), st.integers(0, 1439)
)


@settings(deadline=None)
@given(st.lists(spans, max_size=6), st.datetimes())
def test_a_moment_is_covered_exactly_when_a_merged_span_holds_it(week: list[Span], local: datetime) -> None:
    minute = week_minute(local)
    assert covers(tuple(week), local) is any(start <= minute < end for start, end in merged(tuple(week)))
