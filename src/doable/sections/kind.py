"""The registration of sections."""

from typing import Final

from doable.errors import UseMove
from doable.owned.kind import Kind, Operation
from doable.sections.repository import SectionRepository
from doable.sections.schemas import SectionCreate, SectionMove, SectionPatch, SectionRead

SECTION: Final = Kind(
    repository=SectionRepository,
    read=SectionRead,
    create=SectionCreate,
    change=SectionPatch,
    scopes=("tasks:read", "tasks:write"),
    refusals=(UseMove,),
    operations={
        "delete": Operation(
            "Delete a section; its tasks stay in the list.",
            lambda sections, id_, _, expected: sections.remove(id_, expected=expected),
            long=True,
        ),
        "move": Operation(
            "Put a section in another place or another list, with its tasks.",
            lambda sections, id_, members, expected: sections.move(
                id_, members["to"].model_dump(exclude_unset=True), expected=expected
            ),
            {"to": (SectionMove, ...)},
            long=True,
        ),
    },
)
