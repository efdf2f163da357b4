"""The live properties of an object that are its own: of those that all resources have, `properties.py` knows."""

from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import format_datetime
from typing import Final

from doable.caldav.etags import etag
from doable.caldav.repository import Listed, Resource
from doable.caldav.xml import as_text, dav, element

MEDIA_TYPES: Final = {
    kind: f"text/calendar; charset=utf-8; component={kind}" for kind in ("VTODO", "VEVENT", "VJOURNAL", "VFREEBUSY")
}
"""By component (RFC 5545, section 8.1)."""

GETETAG: Final = dav("getetag")
LENGTH: Final = dav("getcontentlength")
"""The bytes of its text: whoever asks for it has the texts made."""

OF_LISTED: Final[Mapping[str, Callable[[Listed], str]]] = {
    GETETAG: lambda each: f"<D:getetag>{as_text(etag(each.revision))}</D:getetag>",
    dav("getcontenttype"): lambda each: f"<D:getcontenttype>{MEDIA_TYPES[each.component]}</D:getcontenttype>",
    dav("getlastmodified"): lambda each: element(
        dav("getlastmodified"), format_datetime(each.updated_at.astimezone(UTC), usegmt=True)
    ),
    dav("creationdate"): lambda each: element(
        dav("creationdate"), f"{each.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    ),
    dav("resourcetype"): lambda _: "<D:resourcetype/>",
}
"""What a listing knows, as XML, by the name in Clark's notation."""


def listed(resource: Resource) -> Listed:
    """What a listing has of it."""
    row = resource.row
    return Listed(resource.name, resource.revision, resource.component, row["created_at"], row["updated_at"])


def length(text: str) -> str:
    """`DAV:getcontentlength` of an object of this text."""
    return f"<D:getcontentlength>{len(text.encode())}</D:getcontentlength>"
