"""The Dutch public holidays, for calendars and working hours.

Source: Algemene termijnenwet, article 3 (1): New Year's Day, Easter Monday, Ascension Day, Whit Monday, both Christmas
days, the day the King's birthday is celebrated, and 5 May. Good Friday is treated alike (3 (2)). Easter Sunday and Whit
Sunday are Sundays anyway.
"""

from datetime import date, timedelta


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (the anonymous algorithm published in Nature, 1876)."""
    golden, century, rest = year % 19, year // 100, year % 100
    shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - shift + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    leap = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * leap + 114, 31)
    return date(year, month, day + 1)


def dutch_holidays(year: int) -> frozenset[date]:
    """The days off of that year by law."""
    sunday = easter(year)
    king = date(year, 4, 27)
    if king.weekday() == 6:
        king -= timedelta(days=1)
    moving = {sunday + timedelta(days=days) for days in (-2, 1, 39, 50)}
    return frozenset(moving | {date(year, 1, 1), king, date(year, 5, 5), date(year, 12, 25), date(year, 12, 26)})
