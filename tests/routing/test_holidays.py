from datetime import date

import pytest

from app.routing.holidays import dutch_holidays, easter


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [
        (1818, 3, 22),
        (1943, 4, 25),
        (2000, 4, 23),
        (2019, 4, 21),
        (2024, 3, 31),
        (2025, 4, 20),
        (2026, 4, 5),
        (2038, 4, 25),
    ],
)
def test_easter_falls_where_the_almanac_says(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


def test_the_days_off_of_2026() -> None:
    assert sorted(day.strftime("%m-%d") for day in dutch_holidays(2026)) == [
        "01-01", "04-03", "04-06", "04-27", "05-05", "05-14", "05-25", "12-25", "12-26",
    ]  # fmt: skip


def test_kings_day_moves_to_saturday_when_the_27th_is_a_sunday() -> None:
    assert date(2025, 4, 26) in dutch_holidays(2025)
    assert date(2025, 4, 27) not in dutch_holidays(2025)
