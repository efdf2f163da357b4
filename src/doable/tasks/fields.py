"""The members of a task as a client may send them."""

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError, PydanticKnownError

from doable.http.schemas import NO_CONTROLS, Input, LocalTime, Timezone, Whole
from doable.tasks import dates

MAX_DESCRIPTION_LENGTH: Final = "max_description_length"
"""The setting, in the context of a validation."""
USUAL_LENGTH: Final = 2000
MAX_ESTIMATE: Final = 525_600
"""A year."""

_URL: Final = r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f\x7f-\x9f]+$"
_UNSAFE_SCHEMES: Final = frozenset({"javascript", "data", "vbscript"})
_DAY: Final = r"^(19[7-9][0-9]|2[01][0-9]{2}|2200)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


def _not_too_long(text: str, info: ValidationInfo) -> str:
    longest = (info.context or {}).get(MAX_DESCRIPTION_LENGTH)
    if longest is not None and len(text) > longest:
        raise PydanticKnownError("string_too_long", {"max_length": longest})
    return text


def _date(text: str) -> str:
    if not dates.is_date(text):
        kind, message = "date_unknown", "must be a date of the years 1970 to 2200, such as 2026-12-01"
        raise PydanticCustomError(kind, message)
    return text


def _url(text: str) -> str:
    if not re.fullmatch(_URL[1:-1], text):
        kind, message = "url_malformed", "must be an address with its scheme and without white space"
        raise PydanticCustomError(kind, message)
    # Neither white space nor a control character is left, which browsers would take out of a scheme.
    if text.partition(":")[0].lower() in _UNSAFE_SCHEMES:
        kind, message = "url_unsafe", "must not begin with javascript:, data: or vbscript:"
        raise PydanticCustomError(kind, message)
    return text


Description = Annotated[
    str,
    StringConstraints(pattern=NO_CONTROLS),
    AfterValidator(_not_too_long),
    Field(
        description="Text; by convention Markdown.",
        examples=["Two litres, unsweetened"],
        json_schema_extra={"maxLength": USUAL_LENGTH, "x-setting": MAX_DESCRIPTION_LENGTH},
    ),
]
Estimate = Annotated[
    int, Field(ge=1, le=MAX_ESTIMATE), Whole, Field(description="How long it may take, in minutes.", examples=[30])
]
Url = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2000),
    AfterValidator(_url),
    Field(
        description="An address with a scheme, which is not `javascript`, `data` or `vbscript`.",
        examples=["https://example.com/oat-milk"],
        json_schema_extra={"pattern": _URL},
    ),
]
AnsweredOnly = Annotated[str | None, Field(exclude=True, description="Answered only; ignored if it is sent back.")]
LocalDate = Annotated[
    str,
    AfterValidator(_date),
    Field(
        description="A day of the years 1970 to 2200.",
        examples=["2026-12-01"],
        json_schema_extra={"format": "date", "pattern": _DAY},
    ),
]


class _Moment(Input):
    time: LocalTime | None = Field(
        default=None, description="`HH:MM` or `HH:MM:SS`; null is the whole day.", examples=["09:00:00"]
    )
    timezone: Timezone | None = Field(
        default=None,
        description="A name of the IANA database, with a time only; null floats: it is that time wherever one is.",
    )
    at: AnsweredOnly = Field(default=None, examples=["2026-12-01T08:00:00.000000Z"])


class MomentCreate(_Moment):
    """A day, a local time, or an instant in a zone."""

    date: LocalDate

    @model_validator(mode="before")
    @classmethod
    def _is_whole(cls, value: Any) -> Any:
        """What is absent is null, and not what was there."""
        return {"time": None, "timezone": None, **value} if isinstance(value, dict) else value


class MomentPatch(_Moment):
    """What to change of it. `time: null` clears the zone as well."""

    # As with a title: null is no date, and nothing reads the default.
    date: LocalDate = Field(default_factory=str)
