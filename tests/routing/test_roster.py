from datetime import UTC, date, datetime, timedelta

import pytest

from app.routing.roster import Roster
from app.routing.staff import Leave, Mandate, Staff
from app.routing.week import parse_week
from app.vocabulary import MandateLevel
from tests.routing.made import NEXT, NOW, PUSH, TREES, agent, staff

OFFICE = parse_week(["mon-fri 09:00-17:00"])


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def on_duty(roster: Roster, moment: str) -> tuple[int, ...]:
    return roster.ids_of(roster.on_duty(utc(moment)))


def test_places_follow_ids_whatever_the_order_of_the_rows() -> None:
    roster = Roster(staff(agent(30), agent(10), agent(20, teams=(NEXT,))))
    assert roster.ids == (10, 20, 30)
    assert roster.members(PUSH) == (10, 30)
    assert roster.members(None) == roster.members(77) == ()


def test_two_agents_with_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="same id"):
        Roster(staff(agent(1), agent(1)))


@pytest.mark.parametrize(
    ("mandate", "mandated"),
    [
        (Mandate(1), True),
        (Mandate(1, 5), True),
        (Mandate(1, None, TREES), True),
        (Mandate(1, 5, TREES), True),
        (Mandate(1, 5, TREES, MandateLevel.DRAFT), True),
        (Mandate(team_id=PUSH), True),
        (Mandate(team_id=NEXT), False),
        (Mandate(1, 5, TREES, MandateLevel.READ), False),
        (Mandate(1, 6), False),
        (Mandate(1, None, 99), False),
        (Mandate(1, 6, TREES), False),
        (Mandate(2), False),
        (Mandate(404), False),
    ],
)
def test_a_mandate_holds_for_its_account_and_theme_where_none_means_every_one(mandate: Mandate, mandated: bool) -> None:
    roster = Roster(staff(agent(1), agent(2, teams=(NEXT,)), mandates=(mandate,)))
    assert (1 in roster.ids_of(roster.mandated(5, TREES))) is mandated


def test_a_mandate_for_one_theme_does_not_cover_a_ticket_without_a_theme() -> None:
    roster = Roster(staff(agent(1), agent(2), mandates=(Mandate(1, 5, TREES), Mandate(2, 5))))
    assert roster.ids_of(roster.mandated(5, None)) == (2,)


@pytest.mark.parametrize(
    ("moment", "who"),
    [
        ("2026-03-25T07:59:59", (3,)),  # 08:59:59 in Amsterdam
        ("2026-03-25T08:00", (1, 3)),
        ("2026-03-25T15:59:59.999999", (1, 3)),
        ("2026-03-25T16:00", (3,)),
        ("2026-03-28T10:00", (3,)),  # Saturday
        ("2026-03-28T23:30", (2, 3)),  # Sunday 00:30
        ("2026-03-29T21:59", (2, 3)),  # Sunday 23:59, in summer time
        ("2026-03-29T22:00", (3,)),  # Monday 00:00
        ("2026-03-30T07:00", (1, 3)),  # 09:00 in summer time
        ("2026-04-06T08:00", (3,)),  # a holiday
    ],
)
def test_working_hours_are_read_on_the_wall_clock(moment: str, who: tuple[int, ...]) -> None:
    people = (agent(1, hours=OFFICE), agent(2, hours=parse_week(["sun 00:00-24:00"])), agent(3), agent(4, hours=()))
    roster = Roster(staff(*people, holidays=(date(2026, 4, 6),)))
    assert on_duty(roster, moment) == who


