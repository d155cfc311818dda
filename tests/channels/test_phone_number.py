"""Telephone numbers in their one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.phone_number import answerable, e164, shown


@pytest.mark.parametrize(
    "written", ["06-12345678", "0612345678", "0031 6 12345678", "+31 (0)6 1234 5678", "+31612345678"]
)
def test_one_number_has_one_form(written: str) -> None:
    assert e164(written) == "+31612345678"


@pytest.mark.parametrize(
    "written", ["112", "14020", "+3114020", "2300", "", "bel mij", "06-1234", "+99912345678", "٠٦١٢٣٤٥٦٧٨"]
)
def test_what_is_no_whole_number_is_none(written: str) -> None:
    assert e164(written) is None


@pytest.mark.parametrize(
    ("number", "may"), [("+31612345678", True), ("+31201234567", True), ("+319001234", False), ("112", False)]
)
def test_paid_and_short_numbers_are_not_answered(number: str, may: bool) -> None:
    assert answerable(number) is may


def test_people_see_a_number_as_they_write_it() -> None:
    assert (shown("+31612345678"), shown("+442079460000"), shown("2300")) == ("06 12345678", "+44 20 7946 0000", "2300")


@given(st.text(max_size=60))
def test_any_text_is_a_number_that_stays_itself_or_none(text: str) -> None:
    number = e164(text)
    assert number is None or e164(number) == number
