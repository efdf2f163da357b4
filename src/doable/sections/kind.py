"""The registration of sections."""

from typing import Final

from doable.owned.kind import Kind, Operation
from doable.sections.repository import SectionRepository
from doable.sections.schemas import SectionCreate, SectionMove, SectionPatch, SectionRead

SECTION: Final = Kind(
    repository=SectionRepository,
    read=SectionRead,
    version=SectionRead.version,
    create=SectionCreate,
    change=SectionPatch,
    scopes=("tasks:read", "tasks:write"),
    operations={
        "move": Operation(
            "Put a section in another place or another list, with its tasks.",
            lambda sections, id_, members, expected: sections.move(
                id_, members["to"].model_dump(exclude_unset=True), expected=expected
            ),
            {"to": (SectionMove, ...)},
            long=True,
        )
    },
)
