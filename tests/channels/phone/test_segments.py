"""How many parts an SMS takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.phone.segments import segments


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("€" * 152, 2),
        ("€" * 153, 3),  # an escaped character is not cut: 76 fit in one of several parts
        ("a" * 152 + "€" * 80, 3),
        ("ç" * 70, 1),  # Ç is in the alphabet, ç is not
        ("Ç" * 160, 1),
        ("ç" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 66, 2),
        ("😀" * 67, 3),  # 33 emoji fit in one of several parts, not 33 and a half
        ("één café in de straat", 1),
    ],
)
def test_a_text_takes_so_many_parts(text: str, parts: int) -> None:
    assert segments(text) == parts


@given(st.text(max_size=400), st.text(max_size=20))
def test_more_text_never_takes_fewer_parts(text: str, more: str) -> None:
    assert segments(text + more) >= segments(text)
