"""One JSON line per event, with a dotted name and the ids that belong to it.

Use `log.event("intake.admitted", account=3, ticket=17)`. Addresses and numbers go through `shortened` first; secrets
and citizens' words are never logged. Pure code (routing, parsers, threading) does not log: it returns what it found.

Why an error is logged without its message: those of databases, parsers and HTTP clients repeat what they choked on, and that
is somebody's address or words. Where it went wrong, and its kind and code, are there; what a library writes by itself becomes
a line of the same form, as its sentence without what it fills in.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any

import structlog


def configure(level: str = "INFO") -> None:
    """Set up JSON lines on standard error. Called once by each command before anything starts."""
    logging.basicConfig(stream=sys.stderr, level=getattr(logging, level), force=True)
    logging.getLogger().handlers[0].setFormatter(_OneLine())
    for noisy in ("alembic", "httpcore", "httpx", "mail.log", "procrastinate", "psycopg", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for own in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # it brings handlers of its own, which do not write JSON
        logging.getLogger(own).handlers.clear()
        logging.getLogger(own).propagate = True
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _told,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def _told(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The line with its error in a form that repeats nobody's words."""
    error = line.pop("exc_info", None)
    return {**line, "error": list(_kinds(error))} if isinstance(error, BaseException) else line


def _kinds(error: BaseException) -> Iterator[dict[str, Any]]:
    """The error and those that it came from, each with its type, its code where it has one, and where it was."""
    seen: set[int] = set()
    now: BaseException | None = error
    while now is not None and id(now) not in seen:
        seen.add(id(now))
        code = getattr(now, "sqlstate", None) or getattr(now, "errno", None) or getattr(now, "code", None)
        places = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(now.__traceback__)]
        yield {"type": type(now).__qualname__, **({"code": str(code)} if code else {}), "at": places}
        now = now.__cause__ or (None if now.__suppress_context__ else now.__context__)


class _OneLine(logging.Formatter):
    """What libraries say through the standard library's logging."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON line."""
        stamp = self.formatTime(record, "%Y-%m-%dT%H:%M:%S")
        line = {"library": record.name, "words": str(record.msg), "event": "library.said"}
        error = record.exc_info[1] if record.exc_info else None
        told = {"error": list(_kinds(error))} if error is not None else {}
        return json.dumps({**line, "level": record.levelname.lower(), "timestamp": stamp, **told})


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
