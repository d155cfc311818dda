"""Dates, numbers and sizes as people here write them: Dutch or English, on the clocks of the Netherlands."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal

from app import clock
from app.vocabulary import Language

ZONE = ZoneInfo("Europe/Amsterdam")
_UNITS = ("bytes", "kB", "MB", "GB")


@cache
def locale(language: Language) -> Locale:
    """Babel's locale; English as written in Europe (day before month, 24 hours)."""
    return Locale.parse("nl_NL" if language is Language.DUTCH else "en_GB")


@cache
def months(language: Language) -> dict[int, str]:
    """The short names of months. Babel takes its time to write a date, and a page has dozens; these are put together here."""
    return dict(locale(language).months["format"]["abbreviated"])


def when(moment: datetime | None, language: Language, pattern: str = "medium") -> str:
    """`3 nov 2026 14:05`; `long` spells the month, `short` is for narrow columns. Empty when there is no moment."""
    if moment is None:
        return ""
    here = moment.astimezone(ZONE)
    if pattern == "medium":
        return f"{here.day} {months(language)[here.month]} {here.year} {here:%H:%M}"
    if pattern == "short":
        return f"{here.day} {months(language)[here.month]} {here:%H:%M}"
    styles = {"long": "EEEE d MMMM y, HH:mm"}
    return format_datetime(moment, styles.get(pattern, pattern), tzinfo=ZONE, locale=locale(language))


def day(moment: datetime | None, language: Language) -> str:
    """`3 november 2026`, the date on our clocks. Empty when there is no moment."""
    return format_date(moment.astimezone(ZONE), "d MMMM y", locale=locale(language)) if moment else ""


def ago(moment: datetime | None, language: Language) -> str:
    """`5 uur geleden`, `over 2 dagen`. Empty when there is no moment."""
    if moment is None:
        return ""
    return format_timedelta(moment - clock.now(), add_direction=True, locale=locale(language))


def number(value: float, language: Language) -> str:
    """`12.345,6` in Dutch."""
    return format_decimal(value, locale=locale(language))


def size(count: int, language: Language) -> str:
    """`1,4 MB`: decimal units, one digit behind the comma from kB on."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{format_decimal(round(value, 1) if unit else count, locale=locale(language))} {_UNITS[unit]}"
