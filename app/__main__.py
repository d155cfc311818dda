"""The `weerklank` command, also as `python -m app`.

Two programs behind one name: an MTA starts `mail-in` for every mail and needs less than half of the code, so only that is
loaded for it. This is the one place where modules of our own are loaded by name; below it imports stand at the top of their
files.

Loading makes some hundred thousand objects that all stay, so looking for garbage among them is a seventh of the time it
takes, for nothing: that begins afterwards, and passes them over from then on.
"""

import gc
import os
import sys
from importlib import import_module
from typing import Any

TEMPORARY = 75


def main() -> int:
    """Run the command that the arguments name; gives the exit status."""
    if sys.argv[1:2] == ["mail-in"]:
        return _mail_in()
    return int(_loaded("app.cli").main())


def _mail_in() -> int:
    """An installation that is half replaced, or a full table of open files, must cost nobody a mail either."""
    try:
        return int(_loaded("app.mail_in").main(sys.argv[2:], dict(os.environ)))
    except Exception as error:  # noqa: BLE001  (every other status than 75 returns the mail to its sender)
        print(f"The mail is not stored, try again later: {type(error).__name__}.", file=sys.stderr)
        return TEMPORARY


def _loaded(name: str) -> Any:
    gc.disable()
    module = import_module(name)
    gc.freeze()
    gc.enable()
    return module


if __name__ == "__main__":
    sys.exit(main())
