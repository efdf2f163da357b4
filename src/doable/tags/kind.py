"""The registration of tags."""

from typing import Final

from doable.errors import TagExists
from doable.owned.kind import Kind, Operation, moving
from doable.tags.repository import TagRepository
from doable.tags.schemas import Into, TagCreate, TagPatch, TagRead

TAG: Final = Kind(
    repository=TagRepository,
    read=TagRead,
    create=TagCreate,
    change=TagPatch,
    scopes=("tasks:read", "tasks:write"),
    operations={
        "update": Operation(
            "Change the fields in `tag` and nothing else; a new name is one in all of its tasks.",
            lambda tags, id_, members, expected: tags.change(
                id_, members["tag"].model_dump(exclude_unset=True), expected=expected
            ),
            {"tag": (TagPatch, ...)},
            long=True,
        ),
        "delete": Operation(
            "Delete a tag, from its tasks too.",
            lambda tags, id_, _, expected: tags.remove(id_, expected=expected),
            long=True,
        ),
        "move": moving("tag"),
        "merge": Operation(
            "Delete a tag, and give its tasks another one, which is the result.",
            lambda tags, id_, members, expected: tags.merge(id_, str(members["into"]), expected=expected),
            {"into": (Into, ...)},
            long=True,
        ),
    },
    refusals=(TagExists,),
)
