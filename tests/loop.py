"""An event loop of one's own: the browser of other tests keeps one running in the test's thread."""

from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import anyio

T = TypeVar("T")


def alone(ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What `ask` gives, run in a thread beside."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, ask).result()
