"""Sets of agents as whole numbers: bit i stands for the agent at place i, places follow the ids.

A check is then one `&`, whatever the number of agents.
"""

from collections.abc import Iterable, Iterator


def places(bits: int) -> Iterator[int]:
    """The places that are set, lowest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def bits_of(members: Iterable[int]) -> int:
    """The set with these places."""
    bits = 0
    for place in members:
        bits |= 1 << place
    return bits
