import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk.thread import Part, parts

QUOTE, SIGNATURE = "Quoted text", "Signature"


@pytest.mark.parametrize(
    ("text", "folds", "expected"),
    [
        ("Hallo", [], [Part("Hallo")]),
        ("", [], [Part("")]),
        (
            "Ja.\n> vraag\nGroet",
            [[4, 11, "quote"], [12, 17, "signature"]],
            [Part("Ja."), Part("> vraag", QUOTE), Part("Groet", SIGNATURE)],
        ),
        ("> vraag", [[0, 7, "quote"]], [Part("> vraag", QUOTE)]),
        ("abc", [[2, 99, "quote"]], [Part("abc")]),
        ("abcdef", [[0, 4, "quote"], [2, 6, "signature"]], [Part("abcd", QUOTE), Part("ef")]),
    ],
)
def test_a_text_is_cut_at_its_folds(text: str, folds: list[list[object]], expected: list[Part]) -> None:
    assert parts(text, folds) == expected


@given(st.text(alphabet="ab \n", max_size=40), st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45)), max_size=5))
def test_no_fold_ever_loses_a_word(text: str, spans: list[tuple[int, int]]) -> None:
    kept = "".join(part.text for part in parts(text, [[a, b, "quote"] for a, b in spans]))
    assert "".join(kept.split()) == "".join(text.split())
