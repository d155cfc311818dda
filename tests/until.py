"""Waiting for something to become true, instead of sleeping and hoping."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

import pytest

T = TypeVar("T")


def until(condition: Callable[[], T], seconds: float = 10, every: float = 0.01, saying: str = "") -> T:
    """The first truthy value of `condition`, asked every `every` seconds; fails the test after `seconds`.

    `saying` tells in the failure what was waited for.
    """
    deadline = monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if monotonic() > deadline:
            pytest.fail(
                f"not within {seconds} s: {saying or getattr(condition, '__name__', condition)} (last: {value!r})"
            )
        sleep(every)
