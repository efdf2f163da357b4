"""Recurrence as it goes over the wire."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from doable.http.schemas import Input, Output
from doable.tasks.fields import AnsweredOnly, LocalDate
from doable.tasks.recurrence.rules import MAX_LENGTH

Rule = Annotated[
    str,
    Field(
        description="A rule of RFC 5545, section 3.3.10: `FREQ=DAILY`, `WEEKLY`, `MONTHLY` or `YEARLY` and, each once, "
        "`INTERVAL`, `COUNT` or `UNTIL`, `WKST`, `BYDAY`, `BYMONTHDAY`, `BYMONTH` and `BYSETPOS`. At most 255 characters.",
        examples=["FREQ=WEEKLY;BYDAY=MO,TH"],
        json_schema_extra={"minLength": 1, "maxLength": MAX_LENGTH},
    ),
]
RecursFrom = Annotated[
    Literal["due", "completion"],
    Field(
        alias="from",
        description="`due`: the next date is one of the rule, which counts from this task's. `completion`: it is so many days, "
        "weeks, months or years after the day of completion.",
        examples=["due"],
    ),
]
Occurrence = Annotated[
    AnsweredOnly,
    Field(description="Answered only: the rule's own date that this task stands for.", examples=["2026-12-01"]),
]
IsSupported = Annotated[
    bool | None,
    Field(exclude=True, description="Answered only; ignored if it is sent back.", examples=[True]),
]


class RecurrenceCreate(Input):
    """How a task recurs: when it is completed, another one is made for the next date. It needs `due`, the first date."""

    rule: Rule
    from_: RecursFrom = Field(default="due", alias="from")
    occurrence: Occurrence = None
    is_supported: IsSupported = None

    @model_validator(mode="before")
    @classmethod
    def _is_whole(cls, value: Any) -> Any:
        """What is absent is as in a new one, and not as it was."""
        return {"from": "due", **value} if isinstance(value, dict) else value


class RecurrencePatch(Input):
    """What to change of how a task recurs."""

    # As with a title: null is none, and nothing reads the defaults.
    rule: Rule = Field(default_factory=str)
    from_: RecursFrom = Field(default_factory=lambda: "due", alias="from")
    occurrence: Occurrence = None
    is_supported: IsSupported = None


class TaskSkip(Input):
    """The date to skip; without it, whichever the task stands for."""

    occurrence: LocalDate | None = None


class RecurrenceRead(Output):
    """How a task recurs."""

    # `from` is a word of Python's.
    model_config = ConfigDict(serialize_by_alias=True)

    rule: str = Field(
        description="As it was sent, in upper case; `COUNT` is what remains, this task's date included.",
        examples=["FREQ=WEEKLY;BYDAY=MO,TH"],
    )
    from_: Literal["due", "completion"] = Field(alias="from", examples=["due"])
    occurrence: str = Field(
        json_schema_extra={"format": "date"},
        description="The rule's own date that this task stands for; it stays where `due` alone is moved.",
        examples=["2026-12-01"],
    )
    is_supported: bool = Field(
        description="Whether its dates are those of this rule alone, of the form that is taken. False of what a calendar "
        "program has made and only Doable goes on with: by another rule of RFC 5545, or with dates of its own.",
        examples=[True],
    )
