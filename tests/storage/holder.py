"""A process that holds the database of a data folder open: `python -m tests.storage.holder FOLDER`.

It writes the server's pid when ready, ends in order on SIGTERM or SIGINT as the commands do, and dies at SIGKILL.
"""

import signal
import sys
from pathlib import Path
from threading import Event

from sqlalchemy import text

from app import log
from app.settings import Settings
from app.storage.database import open_database


def main() -> None:
    log.configure()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: sys.exit(0))
    with open_database(Settings(data=Path(sys.argv[1]))) as database:
        with database.read_only() as session:
            session.execute(text("SELECT 1"))
        print((Path(sys.argv[1]) / "pg" / "postmaster.pid").read_text().splitlines()[0], flush=True)
        Event().wait()


if __name__ == "__main__":
    main()
