"""The arguments of the tools, and their schemas as a model reads them: each word of these is read in every conversation."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)

from doable.http.schemas import MAX_INTEGER, SOME_TEXT, Color, Input, Whole
from doable.owned.schemas import Name
from doable.tasks.fields import MAX_ESTIMATE, Description, Url
from doable.tasks.priorities import Priority
from doable.tasks.reminders import MAX_REMINDERS
from doable.tasks.schemas import MAX_TITLE_LENGTH
from doable.tasks.tag_names import SomeTagNames
from doable.tasks.words import MAX_SEARCHED

MOST: Final = 50
"""How many tasks one call may be about."""


def _or_empty(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    return value if value == "" else check(value)


OrEmpty = WrapValidator(_or_empty)
"""An empty text clears it."""

Id = Annotated[UUID, Field(strict=False), AfterValidator(str)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=MOST, fail_fast=True)]
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TITLE_LENGTH, pattern=SOME_TEXT)
]
Date = Annotated[str, Field(max_length=40)]
ListOf = Annotated[str, Field(min_length=1, max_length=100, description="Name or id; inbox.")]
SectionOf = Annotated[str, Field(max_length=100, description="Name or id.")]
Rule = Annotated[str, Field(max_length=255, description="Words (every 2 weeks on monday) or an RRULE.")]
Reminders = Annotated[
    list[Annotated[str, Field(max_length=40)]],
    Field(max_length=MAX_REMINDERS, description="Each -PT30M (before due) or a date with a time."),
]
Tags = Annotated[SomeTagNames, Field(description="")]
Uuid = Annotated[Id, OrEmpty, WithJsonSchema({"type": "string", "description": "Its id."})]
Revision = Annotated[int, Field(ge=1, le=MAX_INTEGER), Whole]
RequestId = Annotated[
    str,
    StringConstraints(pattern="^[!-~]{1,200}$"),
    Field(description="Any new text: the same call with the same one is done once."),
]


class Arguments(Input):
    """Arguments of a tool. Some hosts send null for what they leave out."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        return {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else value


class Nothing(Arguments):
    """No arguments."""


class Find(Arguments):
    """What is looked for."""

    query: Annotated[str, Field(min_length=1, max_length=MAX_SEARCHED)] | None = Field(
        default=None, description="Words of title or description, or their beginnings."
    )
    list: ListOf | None = None
    tags: Tags | None = Field(default=None, description="All of them.")
    status: Literal["open", "completed", "all"] = Field(default="open", description="Default open.")
    due: Literal["any", "overdue", "today", "week", "none"] = Field(
        default="any", description="week: today and the 6 days after; none: without a date."
    )
    due_after: Date | None = Field(default=None, description="On this date or later.")
    due_before: Date | None = Field(default=None, description="Before this date, which is not included.")
    priority: Priority | None = None
    parent: Id | None = Field(default=None, description="Its subtasks.")
    sort: Literal["due", "priority", "newest", "updated", "completed", "position"] | None = Field(
        default=None,
        description="Default due. completed needs status completed, position a list or parent.",
    )
    limit: Annotated[int, Field(ge=1, le=100), Whole] = Field(default=25, description="Default 25.")
    cursor: Annotated[str, Field(max_length=2000)] | None = Field(
        default=None, description="next_cursor of the answer before; all else the same."
    )


class Get(Arguments):
    """Which task."""

    id: Id


class NewTask(Arguments):
    """A new task."""

    title: Title
    description: Annotated[Description, Field(description="Markdown.")] | None = None
    due: Date | None = None
    start: Date | None = Field(default=None, description="Not before.")
    repeat: Rule | None = None
    list: ListOf | None = Field(default=None, description="Name or id; default inbox.")
    section: SectionOf | None = None
    tags: Tags | None = None
    priority: Priority | None = None
    parent: Id | None = Field(default=None, description="Makes it a subtask.")
    reminders: Reminders | None = None
    estimate_minutes: Annotated[int, Field(ge=1, le=MAX_ESTIMATE), Whole] | None = None
    url: Annotated[Url, Field(description="")] | None = None


class Add(Arguments):
    """Tasks to make."""

    tasks: Annotated[list[NewTask], Field(min_length=1, max_length=MOST, fail_fast=True)]
    request_id: RequestId | None = None


class Change(Input):
    """A change of a task. What is left out stays."""

    id: Id
    if_revision: Revision | None = Field(default=None, description="Only if it is at this revision still.")
    title: Title | None = None
    description: Annotated[Description, Field(description="")] | None = None
    due: Date | None = None
    start: Date | None = None
    repeat: Rule | None = None
    priority: Priority | None = None
    list: ListOf | None = None
    section: SectionOf | None = None
    parent: Uuid | None = None
    add_tags: Tags | None = None
    remove_tags: Tags | None = None
    reminders: Annotated[Reminders, Field(description="In place of all.")] | None = None
    estimate_minutes: Annotated[int, Field(ge=0, le=MAX_ESTIMATE, description="0 clears."), Whole] | None = None
    url: Annotated[Url, OrEmpty, Field(description="")] | None = None

    @model_validator(mode="before")
    @classmethod
    def _says_what(cls, value: Any) -> Any:
        """Null might mean that something is cleared, or that nothing is said of it."""
        if isinstance(value, dict):
            if any(each is None for each in value.values()):
                raise ValueError('null says nothing: leave a field out to keep it, send "" to clear it')
            if not value.keys() - {"id", "if_revision"}:
                raise ValueError("say what is to change beside the id")
        return value


class Update(Arguments):
    """Changes of tasks."""

    changes: Annotated[list[Change], Field(min_length=1, max_length=MOST, fail_fast=True)]


class Complete(Arguments):
    """What becomes of tasks."""

    ids: Ids
    outcome: Literal["done", "cancelled", "reopen", "skip"] = Field(
        default="done", description="Default done. skip moves a repeating task to its next date, undone."
    )
    request_id: RequestId | None = None


class Delete(Arguments):
    """Tasks to delete."""

    ids: Ids


class Undo(Arguments):
    """What to take back."""

    undo: Id = Field(description="The undo of an answer.")


class SaveList(Arguments):
    """A list."""

    name: Annotated[Name, Field(description="")]
    id: Id | None = Field(default=None, description="Renames this one.")
    color: Color | None = Field(default=None, description="#rrggbb.")


def schema_of(arguments: type[Input]) -> Mapping[str, Any]:
    """Their JSON Schema, without what a model has no use for."""
    whole = arguments.model_json_schema()
    found: dict[str, Any] = _plain(whole, whole.get("$defs", {}))
    found.pop("description", None)
    return {"type": "object", **found}


_UNTOLD: Final = frozenset({"title", "examples", "default", "pattern", "x-setting", "$defs"})


def _plain(schema: Any, defined: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_plain(each, defined) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        found = dict(_plain(defined[schema["$ref"].rpartition("/")[2]], defined))
        found.pop("description", None)
        return found
    plain: dict[str, Any] = {}
    for name, each in schema.items():
        if name == "properties":
            plain[name] = {key: _plain(value, defined) for key, value in each.items()}
        elif name == "anyOf" and each[-1] == {"type": "null"} and len(each) > 1:
            plain = {**_plain(each[0], defined), **plain}
        elif name not in _UNTOLD and each != "":
            plain[name] = _plain(each, defined)
        if name == "items" and plain[name].get("type") == "string":
            plain[name].pop("description", None)
    return plain
