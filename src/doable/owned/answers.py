"""What a route answers, before it is a response: so that a transaction can keep it. Knows no web framework."""

from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: its status, its JSON, empty where there is none, and its ETag."""

    status: int
    body: bytes
    etag: str | None = None
    replayed: bool = False
    """Whether it was given before, to the same request."""


def answer(content: BaseModel | None, status: int = 200, *, revision: int | None = None) -> Answer:
    """The content as JSON, written to bytes once. `revision` is what the ETag says."""
    body = b"" if content is None else type(content).__pydantic_serializer__.to_json(content)
    return Answer(status, body, None if revision is None else etag(revision))


def etag(revision: int) -> str:
    """The entity tag of what is at this revision: a strong one (RFC 9110, section 8.8.3)."""
    return f'"{revision}"'
