"""References: typed badly they still mean the same ticket, and a slip of the finger means none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tickets import reference

numbers = st.integers(min_value=1, max_value=10**12)


@given(numbers)
def test_what_is_written_is_read_back(number: int) -> None:
    assert reference.parse(reference.of(number)) == number


@given(numbers, st.data())
def test_one_wrong_digit_is_no_ticket(number: int, data: st.DataObject) -> None:
    digits = str(number)
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != digits[place]]))
    wrong = reference.of(number).replace(digits, digits[:place] + other + digits[place + 1 :])
    assert reference.parse(wrong) is None


@given(numbers, st.data())
def test_two_swapped_neighbours_are_no_ticket(number: int, data: st.DataObject) -> None:
    digits = str(number)
    places = [n for n in range(len(digits) - 1) if digits[n] != digits[n + 1]]
    if places:
        at = data.draw(st.sampled_from(places))
        swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
        assert reference.parse(reference.of(number).replace(digits, swapped)) is None


@pytest.mark.parametrize(
    "typed",
    [
        "WK-1240-{}",
        "wk-1240-{}",
        "  wk 1240 {} ",
        "WK1240{}",
        "WK–1240–{}",
        "wk.1240.{}",
        "WK-124O-{}",
        "WK-I24O-{}",
        "WK-l240-{}",
    ],
)
def test_a_badly_typed_reference_is_understood(typed: str) -> None:
    assert reference.parse(typed.format(reference.of(1240)[-1].lower())) == 1240


@pytest.mark.parametrize(
    "text", ["", "1240", "WK-1240", "WK--", "WK-0-T", "XWK-1-R", "WK-99999999999999999999-A", "WK-1-R1"]
)
def test_anything_else_is_none(text: str) -> None:
    assert reference.parse(text) is None


def test_references_are_found_in_a_subject_each_once() -> None:
    first, second = reference.of(17), reference.of(4242)
    assert reference.find(f"Re: Antw: {first} en {second.lower()}, dus {first}; WK-17-Q niet") == [17, 4242]


def test_a_ticket_without_a_number_has_no_reference() -> None:
    with pytest.raises(ValueError, match="numbered"):
        reference.of(0)


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    reference.parse(text)
    reference.find(text)
