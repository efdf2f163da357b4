"""What clients of CalDAV put beside tasks: events, journals and the rest, as they came. They are in lists as tasks are."""

from datetime import datetime
from typing import Final

from sqlalchemy import Column, Index, Text

from doable.database.types import Id, Instant
from doable.owned.columns import OwnedRow, kind_table

TASK: Final = "VTODO"
COMPONENTS: Final = (TASK, "VEVENT", "VJOURNAL", "VFREEBUSY")
"""What may be in a list for CalDAV's clients, each if the list takes it."""
MAX_BYTES: Final = 1024 * 1024
"""Of the text of one of them."""

ical_objects: Final = kind_table(
    "ical_objects",
    Column("list_id", Id, nullable=False),
    Column("ical_name", Text, nullable=False),
    Column("ical_uid", Text, nullable=False),
    # VEVENT, VJOURNAL, VFREEBUSY.
    Column("component", Text, nullable=False),
    # Between which instants all of its dates are; null without a bound.
    Column("starts", Instant),
    Column("ends", Instant),
    Column("ical_text", Text, nullable=False),
    added=[
        Index(f"ix_ical_objects_list_{name}", "owner_id", "list_id", name)
        for name in ("revision", "ical_name", "ical_uid")
    ],
)


class ObjectRow(OwnedRow):
    """An object as it is stored."""

    list_id: str
    ical_name: str
    ical_uid: str
    component: str
    starts: datetime | None
    ends: datetime | None
    ical_text: str