def test_whoever_works_around_the_clock_is_never_off() -> None:
    roster = Roster(staff(agent(1, hours=parse_week(["mon-sun 00:00-24:00"]))))
    start = utc("2026-03-23T00:00")
    assert all(roster.on_duty(start + timedelta(minutes=17 * step)) == 1 for step in range(7 * 24 * 60 // 17))


@pytest.mark.parametrize(
    ("leave", "away"),
    [
        ((Leave(NOW, NOW + timedelta(hours=1)),), True),
        ((Leave(NOW - timedelta(hours=1), NOW),), False),
        ((Leave(NOW + timedelta(seconds=1)),), False),
        ((Leave(NOW - timedelta(days=9)),), True),
        (
            (
                Leave(NOW - timedelta(days=9), NOW + timedelta(days=1)),
                Leave(NOW - timedelta(days=3), NOW - timedelta(1)),
            ),
            True,
        ),
        ((Leave(NOW - timedelta(days=9)), Leave(NOW - timedelta(days=3), NOW - timedelta(days=1))), True),
        ((Leave(NOW + timedelta(days=1), NOW - timedelta(days=1)),), False),
        (
            (Leave(NOW - timedelta(days=2), NOW - timedelta(days=1)), Leave(NOW - timedelta(1), NOW + timedelta(1))),
            True,
        ),
    ],
)
def test_leave_counts_from_its_start_up_to_its_end_overlapping_or_not(leave: tuple[Leave, ...], away: bool) -> None:
    roster = Roster(staff(agent(1, leave=leave), agent(2)))
    assert roster.ids_of(roster.on_duty(NOW)) == ((2,) if away else (1, 2))


def test_a_leave_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        Leave(datetime(2026, 3, 25))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("now", "back"),
    [
        ("2026-03-25T17:00", "2026-03-26T08:00"),
        ("2026-03-27T17:00", "2026-03-30T07:00"),  # over the weekend into summer time
        ("2026-10-23T17:00", "2026-10-26T08:00"),  # and back into winter time
        ("2026-04-05T17:00", "2026-04-07T07:00"),  # over a holiday
        ("2026-03-25T07:59:30", "2026-03-25T08:00"),
    ],
)
def test_the_next_moment_somebody_is_at_work(now: str, back: str) -> None:
    roster = Roster(staff(agent(1, hours=OFFICE), holidays=(date(2026, 4, 3), date(2026, 4, 6))))
    assert roster.next_on_duty(1, utc(now)) == utc(back)


@pytest.mark.parametrize(("now", "back"), [("00:30", "00:45"), ("01:30", "01:45")])
def test_in_the_hour_that_occurs_twice_the_next_moment_is_still_ahead(now: str, back: str) -> None:
    roster = Roster(staff(agent(1, hours=parse_week(["sun 02:45-03:00"]))))
    assert roster.next_on_duty(1, utc(f"2026-10-25T{now}")) == utc(f"2026-10-25T{back}")


def test_the_next_moment_waits_for_the_end_of_leave() -> None:
    back = utc("2026-03-27T11:15")
    roster = Roster(staff(agent(1, hours=OFFICE, leave=(Leave(NOW - timedelta(days=1), back),))))
    assert roster.next_on_duty(1, NOW) == back


@pytest.mark.parametrize(
    "person", [agent(1, hours=()), agent(1, hours=OFFICE, leave=(Leave(NOW - timedelta(days=1)),))]
)
def test_who_does_not_come_back_within_three_weeks_has_no_next_moment(person: object) -> None:
    roster = Roster(staff(person))  # type: ignore[arg-type]
    assert roster.next_on_duty(1, NOW) is None


def test_a_staff_comes_back_from_json_equal() -> None:
    people = (
        agent(
            1, hours=OFFICE, leave=(Leave(NOW), Leave(NOW, NOW + timedelta(days=1))), skills=("legal",), leads=(PUSH,)
        ),
        agent(2, hours=()),
    )
    mandates = (Mandate(1, 5, TREES, MandateLevel.DRAFT), Mandate(team_id=NEXT))
    before = staff(*people, mandates=mandates, holidays=(date(2026, 4, 6),), languages=("nl",))
    assert Staff.from_json(before.to_json()) == before
