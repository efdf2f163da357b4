"""The base of all wire schemas, and types that they share."""

import re
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from doable import clock
from doable.database.types import instant_to_text

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader can hold (RFC 8259, section 6)."""

NO_CONTROLS = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
"""Text without a C0 control character but tab and line ends. Lone surrogates never get here: JSON that has one is not valid."""

SOME_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*[^\s\x85\x00-\x1f][^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
"""The same, but not white space alone: `min_length` of trimmed text, in a form that JSON Schema has. (Its `\\s`, like
JavaScript's, does not match U+0085.)"""

SOME_NAME = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]*[^\s\x85\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]*$"
"""The same without the C1 control characters, but U+0085, which is white space."""

COLOR = "^#[0-9a-f]{6}$"

Color = Annotated[str, StringConstraints(pattern=COLOR), Field(examples=["#2a9d8f"])]

_DATE_TIME = WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-21T09:51:00.123456Z"]})

Instant = Annotated[datetime, PlainSerializer(instant_to_text, return_type=str), _DATE_TIME]
"""RFC 3339 in UTC with `Z` and microseconds."""

InstantText = Annotated[str, _DATE_TIME]
"""The same, which `database.types.InstantText` has read as it is sent."""


def _timezone(name: str) -> str:
    if name not in clock.timezones():
        kind, message = "timezone_unknown", "must be a time zone of the IANA database, such as Europe/Berlin"
        raise PydanticCustomError(kind, message)
    return name


Timezone = Annotated[
    str,
    StringConstraints(max_length=100),
    AfterValidator(_timezone),
    Field(description="A name of the IANA database.", examples=["Europe/Berlin"]),
]


_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"


def _time(text: str) -> str:
    if not re.fullmatch(_TIME[1:-1], text):
        kind, message = "time_unknown", "must be a time from 00:00 to 23:59:59, such as 08:30"
        raise PydanticCustomError(kind, message)
    return text if len(text) == len("HH:MM:SS") else f"{text}:00"


LocalTime = Annotated[
    str,
    AfterValidator(_time),
    Field(
        description="`HH:MM` or `HH:MM:SS`, answered with seconds.",
        examples=["08:30:00"],
        json_schema_extra={"pattern": _TIME},
    ),
]


def header(pattern: str, example: str) -> WithJsonSchema:
    """The documentation of a header's value. An absent header is not null."""
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


def _whole(number: object) -> object:
    return int(number) if isinstance(number, float) and number.is_integer() else number


Whole = BeforeValidator(_whole)
"""JSON has one kind of number: 7.0 is 7 (RFC 8259, section 6)."""


class Input(BaseModel):
    """An input: exactly the declared fields, each of exactly its type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Its schema, without defaults: what has one, generated TypeScript takes for required."""
        found = handler(schema)
        for described in handler.resolve_ref_schema(found).get("properties", {}).values():
            described.pop("default", None)
        return found


# JSON has no UUIDs, so strictness would refuse every one.
Reference = Annotated[
    UUID, PlainSerializer(str), Field(strict=False, examples=["7d444840-9dc0-41d1-b245-5ffdce74fad2"])
]
"""The id of something else, dumped as text."""


class Move(Input):
    """Where it is to stand among its siblings: `before` or `after` one of them, or in the first or last `place`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"place": "first"}]})

    before: Reference | None = None
    after: Reference | None = None
    place: Literal["first", "last"] | None = Field(default=None, examples=["first"])

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        """Nothing need be said of the place where something else is: then it stands last there."""
        places = {"before", "after", "place"}
        said = sum(getattr(self, name) is not None for name in places)
        if said > 1 or (not said and self.model_fields_set <= places):
            elsewhere = sorted(type(self).model_fields.keys() - places)
            needed = f"{', '.join(elsewhere)} or one" if elsewhere else "one"
            message = "say only one of before, after and place" if said else f"say {needed} of before, after and place"
            raise PydanticCustomError("place_missing", message)
        return self


class Output(BaseModel):
    """An output."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True, defer_build=True)


class ProblemRead(Output):
    """One problem with the input. It never repeats the input."""

    loc: list[str | int] = Field(
        description="Where: `body`, `query` or `path`, then the field.", examples=[["body", "title"]]
    )
    msg: str = Field(description="What is wrong.", examples=["Required"])
    type: str = Field(description="A stable word for it.", examples=["missing"])


class ErrorRead(Output):
    """Every error looks like this. Some have more members: `current`, the thing as it is now; `index`, the operation that failed."""

    model_config = ConfigDict(extra="allow")

    detail: str | list[ProblemRead] = Field(description="A sentence; for invalid input, a list of its problems.")
    status_code: int = Field(description="The HTTP status once more.")
    code: str = Field(description="A stable word, to be compared by programs.")
    message: str = Field(description="One sentence for a person.")
