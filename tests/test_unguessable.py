import re

from app.unguessable import unguessable


def test_is_made_of_letters_and_digits_only_so_that_no_command_takes_it_for_an_option() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9]{22}", unguessable()) for _ in range(500))


def test_is_as_long_as_asked() -> None:
    assert len(unguessable(12)) == 12


def test_is_another_every_time() -> None:
    assert len({unguessable() for _ in range(500)}) == 500
