"""Quick add as it goes over the wire."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticKnownError

from doable.http.schemas import SOME_TEXT, Input, InstantText, Output, Timezone
from doable.tasks.priorities import Priority
from doable.tasks.schemas import ListId, TaskRead

Kind = Literal["due", "recurrence", "list", "section", "tag", "priority", "reminder", "estimate", "start"]


def _some(text: object) -> object:
    """Say of white space that it is empty, as of a title. It is not removed, since the places of what is understood count it."""
    if isinstance(text, str) and not text.strip():
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return text


class QuickTask(Input):
    """A task in one line of text."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=SOME_TEXT), BeforeValidator(_some)] = (
        Field(description="The line, as it was typed.", examples=["Pay rent tomorrow 9am #home !high"])
    )
    timezone: Timezone | None = Field(
        default=None, description="Where it is that time; null is that of the preferences."
    )
    list_id: ListId | None = Field(
        default=None, description="Its list, if the text names none; null is that of the preferences."
    )
    preview: bool = Field(default=False, description="Only say what would be understood.")
    lang: Literal["en", "de"] | None = Field(
        default=None, description="The language of the text; null is that of the preferences.", examples=["en"]
    )


class PieceRead(Output):
    """A part of the text that was understood."""

    kind: Kind
    start: int = Field(description="Where it begins: the number of code points before it.", examples=[9])
    end: int = Field(description="Where it ends: the next code point is not of it.", examples=[21])
    value: Any = Field(
        description="What it says, in the form that a task has it in.",
        examples=[{"date": "2026-12-01", "time": "09:00:00"}],
    )


Understood = Annotated[
    list[PieceRead],
    Field(
        description="In the order of the text.",
        examples=[[{"kind": "priority", "start": 28, "end": 33, "value": "high"}]],
    ),
]


class QuickTaskRead(Output):
    """The new task, and what was understood of the text."""

    task: TaskRead
    understood: Understood


class SaidMomentRead(Output):
    """A day, or a time that floats."""

    date: str = Field(json_schema_extra={"format": "date"}, examples=["2026-12-01"])
    time: str | None = Field(description="`HH:MM:SS`; null is the whole day.", examples=["09:00:00"])


class SaidRecurrenceRead(Output):
    """A rule, and what it counts from."""

    # `from` is a word of Python's.
    model_config = ConfigDict(serialize_by_alias=True)

    rule: str = Field(examples=["FREQ=MONTHLY"])
    from_: Literal["due", "completion"] = Field(alias="from", examples=["due"])


class SaidReminderRead(Output):
    """An `offset` from when the task is due, or may be begun, or an instant `at`."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    offset: str | None = Field(default=None, examples=["-PT30M"])
    relative_to: Literal["start"] | None = Field(default=None, description="Absent, it is `due`.", examples=["start"])
    at: InstantText | None = Field(default=None)


class SaidTaskRead(Output):
    """A task that is not made, as `POST …/tasks` takes it."""

    title: str = Field(examples=["Pay rent"])
    list_id: str | None = Field(json_schema_extra={"format": "uuid"}, examples=["7d444840-9dc0-41d1-b245-5ffdce74fad2"])
    section_id: str | None = Field(
        json_schema_extra={"format": "uuid"}, examples=["3f2504e0-4f89-41d3-9a0c-0305e82c3301"]
    )
    priority: Priority = Field(examples=["high"])
    tags: list[str] = Field(examples=[["shop"]])
    due: SaidMomentRead | None
    start: SaidMomentRead | None
    recurrence: SaidRecurrenceRead | None
    estimate_minutes: int | None = Field(examples=[30])
    reminders: list[SaidReminderRead] = Field(examples=[[{"offset": "-PT30M"}]])


class QuickTaskPreviewRead(Output):
    """What would be made, and what was understood of the text."""

    task: SaidTaskRead
    understood: Understood
