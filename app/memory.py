"""Giving memory back to the system.

Starting frees much: templates are compiled, translations and routes read, a first page made. The C library keeps what was
freed between things that stay, which is a few MB of each process for as long as it runs. Linux's can be asked to give it
back; elsewhere this does nothing.

Why not fewer arenas (MALLOC_ARENA_MAX): measured, it changes nothing here, since Python's threads allocate one at a time.
"""

import ctypes
from collections.abc import Callable

_TRIM: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back() -> bool:
    """Ask for it; whether something was given back. Takes a few milliseconds."""
    return _TRIM is not None and bool(_TRIM(0))
