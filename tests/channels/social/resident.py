"""How much memory this process holds."""

import os
from pathlib import Path


def resident_bytes() -> int:
    """Resident set size, from /proc."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
