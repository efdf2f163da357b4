"""The registration of lists."""

from typing import Final

from doable.http.schemas import Move
from doable.lists.repository import ListRepository, Tasks
from doable.lists.schemas import ListCreate, ListPatch, ListRead
from doable.owned.kind import Kind, Operation

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
        "move": Operation(
            "Put a list in another place.",
            lambda lists, id_, members, expected: lists.move(id_, members["to"].model_dump(), expected=expected),
            {"to": (Move, ...)},
            long=True,
        ),
    },
)
