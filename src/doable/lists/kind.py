"""The registration of lists."""

from typing import Final

from doable.lists.repository import ListRepository, Tasks
from doable.lists.schemas import ListCreate, ListPatch, ListRead
from doable.owned.kind import Kind, Operation, moving

LIST: Final = Kind(
    repository=ListRepository,
    read=ListRead,
    create=ListCreate,
    change=ListPatch,
    scopes=("tasks:read", "tasks:write"),
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
