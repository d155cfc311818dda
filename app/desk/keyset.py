"""Where a page of a list ended, as it stands in the address of the next page. It holds no personal data."""

from datetime import datetime
from urllib.parse import urlencode

from fastapi import Request

from app.tickets.lists import Position


def position_of(after: str) -> Position | None:
    """The position in `RANK_TIME_ID`; None, which is the first page, for anything else."""
    rank, _one, rest = after.partition("_")
    moment, _two, number = rest.rpartition("_")
    try:
        due = datetime.fromisoformat(moment)
        return Position(int(rank), due, int(number)) if due.tzinfo is not None else None
    except ValueError:
        return None


def more_of(request: Request, after: str) -> str:
    """This page's address, one page on."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in ("after", "said")]
    return f"{request.url.path}?{urlencode([*kept, ('after', after)])}"
