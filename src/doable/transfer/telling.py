"""What whoever reads a file is asked, what they ask in turn, and what they tell. They may be another process, without a database."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from doable.transfer.found import Format, KindName


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be known besides the file."""

    owner_id: str
    filename: str
    format: Format | str | None
    """Or its name. None: it is recognised."""
    now: datetime
    timezone: str
    language: str
    longest_description: int
    is_dry: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What only the database knows."""

    about: Literal["there", "elsewhere", "named", "room"]
    """Which of the ids the owner has; which somebody else has; which of the keys lead to a tag; how many more there may be."""
    kind: KindName
    values: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What is in the file, as a whole."""

    format: str
    total: int
    kinds: dict[KindName, dict[str, int]]
    not_understood: Mapping[str, Any]
    whereabouts: tuple[str, str] | None
    new_tasks: int
    new_bytes: int
    things: list[dict[str, Any]]
    """The first of them, if nothing is to be made."""


Told = Question | Outline | list[str]
"""Questions, then the outline, then slices, some at a time."""
Telling = Generator[Told, Any, None]
"""A question is sent its answer: a list of those, or the number."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What another process tells in place of an error: the sentence of FileUnreadable."""

    message: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Likewise of an error that nobody foresaw: its type and its places, without its message, which may quote the file."""

    where: str
