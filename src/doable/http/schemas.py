"""The base of all wire schemas, and types that they share."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from doable.database.types import instant_to_text

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader can hold (RFC 8259, section 6)."""

NO_CONTROLS = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
"""Text without a C0 control character but tab and line ends. Lone surrogates never get here: JSON that has one is not valid."""

SOME_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*[^\s\x85\x00-\x1f][^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
"""The same, but not white space alone: `min_length` of trimmed text, in a form that JSON Schema has. (Its `\\s`, like
JavaScript's, does not match U+0085.)"""

_DATE_TIME = WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-21T09:51:00.123456Z"]})

Instant = Annotated[datetime, PlainSerializer(instant_to_text, return_type=str), _DATE_TIME]
"""RFC 3339 in UTC with `Z` and microseconds."""

InstantText = Annotated[str, _DATE_TIME]
"""The same, which `database.types.InstantText` has read as it is sent."""


def header(pattern: str, example: str) -> WithJsonSchema:
    """The documentation of a header's value. An absent header is not null."""
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


class Input(BaseModel):
    """An input: exactly the declared fields, each of exactly its type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


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
