"""Logs: one line of JSON for each event, or a readable line on a terminal. To stderr; no token, password or body ever."""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic_core import to_json

from doable.http.stderr import StderrHandler, handler_of

FIELDS = ("request_id", "method", "route", "status", "duration_ms", "user_id")
"""The fields in the line of a request. The path itself is not logged: it is the client's own text."""

_requests = logging.getLogger("doable.requests")

_LIBRARIES = ("uvicorn", "asyncio", "asyncpg", "alembic", "watchfiles")


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}


def _where(record: logging.LogRecord) -> list[str] | None:
    """The type and the places of an exception, without its message, which may quote a row or an input."""
    if not record.exc_info or record.exc_info[0] is None:
        return None
    kind, _, trace = record.exc_info
    return [
        kind.__name__,
        *(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-10:]),
    ]


class JSONFormatter(logging.Formatter):
    """One line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": _time(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **_fields(record),
        }
        where = _where(record)
        if where:
            line["exception"] = where
        try:  # it takes 0.6 µs, and the other 3
            return to_json(line, ensure_ascii=True).decode()
        except ValueError:  # half a surrogate pair, as in the name of a file that is no UTF-8
            return json.dumps(line, separators=(",", ":"))


class TerminalFormatter(logging.Formatter):
    """One line for a person."""

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(str(value) for value in _fields(record).values())
        when = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        lines = [
            f"{when} {record.levelname.lower():7} {record.getMessage()} {fields}".rstrip(),
            *(_where(record) or []),
        ]
        return "\n    ".join(lines)


def log_request(values: Mapping[str, object]) -> None:
    """Log that a request was answered: those of FIELDS that are not null.

    Every request comes by here, so its line of JSON is made without a LogRecord, which would take 10 µs more.
    """
    fields = {name: value for name, value in values.items() if value is not None}
    handler = _by_line()
    if handler is None:
        _requests.info("request", extra=fields)
    elif _requests.isEnabledFor(logging.INFO):
        line = {"time": _time(datetime.now(UTC)), "level": "info", "event": "request", **fields}
        handler.write(to_json(line, ensure_ascii=True) + b"\n")


def _by_line() -> StderrHandler | None:
    """The handler that lines of JSON can be given to as they are; None where there is a terminal, or nobody at all."""
    handlers = logging.root.handlers
    if (
        len(handlers) == 1
        and type(handler := handlers[0]) is StderrHandler
        and type(handler.formatter) is JSONFormatter
    ):
        return handler
    return None


def _time(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds")


def _handler() -> logging.Handler:
    try:
        return handler_of(sys.stderr.fileno())
    except (AttributeError, OSError):  # it was closed before the start
        return logging.NullHandler()


def configure(*, debug: bool) -> None:
    """Send everything that is logged in this process to stderr, in one form."""
    handler = _handler()
    handler.setFormatter(TerminalFormatter() if debug or (sys.stderr and sys.stderr.isatty()) else JSONFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    # No line has these, so they are not looked up for each (docs.python.org/3/howto/logging.html, "Optimization").
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001 - the documented switch for where a line was logged
    logging.getLogger("doable").setLevel(logging.DEBUG if debug else logging.INFO)
    for name in _LIBRARIES:
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
