"""What FETCH and SEARCH answers say, in every order in which servers write them."""

from typing import Any

import pytest

from app.channels.mail.fetched import literals, numbers, sizes

LITERALS: list[tuple[list[Any], dict[int, bytes]]] = [
    ([None], {}),
    ([(b"1 (UID 4 BODY[] {2}", b"ab"), b")"], {4: b"ab"}),
    ([(b"1 (BODY[] {2}", b"ab"), b" UID 4)"], {4: b"ab"}),
    ([(b"1 (UID 4 BODY[] {2}", b"ab"), b")", (b"2 (UID 5 BODY[] {2}", b"cd"), b")"], {4: b"ab", 5: b"cd"}),
    ([b"3 (FLAGS (\\Seen))", (b"1 (UID 4 BODY[] {2}", b"ab"), b")", b"1 (UID 4 FLAGS (\\Seen))"], {4: b"ab"}),
    ([(b"1 (UID 4 BODY[]<0> {0}", b""), b")"], {4: b""}),
    ([b'1 (UID 4 BODY[]<100> "")'], {4: b""}),
    ([b'1 (UID 4 BODY[] "kort \\"zo\\" \\\\")'], {4: b'kort "zo" \\'}),
    ([b"1 (UID 4 BODY[] NIL)"], {}),
    ([(b"1 (UID 4 BODY[] {2}", b"ab")], {4: b"ab"}),
]


@pytest.mark.parametrize(("data", "found"), LITERALS)
def test_bodies_are_found_by_uid(data: list[Any], found: dict[int, bytes]) -> None:
    assert literals(data) == found


def test_sizes_and_times_of_arrival_are_found_by_uid() -> None:
    data = [
        b'1 (UID 4 RFC822.SIZE 300 INTERNALDATE "24-Nov-2026 20:48:40 +0000")',
        b"2 (RFC822.SIZE 12 UID 5)",
        b"2 (FLAGS (\\Seen))",
        None,
    ]
    assert sizes(data) == {4: (300, "24-Nov-2026 20:48:40 +0000"), 5: (12, "")}


@pytest.mark.parametrize(("data", "found"), [([None], []), ([b""], []), ([b"9 3 3", b"1"], [1, 3, 9])])
def test_numbers_come_in_order(data: list[Any], found: list[int]) -> None:
    assert numbers(data) == found
