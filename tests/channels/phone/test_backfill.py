"""The moments in Twilio's rows."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.phone.backfill import moment

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"date_sent": "Tue, 24 Nov 2026 12:00:00 +0000"}, NOON),
        ({"date_sent": "Tue, 24 Nov 2026 13:00:00 +0100"}, NOON),
        ({"date_sent": "Tue, 24 Nov 2026 12:00:00"}, NOON),
        ({"date_sent": None, "date_created": "Tue, 24 Nov 2026 12:00:00 +0000"}, NOON),
        ({"date_sent": 12}, None),
        ({"date_sent": "gisteren"}, None),
        ({"date_sent": "Tue, 24 Nov 99999999999999999999 12:00:00 +0000"}, None),
        ({"date_sent": "Fri, 31 Dec 9999 23:59:00 -2300"}, None),
        ({}, None),
    ],
)
def test_a_moment_is_read_or_there_is_none(row: dict[str, object], expected: datetime | None) -> None:
    assert moment(row, "date_sent") == expected


@given(st.text(max_size=40))
def test_no_text_gets_out_of_reading_a_moment(text: str) -> None:
    found = moment({"date_sent": text}, "date_sent")
    assert found is None or found.tzinfo is not None
