"""Tasks as they go over the wire."""

from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from doable.http.schemas import SOME_TEXT, Input, InstantText, Move, Output, Reference
from doable.owned.schemas import FollowedRead, IdText, Revision, UpdatedAt, UserId
from doable.tasks.fields import AnsweredOnly, Description, Estimate, MomentCreate, MomentPatch, Url
from doable.tasks.priorities import Priority
from doable.tasks.recurrence.schemas import RecurrenceCreate, RecurrencePatch, RecurrenceRead
from doable.tasks.reminders import ReminderRead, Reminders
from doable.tasks.repository import Subtasks
from doable.tasks.tag_names import SomeTagNames, TagNames

MAX_TITLE_LENGTH: Final = 200

Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TITLE_LENGTH, pattern=SOME_TEXT),
    Field(description="1 to 200 characters; white space around it is removed.", examples=["Buy oat milk"]),
]

Cancelled = Annotated[
    bool,
    Field(description="Closed without being done. Reopening clears it.", examples=[True]),
]

ListId = Annotated[Reference, Field(description="Its list; null, the inbox. A subtask is in its parent's.")]
SectionId = Annotated[Reference, Field(description="A section of that list.")]
ParentId = Annotated[Reference, Field(description="The task of which it is a subtask.")]

_STATES: Final = frozenset({"is_completed", "completed"})
CONTRADICTION: Final = "contradiction"
CANCELLED_IS_COMPLETED: Final = "a cancelled task is complete"


def _together(**constants: bool) -> JsonValue:
    """The schema of an object that has these values."""
    return {"required": [*constants], "properties": {name: {"const": value} for name, value in constants.items()}}


_OPEN_AND_CANCELLED: Final = _together(is_completed=False, is_cancelled=True)
_CONTRADICTIONS: Final = [
    _together(is_completed=True, completed=False),
    _together(is_completed=False, completed=True),
    _OPEN_AND_CANCELLED,
    _together(completed=False, is_cancelled=True),
]


def _nothing() -> Any:
    """The default of a field that no null clears."""


class TaskCreate(Input):
    """A new task."""

    title: Title
    description: Description | None = None
    list_id: ListId | None = None
    section_id: SectionId | None = None
    parent_id: ParentId | None = None
    priority: Priority = Field(default="none", examples=["high"])
    due: MomentCreate | None = None
    start: MomentCreate | None = None
    recurrence: RecurrenceCreate | None = None
    estimate_minutes: Estimate | None = None
    url: Url | None = None
    tags: TagNames = Field(default_factory=list)
    reminders: Reminders = Field(default_factory=list)
    position: AnsweredOnly = Field(default=None, examples=["000000000001"])


class _TaskChanges(Input):
    # Default factories, and not None, because null is neither; nothing reads them, since only fields that were set are written.
    title: Title = Field(default_factory=str)
    description: Description | None = None
    # What they are already, if it is not a new task: anything else is a move.
    list_id: ListId | None = None
    section_id: SectionId | None = None
    parent_id: ParentId | None = None
    priority: Priority = Field(default_factory=_nothing, examples=["high"])
    estimate_minutes: Estimate | None = None
    url: Url | None = None
    tags: TagNames = Field(default_factory=_nothing)
    reminders: Reminders = Field(default_factory=_nothing)
    position: AnsweredOnly = Field(default=None, examples=["000000000001"])


class TaskUpdate(_TaskChanges):
    """What to change. Absent fields stay as they are; `null` clears those that may be null."""

    due: MomentCreate | None = None
    start: MomentCreate | None = None
    recurrence: RecurrenceCreate | None = None


class TaskPatch(_TaskChanges):
    """A JSON merge patch (RFC 7396): only the named fields change, also those of `due`, `start` and `recurrence`; `null` clears."""

    model_config = ConfigDict(json_schema_extra={"not": _OPEN_AND_CANCELLED})

    due: MomentPatch | None = None
    start: MomentPatch | None = None
    recurrence: RecurrencePatch | None = None
    # As above: absent is not null.
    is_completed: bool = Field(default_factory=bool, examples=[True])
    is_cancelled: Cancelled = Field(default_factory=bool)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.is_cancelled and "is_completed" in self.model_fields_set and not self.is_completed:
            raise PydanticCustomError(CONTRADICTION, CANCELLED_IS_COMPLETED)
        return self


SubtasksOfComplete = Annotated[
    Subtasks,
    Field(description="What becomes of the open tasks below, where it is completed.", examples=["leave"]),
]


class TaskMove(Move):
    """Where it goes: what is absent stays. Nothing said of the place, it stands last where list or parent change."""

    list_id: ListId | None = None
    section_id: SectionId | None = None
    parent_id: ParentId | None = None


