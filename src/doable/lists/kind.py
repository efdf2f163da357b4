"""The registration of lists."""

from typing import Final

from pydantic import Field

from doable.lists.repository import ListRepository, Tasks
from doable.lists.schemas import ListCreate, ListPatch, ListRead
from doable.owned.kind import Kind, Operation, moving
from doable.tasks.filed_under import lists

LIST: Final = Kind(
    repository=ListRepository,
    read=ListRead,
    create=ListCreate,
    change=ListPatch,
    scopes=("tasks:read", "tasks:write"),
    exported={
        name: (lists.c[name], (str | None, Field(description=description, examples=[example])))
        for name, description, example in (
            ("dav_name", "The segment of its address in CalDAV, if that is not its id.", "errands"),
            ("components", "What may be in it besides tasks, or in their place.", "VEVENT,VTODO"),
            ("dav_properties", "Its other properties in CalDAV: JSON in text.", '{"displayname":"Errands"}'),
        )
    },
    operations={
        "delete": Operation(
            "Delete a list with its sections; its tasks go to the inbox or are deleted too.",
            lambda lists, id_, members, expected: lists.remove(id_, expected=expected, **members),
            {"tasks": (Tasks, "inbox")},
            long=True,
        ),
        "move": moving("list"),
    },
)
