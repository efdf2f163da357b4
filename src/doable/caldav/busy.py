"""When the events of a collection take their owner's time (RFC 4791, 7.10)."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Final, NamedTuple

from doable.caldav import overlaps
from doable.caldav.filters import TimeRange
from doable.caldav.occurrences import Occurrences
from doable.ical import text as written
from doable.ical.lines import Component, Malformed, components

KINDS: Final = frozenset({"VEVENT", "VFREEBUSY"})


class Period(NamedTuple):
    """A time that is taken."""

    kind: str
    """FBTYPE."""
    start: datetime
    end: datetime


def periods(texts: Iterable[str], wanted: TimeRange, zone: tzinfo) -> list[Period]:
    """Those of these objects that are in the range, cut to it."""
    found: list[Period] = []
    begin, end = overlaps.bounds(wanted)
    for text in texts:
        try:
            calendar = components(text)[0]
        except Malformed:  # nothing that was put
            continue
        found += [
            Period(kind, max(start, begin), min(until, end))
            for kind, start, until in [*_events(calendar, wanted, zone), *_free_busy(calendar, zone)]
            if start < end and until > begin and until > start
        ]
    return found


def written_of(found: Iterable[Period], wanted: TimeRange, now: datetime) -> str:
    """The answer: a VFREEBUSY, in which periods of one kind that touch are one."""
    begin, end = wanted.start, wanted.end
    said = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Doable//Doable//EN",
        "BEGIN:VFREEBUSY",
        f"UID:{uuid.uuid4()}",
        f"DTSTAMP:{written.instant(now)}",
        *([] if begin is None else [f"DTSTART:{written.instant(begin)}"]),
        *([] if end is None else [f"DTEND:{written.instant(end)}"]),
    ]
    for kind, start, until in _joined(found):
        said.append(f"FREEBUSY;FBTYPE={kind}:{written.instant(start)}/{written.instant(until)}")
    said += ["END:VFREEBUSY", "END:VCALENDAR"]
    return b"".join(map(written.line, said)).decode()


def _events(calendar: Component, wanted: TimeRange, zone: tzinfo) -> list[Period]:
    occurrences = Occurrences(calendar, "VEVENT", zone)
    found = []
    for each in occurrences.within(wanted)[0]:
        kind, taken = _kind(each.component), occurrences.taken(each)
        if kind is not None and taken is not None:
            found.append(Period(kind, *taken))
    return found


def _kind(event: Component) -> str | None:
    transparency, status = event.first("TRANSP"), event.first("STATUS")
    if transparency is not None and transparency.value.strip().upper() == "TRANSPARENT":
        return None
    said = "" if status is None else status.value.strip().upper()
    return {"CANCELLED": None, "TENTATIVE": "BUSY-TENTATIVE"}.get(said, "BUSY")


def _free_busy(calendar: Component, zone: tzinfo) -> list[Period]:
    occurrences = Occurrences(calendar, "VFREEBUSY", zone)
    found = []
    for each in occurrences.members:
        for line in each.all("FREEBUSY"):
            kind = (line.parameter("FBTYPE") or "BUSY").upper()
            if kind != "FREE":
                known = kind if kind in {"BUSY", "BUSY-UNAVAILABLE", "BUSY-TENTATIVE"} else "BUSY"
                found += [Period(known, start, end) for start, end in occurrences.periods(line)]
    return found


def _joined(found: Iterable[Period]) -> Sequence[Period]:
    joined: list[Period] = []
    for each in sorted(found):
        last = joined[-1] if joined else None
        if last is not None and last.kind == each.kind and each.start <= last.end:
            joined[-1] = last._replace(end=max(last.end, each.end))
        else:
            joined.append(each)
    return joined