class TaskComplete(Input):
    """The state to set, under either name. With neither, and without `is_cancelled`, the state is toggled."""

    model_config = ConfigDict(json_schema_extra={"not": {"anyOf": _CONTRADICTIONS}})

    # As above: absent is not null.
    is_completed: bool = Field(default_factory=bool, examples=[True])
    completed: bool = Field(default_factory=bool, examples=[True])
    is_cancelled: Cancelled = Field(default_factory=bool)
    subtasks: SubtasksOfComplete = "complete"

    @model_validator(mode="after")
    def _agree(self) -> Self:
        said = {getattr(self, name) for name in self.model_fields_set & _STATES}
        if len(said) > 1:
            raise PydanticCustomError(CONTRADICTION, "is_completed and completed contradict each other")
        if self.is_cancelled and said == {False}:
            raise PydanticCustomError(CONTRADICTION, CANCELLED_IS_COMPLETED)
        return self

    @property
    def state(self) -> bool | None:
        """The state to set; None to toggle it."""
        if self.model_fields_set & _STATES:
            return self.is_completed or self.completed
        return True if "is_cancelled" in self.model_fields_set else None


class TaskTags(Input):
    """Some tags, by their names."""

    tags: SomeTagNames


class MomentRead(Output):
    """A day, a local time, or an instant in a zone."""

    date: str = Field(json_schema_extra={"format": "date"}, examples=["2026-12-01"])
    time: str | None = Field(description="`HH:MM:SS`; null is the whole day.", examples=["09:00:00"])
    timezone: str | None = Field(
        description="Null floats: it is that time wherever one is.", examples=["Europe/Berlin"]
    )
    at: InstantText | None = Field(
        description="The instant, where there is a zone.", examples=["2026-12-01T08:00:00.000000Z"]
    )


class TaskRead(FollowedRead):
    """A task."""

    version: ClassVar = 3

    id: IdText = Field(examples=["0f8fad5b-d9cb-469f-a165-70867728950e"])
    title: str = Field(examples=["Buy oat milk"])
    description: str | None = Field(examples=["Two litres, unsweetened"])
    is_completed: bool = Field(examples=[False])
    completed_at: InstantText | None = Field(description="When it was completed; null while it is not.")
    user_id: UserId
    created_at: InstantText
    updated_at: UpdatedAt
    revision: Revision = Field(examples=[1])
    list_id: str | None = Field(
        json_schema_extra={"format": "uuid"},
        description="Its list; null for the inbox.",
        examples=["7d444840-9dc0-41d1-b245-5ffdce74fad2"],
    )
    section_id: str | None = Field(
        json_schema_extra={"format": "uuid"},
        description="Its section of that list, if any.",
        examples=["3f2504e0-4f89-41d3-9a0c-0305e82c3301"],
    )
    parent_id: str | None = Field(
        json_schema_extra={"format": "uuid"},
        description="The task of which it is a subtask, if any.",
        examples=["0f8fad5b-d9cb-469f-a165-70867728950e"],
    )
    position: str = Field(
        description="Compared byte by byte, positions are the order of tasks of one list and one parent.",
        examples=["000000000001"],
    )
    priority: Literal["none", "low", "medium", "high"] = Field(examples=["high"])
    tags: list[str] = Field(
        description="The names of its tags, in an order that makes no difference of case.", examples=[["shop"]]
    )
    due: MomentRead | None = Field(description="When it should be done.")
    start: MomentRead | None = Field(description="Before then it can wait.")
    estimate_minutes: int | None = Field(description="How long it may take.", examples=[30])
    url: str | None = Field(examples=["https://example.com/oat-milk"])
    reminders: list[ReminderRead] = Field(description="When to be reminded of it.", examples=[[]])
    is_cancelled: bool = Field(description="Closed without being done.", examples=[False])
    recurrence: RecurrenceRead | None = Field(
        description="How it recurs. A completed task does not: its successor does."
    )
    series_id: IdText | None = Field(
        description="What the tasks have in common that follow one another by a rule: the id of the first, as a rule.",
        examples=["0f8fad5b-d9cb-469f-a165-70867728950e"],
    )
    next_id: IdText | None = Field(
        description="The task that was made when this one was completed.",
        examples=["c1b5e7e0-6f0e-5c0e-9a5f-0c4b3a1d2e3f"],
    )


class TaskPageRead(Output):
    """Some of the tasks."""

    tasks: list[TaskRead]
    total: int | None = Field(
        description="How many there are in all; null where something filters, unless `total=true`.", examples=[1]
    )
    limit: int = Field(examples=[50])
    offset: int | None = Field(description="Null with a cursor.", examples=[0])
    next_cursor: str | None = Field(
        description="The `cursor` of the next page; null at the end.", examples=["WzEsIjQ0NmM2Y2RlOWEwOCIsMV0"]
    )


class CountsRead(Output):
    """How many open tasks there are in each place."""

    inbox: int = Field(examples=[7])
    lists: dict[str, int] = Field(
        description="By the ids of the lists that are not archived.",
        examples=[{"7d444840-9dc0-41d1-b245-5ffdce74fad2": 12}],
    )
    tags: dict[str, int] = Field(description="By the names of your tags.", examples=[{"shop": 3}])
    today: int = Field(description="Due today, at whatever time.", examples=[4])
    overdue: int = Field(description="Due at a time that is past, or on a day that is.", examples=[1])
