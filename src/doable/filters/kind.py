"""The registration of saved filters."""

from typing import Final

from doable.errors import FilterInvalid
from doable.filters.repository import FilterRepository
from doable.filters.schemas import FilterCreate, FilterPatch, FilterRead
from doable.owned.kind import Kind, moving

FILTER: Final = Kind(
    repository=FilterRepository,
    read=FilterRead,
    create=FilterCreate,
    change=FilterPatch,
    scopes=("tasks:read", "tasks:write"),
    operations={"move": moving("filter")},
    refusals=(FilterInvalid,),
)
