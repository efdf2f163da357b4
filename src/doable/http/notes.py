"""The notes in a route's signature: `Annotated[int, Query(ge=1)]` is of the address, and at least 1.

The notation is FastAPI's, which documents the routes. These are our own, so that a server starts without FastAPI: it is imported
when somebody asks for the document, and by nothing else.
"""

from collections.abc import Callable
from typing import Any


class Note:
    """From where in a request a value comes. `alias` is its name there; `field` are options of Pydantic's `Field`."""

    def __init__(
        self, *, alias: str | None = None, openapi_examples: dict[str, Any] | None = None, **field: Any
    ) -> None:
        self.alias = alias
        self.openapi_examples = openapi_examples
        self.field = field


class Path(Note):
    """A segment of the path."""


class Query(Note):
    """What comes after the `?`."""


class Header(Note):
    """A header."""


class Depends:
    """What this function answers. Within a request it is called once."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
