"""The registration of saved filters."""

from typing import Final

from doable.errors import FilterInvalid
from doable.filters.repository import FilterRepository
from doable.filters.schemas import FilterCreate, FilterPatch, FilterRead
from doable.http.schemas import Move
from doable.owned.kind import Kind, Operation

FILTER: Final = Kind(
    repository=FilterRepository,
    read=FilterRead,
    create=FilterCreate,
    change=FilterPatch,
    scopes=("tasks:read", "tasks:write"),
    operations={
        "move": Operation(
            "Put a filter in another place.",
            lambda filters, id_, members, expected: filters.move(id_, members["to"].model_dump(), expected=expected),
            {"to": (Move, ...)},
            long=True,
        ),
    },
    refusals=(FilterInvalid,),
)
