"""What an object tells of itself: its text, and the live properties that are its own. The others are in `properties.py`."""

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Final, cast

from doable.caldav import todo
from doable.caldav.exchange import http_date
from doable.caldav.repository import Listed, Resource
from doable.caldav.revisions import etag
from doable.caldav.xml import as_text, dav, element
from doable.tasks.objects import COMPONENTS, ObjectRow
from doable.tasks.tables import TaskRow

MEDIA_TYPES: Final = {kind: f"text/calendar; charset=utf-8; component={kind}" for kind in COMPONENTS}
"""By component (RFC 5545, section 8.1)."""

GETETAG: Final = dav("getetag")
LENGTH: Final = dav("getcontentlength")
"""The bytes of its text: whoever asks for it has the texts made."""

OF_LISTED: Final[Mapping[str, Callable[[Listed], str]]] = {
    GETETAG: lambda each: f"<D:getetag>{as_text(etag(each.revision))}</D:getetag>",
    dav("getcontenttype"): lambda each: f"<D:getcontenttype>{MEDIA_TYPES[each.component]}</D:getcontenttype>",
    dav("getlastmodified"): lambda each: element(dav("getlastmodified"), http_date(each.updated_at)),
    dav("creationdate"): lambda each: element(
        dav("creationdate"), f"{each.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    ),
    dav("resourcetype"): lambda _: "<D:resourcetype/>",
}
"""What a listing knows, as XML, by the name in Clark's notation."""


def text_of(resource: Resource) -> str:
    """Its text: as it was put, if that says everything; else with what the task has by now in it, or made of the task."""
    if not resource.is_task:
        return cast("ObjectRow", resource.row)["ical_text"]
    task = cast("TaskRow", resource.row)
    put = task["ical_text"]
    if put is None:
        return todo.rendered(task, resource.uid, resource.parent_uid)
    return put if resource.is_as_put else todo.patched(put, task, resource.uid, resource.parent_uid)


def listed(resource: Resource) -> Listed:
    """What a listing has of it."""
    row = resource.row
    return Listed(resource.name, resource.revision, resource.component, row["created_at"], row["updated_at"])


def length(text: str) -> str:
    """`DAV:getcontentlength` of an object of this text."""
    return f"<D:getcontentlength>{len(text.encode())}</D:getcontentlength>"
