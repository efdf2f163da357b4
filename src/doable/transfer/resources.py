"""What an own export has for CalDAV's clients: taken over where they could have put it themselves."""

import re
from collections.abc import Mapping
from typing import Any, Final

from doable.database import Row
from doable.ical.lines import Malformed, components
from doable.tasks.names import MAX_NAME, MAX_UID
from doable.tasks.objects import COMPONENTS, MAX_BYTES
from doable.tasks.recurrence.stored import exceptions_of
from doable.transfer.found import Found

_NOT_IN_NAMES: Final = re.compile(r"[/\x00-\x1f\x7f]")
_NO_NAMES: Final = frozenset({"", ".", "..", "inbox"})


def columns_of(found: Found) -> Row:
    """The columns of a list or a task that only CalDAV shows."""
    said = found.members
    if found.kind == "list":
        kinds = _text(said, "components", MAX_NAME)
        are_known = kinds is not None and {*COMPONENTS}.issuperset(kinds.split(","))
        return {"components": kinds if are_known else None, "dav_name": _name(said, "dav_name")}
    if found.kind == "task":
        text = _text(said, "ical_text", MAX_BYTES)
        uids = {name: _text(said, name, MAX_UID) for name in ("ical_uid", "ical_parent")}
        is_whole = text is not None and _is_task(text)
        exceptions = _text(said, "exceptions", MAX_BYTES)
        return uids | {
            "ical_text": text if is_whole else None,
            "ical_name": _name(said, "ical_name"),
            "exceptions": exceptions and exceptions_of(exceptions),
        }
    return {}


def _text(said: Mapping[str, Any], name: str, longest: int) -> str | None:
    text = said.get(name)
    if not isinstance(text, str) or "\0" in text or not 0 < len(text.encode("utf-8", "replace")) <= longest:
        return None
    return text if text == text.encode("utf-8", "replace").decode() else None


def _name(said: Mapping[str, Any], name: str) -> str | None:
    text = _text(said, name, MAX_NAME)
    return None if text is None or text in _NO_NAMES or _NOT_IN_NAMES.search(text) else text


def _is_task(text: str) -> bool:
    try:
        found = components(text)
    except Malformed:
        return False
    return [each.name for each in found] == ["VCALENDAR"] and any(each.name == "VTODO" for each in found[0].components)
