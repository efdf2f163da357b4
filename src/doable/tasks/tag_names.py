"""Names of tags: which are one name, and the text in which a task keeps those that it has. Knows no database."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final
from unicodedata import normalize

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import from_json, to_json

from doable.errors import TooMany
from doable.http.schemas import SOME_NAME

MAX_TAGS_OF_A_TASK: Final = 50
MAX_TAG_LENGTH: Final = 50

# Any white space but that which is a control character, and so no part of a name.
_SPACE: Final = re.compile(r"[^\S\x0b\x0c\x1c-\x1f]+")


def _collapsed(name: object) -> object:
    return _SPACE.sub(" ", name).strip(" ") if isinstance(name, str) else name


TagName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_TAG_LENGTH, pattern=SOME_NAME),
    BeforeValidator(_collapsed),
    Field(
        description="1 to 50 characters; white space around it is removed, and inside it is one space.",
        examples=["shop"],
    ),
]
TagNames = Annotated[
    list[TagName],
    Field(
        max_length=MAX_TAGS_OF_A_TASK,
        fail_fast=True,
        description="Names of tags. One that there is not yet is made. Case makes no difference.",
        examples=[["shop"]],
    ),
]
SomeTagNames = Annotated[TagNames, Field(min_length=1)]


def key_of(name: str) -> str:
    """What names of one tag have in common: Unicode's canonical caseless matching (The Unicode Standard, 3.13, D145)."""
    return normalize("NFC", normalize("NFD", name).casefold())


def by_key(names: Iterable[str]) -> dict[str, str]:
    """The names by their keys: of several spellings the first."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(key_of(name), name)
    return found


def to_text(names: Mapping[str, str]) -> str | None:
    """The names, by their keys, as a task's row has them: JSON in the order of the keys, None for none."""
    return to_json([names[key] for key in sorted(names)]).decode() if names else None


def from_text(text: str | None) -> dict[str, str]:
    """The same for the way back."""
    return {} if text is None else by_key(from_json(text))


def as_stored(before: str | None, members: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an input, with `tags` as a text.

    `tag` and `untag` are no members of a task: they are names to add to those before, or to take away from them. Raises
    TooMany if there are more than one task may have.
    """
    columns = dict(members)
    if "tags" in columns:
        columns["tags"] = to_text(by_key(columns["tags"]))
    elif "tag" in columns or "untag" in columns:
        less = by_key(columns.pop("untag", ()))
        names = {**by_key(columns.pop("tag", ())), **from_text(before)}
        if len(names) > MAX_TAGS_OF_A_TASK:
            raise TooMany("task_tags")
        columns["tags"] = to_text({key: name for key, name in names.items() if key not in less})
    return columns
