"""Passwords: argon2id, as slow as is bearable, a few at a time.

Why a limit on how many are computed at once: one costs 64 MB and most of a second of a core. Without it forty threads of
strangers guessing would take the memory and the cores that colleagues work with.
"""

from functools import cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from app.errors import Fault, Invalid

SHORTEST = 12  # ASVS 5.0 6.2.1 asks at least 8, recommends 15; no rules about which characters (6.2.5)
LONGEST = 256
AT_ONCE = 2


class Passwords:
    """Hashes and compares. `cost` is `normal`, or `low` for test runs only."""

    def __init__(self, cost: str) -> None:
        low = cost == "low"
        hasher = Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1) if low else Argon2Hasher()
        self._hash = PasswordHash((hasher,))
        self._turns = BoundedSemaphore(AT_ONCE)
        self._nobody = self._hash.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """The text to store. Raises `Invalid` for a password that is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            fix = f"Choose a password of {SHORTEST} to {LONGEST} characters; a few words are fine."
            raise Invalid("password", fix, [Fault("password", "length", fix)])
        with self._turns:
            return self._hash.hash(password)

    def matches(self, password: str, stored: str | None) -> bool:
        """Whether it is the one; takes as long when there is none stored (unknown account, or one without a password)."""
        with self._turns:
            try:
                same = self._hash.verify(password[:LONGEST], stored or self._nobody)
            except (PwdlibError, UnicodeEncodeError):
                same = False
        return same and bool(stored)


@cache
def passwords(cost: str) -> Passwords:
    """The one `Passwords` of this process for a cost."""
    return Passwords(cost)
