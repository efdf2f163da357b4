"""The answer of a route before it is a response, so that a transaction can keep it. Knows no web framework."""

from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: its status, its JSON (empty if there is none), its ETag and its Location."""

    status: int
    body: bytes
    etag: str | None = None
    location: str | None = None
    replayed: bool = False
    """Whether it was given before, to the same request."""
    undo_token: str | None = None
    """By which the write can be undone, where the request asked for that."""


def answer(content: Any) -> Answer:
    """The content as JSON, written to bytes once."""
    return Answer(200, to_json(content))


def gone(_: object) -> Answer:
    """The answer to a deletion: nothing is left."""
    return Answer(204, b"")
