"""API tokens as they go over the wire."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from doable import clock
from doable.accounts.gate.credentials import Scope
from doable.accounts.schemas import Name
from doable.http.schemas import Input, Instant, Output

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

# asyncpg takes this instant for infinity, and answers it without a time zone.
_LAST: Final = datetime.max.replace(tzinfo=UTC)


def _instant(value: Any) -> datetime:
    """An instant by RFC 3339: with a time zone, and not a number."""
    try:
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            instant = datetime.fromisoformat(value.upper()).astimezone(UTC)
            if instant < _LAST:
                return instant
    except (ValueError, OverflowError):
        pass
    kind, message = "instant_not_valid", "This must be an instant as RFC 3339 has it, with its time zone"
    raise PydanticCustomError(kind, message)


def _in_the_future(value: datetime) -> datetime:
    if value <= clock.now():
        kind, message = "not_in_the_future", "This must be in the future"
        raise PydanticCustomError(kind, message)
    return value


def _without_repetition(value: list[Scope]) -> list[Scope]:
    if len(set(value)) < len(value):
        kind, message = "scope_repeated", "Each scope can be named once"
        raise PydanticCustomError(kind, message)
    return value


Scopes = Annotated[
    list[Scope],
    Field(
        min_length=1,
        json_schema_extra={"uniqueItems": True},
        description="Its purposes: `tasks:read` to read and follow tasks and lists, `tasks:write` to create, change and "
        "delete them, `account` for the user itself. None of them allows anything that needs a log-in.",
        examples=[["tasks:read", "tasks:write"]],
    ),
]


class ApiTokenCreate(Input):
    """A new API token."""

    name: Name
    scopes: Annotated[Scopes, AfterValidator(_without_repetition)]
    expires_at: (
        Annotated[
            datetime,
            BeforeValidator(_instant),
            AfterValidator(_in_the_future),
            WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2126-11-21T09:51:00Z"]}),
        ]
        | None
    ) = Field(default=None, description="When it expires: an instant in the future. Without one, it never does.")


class ApiTokenRead(Output):
    """An API token, without its text: that is known to nobody but its owner."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["2c7c1f0e-5b0a-4a58-9f5c-6f8a6c5c7a10"])
    name: str = Field(examples=["Backup script"])
    scopes: list[Scope] = Field(examples=[["tasks:read"]])
    created_at: Instant
    expires_at: Instant | None = Field(description="When it expires; null if it does not.")
    last_used_at: Instant | None = Field(description="To within about a minute; null if it was never used.")


class ApiTokensRead(Output):
    """All of your API tokens, the newest first; at most 100."""

    tokens: list[ApiTokenRead]


class NewApiTokenRead(ApiTokenRead):
    """The new API token with its text, which is shown only this once."""

    token: str = Field(
        description="Send it as `Authorization: Bearer <token>`. It is not shown again.",
        examples=["doable_…"],
    )
