"""Whether a to-do is complete: STATUS, COMPLETED and PERCENT-COMPLETE, any of which may say so."""

from datetime import datetime
from typing import NamedTuple

from doable.caldav.source import Edits, Source
from doable.ical import text


class State(NamedTuple):
    """What a task has of it."""

    is_completed: bool
    is_cancelled: bool
    completed_at: datetime | None
    """None where it is not complete, or nobody knows since when."""


def read(source: Source) -> State:
    """It is complete if one of the three says so (RFC 5545, sections 3.8.1.8, 3.8.1.11 and 3.8.2.1)."""
    status, since = source.value("STATUS").upper(), source.value("COMPLETED")
    is_cancelled = status == "CANCELLED"
    if not (is_cancelled or status == "COMPLETED" or since or source.value("PERCENT-COMPLETE") == "100"):
        return State(is_completed=False, is_cancelled=False, completed_at=None)
    at = source.instant("COMPLETED") or source.instant("LAST-MODIFIED")
    return State(is_completed=True, is_cancelled=is_cancelled, completed_at=at)


def put(edits: Edits, wanted: State, now: datetime) -> None:
    """Where it is complete in both, and the text does not say since when, or from a clock that is fast, it stays so."""
    said = read(edits.source)
    if wanted[:2] == said[:2]:
        at, wanted_at = edits.source.instant("COMPLETED"), wanted.completed_at
        if at is not None and wanted_at is not None and at <= now and wanted_at.replace(microsecond=0) != at:
            edits.put("COMPLETED", text.instant(wanted_at), "")
    elif not wanted.is_completed:
        edits.put("STATUS", "NEEDS-ACTION")
        edits.drop("COMPLETED", "PERCENT-COMPLETE")
    else:
        edits.put("STATUS", "CANCELLED" if wanted.is_cancelled else "COMPLETED")
        edits.put("COMPLETED", text.instant(wanted.completed_at or now), "")
        if not wanted.is_cancelled:
            edits.put("PERCENT-COMPLETE", "100")
