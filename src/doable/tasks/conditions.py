"""What a task must be to be found: one tree, whether a query's parameters say it or a text.

It names things as they were named; `selecting.py` makes SQL of it, in which each condition is true or false and never null.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from doable.tasks.moments import Moment
from doable.tasks.priorities import Priority

State = Literal["completed", "cancelled", "archived", "overdue", "available", "recurring"]
Part = Literal["due", "start", "time", "tags", "priority", "section", "parent"]
Container = Literal["section", "parent", "series"]
Date = Literal["due", "start", "created", "completed"]


@dataclass(frozen=True, slots=True)
class Every:
    """All of them; with none, each task."""

    conditions: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """One of them at least."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not this."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class Is:
    """What can be said of a task by itself, and now."""

    what: State


@dataclass(frozen=True, slots=True)
class Has:
    """Whether there is one; `time` is that of its due date."""

    what: Part


@dataclass(frozen=True, slots=True)
class In:
    """In one of these lists: ids, and `inbox`."""

    lists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Of:
    """In this section or series, or a subtask of this task."""

    what: Container
    id: str


@dataclass(frozen=True, slots=True)
class Named:
    """In any list or section of this name, or with a tag of it, without regard to case; `name*` is every tag that begins so."""

    what: Literal["list", "section", "tag"]
    name: str
    is_beginning: bool = False


@dataclass(frozen=True, slots=True)
class Among:
    """One of these, which are all of one sort: `shapes.py` makes it of the three above, and nobody else."""

    what: Literal["list", "section", "parent", "series", "tag"]
    of: tuple["In | Of | Named", ...]
    is_single: bool
    """Whether that is one id at most."""
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class OfPriority:
    """One of these."""

    words: tuple[Priority, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """Not before the first moment, and before the second. What has no such date is not between any."""

    what: Date
    since: Moment | None = None
    before: Moment | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What is searched for, as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class Searched:
    """Having all of these terms: `shapes.py` makes it of words, and nobody else."""

    terms: tuple[str, ...]
    several: int
    """How many a statement has parameters for."""
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class Worded:
    """What its words must be, by one look at them: `shapes.py` makes it of all words that stand together, and nobody else."""

    condition: "Condition"
    """Of nothing but what is searched for."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One of these tasks: in place of a condition that few meet."""

    parameter: str


@dataclass(frozen=True, slots=True)
class Common:
    """What so many tasks are that it is asked of each that a walk comes by."""

    condition: "Condition"


Condition = (
    Every
    | Either
    | Not
    | Is
    | Has
    | In
    | Of
    | Named
    | Among
    | OfPriority
    | Between
    | Words
    | Searched
    | Worded
    | Listed
    | Common
)

EACH: Final = Every()


def leaves_of(condition: Condition, *, is_meant: bool = True) -> Iterator[tuple[Condition, bool]]:
    """What it consists of, and whether that is meant or its contrary."""
    match condition:
        case Not(negated):
            yield from leaves_of(negated, is_meant=not is_meant)
        case Every((_, *_) as parts) | Either(parts):
            for part in parts:
                yield from leaves_of(part, is_meant=is_meant)
        case leaf:
            yield leaf, is_meant
