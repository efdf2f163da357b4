"""Members of a task that are one property each, or nearly: what a VTODO says of them, and how that is changed."""

import re
from datetime import datetime
from typing import Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from doable.caldav.source import Edits, Source, without
from doable.ical import text
from doable.ical.lines import Line
from doable.ical.values import duration
from doable.tasks.fields import MAX_ESTIMATE, USUAL_LENGTH, Url
from doable.tasks.names import MAX_UID
from doable.tasks.schemas import MAX_TITLE_LENGTH
from doable.tasks.tag_names import MAX_TAG_LENGTH, MAX_TAGS_OF_A_TASK, by_key, key_of

NO_TITLE: Final = "(no title)"
_URL: Final[TypeAdapter[str]] = TypeAdapter(Url)
_NO_NAME: Final = re.compile(r"[\x7f-\x84\x86-\x9f]")
_PARENTS: Final = frozenset({None, "", "PARENT"})


def title(source: Source) -> str:
    """SUMMARY. What is too long is cut, and has a sign of that."""
    whole = text.sayable(text.unescaped(source.value("SUMMARY"))).strip()
    if len(whole) > MAX_TITLE_LENGTH:
        return f"{whole[: MAX_TITLE_LENGTH - 1]}…"
    return whole or NO_TITLE


def put_title(edits: Edits, wanted: str) -> None:
    """A title of which only the beginning is known stays as long as that does."""
    if text.sayable(wanted).strip() != title(edits.source):
        _put_text(edits, "SUMMARY", wanted)


def description(source: Source, longest: int) -> str | None:
    """DESCRIPTION, cut where it is too long: but not where anybody may have cut it by hand."""
    return _description(source)[: max(longest, USUAL_LENGTH)] or None


def _description(source: Source) -> str:
    line = source.first.get("DESCRIPTION")
    return "" if line is None else text.sayable(text.unescaped(line.value))


def put_description(edits: Edits, wanted: str | None) -> None:
    """As with a title. The limit may have been another one when it was cut."""
    said, whole = text.sayable(wanted or ""), _description(edits.source)
    if said == whole or (len(said) >= USUAL_LENGTH and whole.startswith(said)):
        return
    if said:
        _put_text(edits, "DESCRIPTION", said)
    else:
        edits.drop("DESCRIPTION")


def _put_text(edits: Edits, name: str, value: str) -> None:
    line = edits.source.first.get(name)
    # ALTREP (RFC 5545, section 3.2.1) has the same once more, often as HTML, and would be what it was.
    edits.put(name, text.text(value), None if line is None else without(line.head, "ALTREP"))


class State(NamedTuple):
    """Whether a to-do is complete: STATUS, COMPLETED and PERCENT-COMPLETE, any of which may say so."""

    is_completed: bool
    is_cancelled: bool
    completed_at: datetime | None
    """None where it is not complete, or nobody knows since when."""


def state(source: Source) -> State:
    """A task is complete if one of the three says so (RFC 5545, sections 3.8.1.8, 3.8.1.11 and 3.8.2.1)."""
    status, since = source.value("STATUS").upper(), source.value("COMPLETED")
    is_cancelled = status == "CANCELLED"
    if not (is_cancelled or status == "COMPLETED" or since or source.value("PERCENT-COMPLETE") == "100"):
        return State(is_completed=False, is_cancelled=False, completed_at=None)
    at = source.instant("COMPLETED") or source.instant("LAST-MODIFIED")
    return State(is_completed=True, is_cancelled=is_cancelled, completed_at=at)


def put_state(edits: Edits, wanted: State, now: datetime) -> None:
    """Where it is complete in both, and the text does not say since when, or from a clock that is fast, it stays so."""
    said = state(edits.source)
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


def priority(source: Source) -> int:
    """PRIORITY (RFC 5545, section 3.8.1.9)."""
    value = source.value("PRIORITY")
    return int(value) if re.fullmatch("[0-9]", value) else 0


def put_priority(edits: Edits, wanted: int) -> None:
    """None is no line."""
    if wanted == priority(edits.source):
        return
    if wanted:
        edits.put("PRIORITY", str(wanted))
    else:
        edits.drop("PRIORITY")


def url(source: Source) -> str | None:
    """URL, if it is one that a task may have. A URI has no escapes."""
    value = source.value("URL")
    try:
        return _URL.validate_python(value) if value else None
    except ValidationError:
        return None


def put_url(edits: Edits, wanted: str | None) -> None:
    """None is no line."""
    if wanted == url(edits.source):
        return
    if wanted is None:
        edits.drop("URL")
    else:
        edits.put("URL", wanted)


def estimate(source: Source) -> int | None:
    """ESTIMATED-DURATION (draft-ietf-calext-ical-tasks, section 9.2), in minutes."""
    length = duration(source.value("ESTIMATED-DURATION"))
    if length is None or length.whole.total_seconds() <= 0:
        return None
    minutes = max(1, round(length.whole.total_seconds() / 60))
    return minutes if minutes <= MAX_ESTIMATE else None


def put_estimate(edits: Edits, wanted: int | None) -> None:
    """None is no line."""
    if wanted == estimate(edits.source):
        return
    if wanted is None:
        edits.drop("ESTIMATED-DURATION")
    else:
        edits.put("ESTIMATED-DURATION", f"PT{wanted}M")


def tags(source: Source) -> list[str]:
    """CATEGORIES, of which there may be several lines, as a task has its tags: in the order of their keys."""
    found = by_key(each for line in source.todo.all("CATEGORIES") for each in map(_tag, text.texts(line.value)) if each)
    names = dict(list(found.items())[:MAX_TAGS_OF_A_TASK])
    return [names[key] for key in sorted(names)]


def _tag(name: str) -> str:
    return " ".join(_NO_NAME.sub("", text.sayable(name)).split())[:MAX_TAG_LENGTH].strip()


def put_tags(edits: Edits, wanted: list[str]) -> None:
    """Names that stay are as they are written, in their order, also those that are too many for a task; new ones are behind them."""
    said, names = by_key(tags(edits.source)), by_key(wanted)
    if said.keys() == names.keys():
        return
    lines = edits.source.todo.all("CATEGORIES")
    written = [each for line in lines for each in text.several(line.value)]
    kept = [each for each in written if (key := key_of(_tag(text.unescaped(each)))) in names or key not in said]
    new = [text.text(names[key]) for key in sorted(names) if key not in said]
    if not lines:
        edits.put("CATEGORIES", ",".join(new))
        return
    for line in lines[1:]:
        edits.drop_line(line)
    if kept or new:
        edits.replace(lines[0], ",".join([*kept, *new]))
    else:
        edits.drop_line(lines[0])


def parent_uid(source: Source) -> str | None:
    """RELATED-TO of a parent, which is what one is that does not say (RFC 5545, section 3.2.15)."""
    lines = _parents(source)
    return lines[0].value.strip() if lines else None


def _parents(source: Source) -> list[Line]:
    return [
        line
        for line in source.todo.all("RELATED-TO")
        if (reltype := line.parameter("RELTYPE")) is None or reltype.upper() in _PARENTS
        if 0 < len(line.value.strip().encode()) <= MAX_UID
    ]


def put_parent_uid(edits: Edits, wanted: str | None) -> None:
    """Other relations stay."""
    lines = _parents(edits.source)
    if wanted is None:
        for line in lines:
            edits.drop_line(line)
    elif not lines:
        edits.add(f"RELATED-TO:{wanted}")
    elif lines[0].value.strip() != wanted:
        edits.replace(lines[0], wanted)
