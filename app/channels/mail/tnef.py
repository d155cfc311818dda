"""Outlook's winmail.dat (TNEF) unpacked: the files inside, nothing executed, nothing believed.

The library recurses and raises almost anything on damaged input (`struct.error` on an empty one), so all of it is caught;
the container itself is then kept as the file. It also logs and warns about damage: that is silenced here, since reading is
pure, and the outcome tells the same.
"""

import logging
import warnings
from dataclasses import dataclass

from tnefparse import TNEF

logging.getLogger("tnefparse").setLevel(logging.CRITICAL + 1)

_LARGEST = 60_000_000
_MOST = 100


@dataclass(frozen=True, slots=True)
class Packed:
    """A file from inside."""

    name: str
    content: bytes


def unpacked(data: bytes) -> list[Packed]:
    """The files in a winmail.dat; empty when there are none or it cannot be read."""
    if len(data) > _LARGEST or not data.startswith(b"\x78\x9f\x3e\x22"):
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            files = [Packed(_name(file), bytes(file.data or b"")) for file in TNEF(data).attachments[:_MOST]]
            return [file for file in files if file.name or file.content]
    except Exception:  # noqa: BLE001  any error of the library means: cannot be read
        return []


def _name(file: object) -> str:
    long_name = getattr(file, "long_filename", None)
    name = long_name() if callable(long_name) else getattr(file, "name", "")
    text = name.decode("cp1252", "replace") if isinstance(name, bytes) else str(name or "")
    return text.strip("\x00 ")
