"""Reads the JSON of a body by RFC 8259, at the cost of its sender alone."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from pydantic_core import from_json
from starlette.exceptions import HTTPException
from starlette.requests import Request

from doable.http.errors import InvalidJSON
from doable.http.problems import InvalidRequest, Problems
from doable.http.scope import header
from doable.places import aside

T = TypeVar("T")

_JSON: Final = re.compile(rb"application/([^;\s]+\+)?json\s*(;.*)?", re.IGNORECASE)

LARGE_BYTES: Final = 64 * 1024
MAX_VALUES: Final = 50_000
"""A batch of 500 operations has a tenth of it. Reading millions takes a second, in which nothing else is answered."""

_NESTING: Final = (dict, list)

# One, since the interpreter runs one at a time. Others of its kind wait for it, and nothing else does.
_THREAD: Final = ThreadPoolExecutor(1, "large-body")


async def json_body(request: Request) -> bytes:
    """The body, empty if there is none. Raises HTTPException 413, or 415 if it is not sent as JSON."""
    body = await request.body()
    if body:
        if not _JSON.fullmatch((header(request.scope, b"content-type") or b"").strip()):
            raise HTTPException(415)
        headers = request.scope["headers"]
        if any(name == b"content-encoding" and value.strip().lower() != b"identity" for name, value in headers):
            raise HTTPException(415)
    return body


async def read_body(body: bytes, read: Callable[[bytes], T]) -> T:
    """What `read` makes of the body; a large one in a thread, so that the event loop goes on."""
    if len(body) <= LARGE_BYTES:
        return read(body)
    with aside():
        return await asyncio.get_running_loop().run_in_executor(_THREAD, read, body)


def from_body(body: bytes) -> Any:
    """The value of the JSON. Raises InvalidJSON, or InvalidRequest for JSON that is not to be read."""
    if len(body) > LARGE_BYTES and _has_too_many_values(body):
        raise _refused("too_many_values", f"at most {MAX_VALUES} values", body)
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise InvalidJSON from None
    if _has_repeated_keys(body, value):
        raise _refused("repeated_key", "a key must not come twice in one object", body)
    return value


def _refused(kind: str, text: str, body: bytes) -> InvalidRequest:
    problems = Problems()
    problems.add(kind, ("body",), text)
    return InvalidRequest(problems, len(body))


def _has_too_many_values(body: bytes) -> bool:
    """Whether the JSON has more than MAX_VALUES, without reading it."""
    if _values(body) <= MAX_VALUES:  # counted in texts as well
        return False
    # Two quotes for a key and two for its value: leaving out so many texts would take long as well.
    if body.count(b'"') - body.count(b'\\"') > 4 * MAX_VALUES:
        return True
    return _values(_outside_of_texts(body)) > MAX_VALUES


def _values(body: bytes) -> int:
    return body.count(b",") + body.count(b"[") + body.count(b"{")


def _outside_of_texts(body: bytes) -> bytes:
    """The JSON without its keys and texts."""
    return b"".join(body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])


def _has_repeated_keys(body: bytes, value: Any) -> bool:
    """Whether an object has a key twice (RFC 8259, section 4): readers would take one or the other.

    Each member has one colon outside of texts, and the parser keeps one member of each key.
    """
    members = _members(value)
    return body.count(b":") != members and _outside_of_texts(body).count(b":") != members


def _members(value: Any) -> int:
    """How many members its objects have."""
    if type(value) is dict:
        return len(value) + sum([_members(each) for each in value.values() if type(each) in _NESTING])
    return sum([_members(each) for each in value if type(each) in _NESTING]) if type(value) is list else 0
