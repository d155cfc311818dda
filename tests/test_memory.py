"""What was freed between things that stay goes back to the system."""

import sys
from pathlib import Path

import pytest

from app import memory


def resident() -> int:
    """Bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux's C library can be asked")
def test_what_lies_between_things_that_stay_is_given_back() -> None:
    blocks = [bytearray(60_000) for _ in range(1_000)]
    stays = blocks[::25]
    before = resident()
    del blocks
    memory.give_back()
    assert resident() < before - 30_000_000
    assert len(stays) == 40
