"""One JSON line per event, with a dotted name and the ids that belong to it.

Use `log.event("intake.admitted", account=3, ticket=17)`. Addresses and numbers go through `shortened` first; secrets
and citizens' words are never logged. Pure code (routing, parsers, threading) does not log: it returns what it found.
"""

import logging
import sys
from typing import Any

import structlog


def configure(level: str = "INFO") -> None:
    """Set up JSON lines on standard error. Called once by each command before anything starts."""
    logging.basicConfig(stream=sys.stderr, level=getattr(logging, level), format="%(message)s", force=True)
    for noisy in ("alembic", "httpcore", "httpx", "mail.log", "procrastinate", "psycopg", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def event(name: str, **ids: Any) -> None:
    """Something happened that an operator may want to know."""
    structlog.get_logger().info(name, **ids)


def trouble(name: str, *, error: BaseException | None = None, **ids: Any) -> None:
    """Something went wrong that the system goes on from; with the traceback of `error` where there is one."""
    structlog.get_logger().warning(name, **ids, **({"exc_info": error} if error is not None else {}))


def bind(**ids: Any) -> None:
    """Attach ids to every following line of this request or job."""
    structlog.contextvars.bind_contextvars(**ids)


def clear() -> None:
    """Forget what `bind` attached."""
    structlog.contextvars.clear_contextvars()


def shortened(address: str) -> str:
    """An address or number that a reader can tell apart but not write to: `ja…@gemeente.example`, `+316…89`."""
    local, at, domain = address.rpartition("@")
    if at:
        return f"{local[:2]}…@{domain}"
    return f"{address[:4]}…{address[-2:]}" if len(address) > 6 else "…"
