"""Group 6: dates that are missing, malformed or impossible."""

from datetime import UTC, datetime

import pytest

from app.channels.mail.dates import read_date, received_date
from tests.channels.mail.reading import mail, read


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Tue, 3 Nov 2026 10:12:00 +0100", datetime(2026, 11, 3, 9, 12, tzinfo=UTC)),
        ("3 Nov 2026 10:12 GMT", datetime(2026, 11, 3, 10, 12, tzinfo=UTC)),
        ("Tue, 3 Nov 2026 10:12:00 -0000", datetime(2026, 11, 3, 10, 12, tzinfo=UTC)),
        ("Tue, 03 Nov 26 10:12:00 +0100 (CET)", datetime(2026, 11, 3, 9, 12, tzinfo=UTC)),
    ],
)
def test_a_date_is_read_as_a_moment(written: str, meant: datetime) -> None:
    assert read_date(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "", "gisteren", "Tue, 32 Nov 2026 10:00:00 +0100", "Thu, 1 Jan 1970 00:00:00 +0000", "1 Jan 2099 00:00:00 +0000",
        "Tue, 3 Nov 2026 10:00:00 +9999999", "Tue, 3 Nov 99999 10:00:00 +0100", "3 Nov 2026 25:61:00 +0000", "x" * 200,
        "Tue, 3 Nov 2026 10:12:00 +0100" + " " * 200, "0", ",,,,", "\x00",
    ],
)  # fmt: skip
def test_an_impossible_date_is_none(written: str) -> None:
    assert read_date(written) is None


def test_a_date_long_after_the_mail_arrived_is_none() -> None:
    received = received_date(["from a by b; Tue, 3 Nov 2026 10:00:00 +0100"])
    assert read_date("Wed, 3 Nov 2027 10:00:00 +0100", received) is None
    assert read_date("Tue, 3 Nov 2026 22:00:00 +0100", received) is not None


def test_an_unbelievable_date_is_told() -> None:
    reaction = read(mail(date="Mon, 1 Jan 2099 00:00:00 +0000"))
    assert reaction.sent_at is None
    assert reaction.advice["date_unbelievable"] == "Mon, 1 Jan 2099 00:00:00 +0000"


def test_the_mailboxs_own_date_tells_what_lies_in_the_future() -> None:
    raw = mail(date="Wed, 3 Nov 2027 10:00:00 +0100")
    assert read(raw).sent_at is not None
    assert read(raw, internal_date="03-Nov-2026 10:00:00 +0100").sent_at is None


def test_a_good_date_is_not_commented_on() -> None:
    assert "date_unbelievable" not in read(mail(date="Tue, 3 Nov 2026 10:12:00 +0100")).advice
