"""Where to go after signing in: a path on this site, whatever the address says."""

import re

# Browsers read "\" as "/", skip tabs and newlines, and take "//host" for another site.
_OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def safe(address: str | None, otherwise: str) -> str:
    """`address` when it is a path on this site, else `otherwise`."""
    return address if address is not None and len(address) < 2000 and _OURS.fullmatch(address) else otherwise
