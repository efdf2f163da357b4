"""`If-Match` and `If-None-Match` (RFC 9110, section 13.1): entity tags are a revision and a version of the representation, in quotes."""

import re
from typing import Annotated, Any, Final

from starlette.responses import Response

from doable.errors import Invalid
from doable.http.notes import Header
from doable.http.responses import json_response
from doable.http.schemas import header

_TAG: Final = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS: Final = re.compile(rf"{_TAG}(?:[ \t]*,[ \t]*{_TAG})*")
# Any other tag is a valid one that was never given out, and so matches nothing.
_ONE_TAG: Final = re.compile(_TAG)
# A proxy that compresses the answer weakens its tag (nginx, HAProxy) or adds how (Apache, Caddy: "7.1-gzip"; Jetty: two hyphens).
_GIVEN_OUT: Final = re.compile(r'(?:W/)?"((0|[1-9][0-9]{0,15})(?:\.[0-9]+)?)(?:[-;]{1,2}[a-z]{2,8})?"')

_PATTERN: Final = r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$'

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="Do it only if it is at this revision: the `ETag` of an answer, with its quotes. Otherwise 412.",
    ),
    header(_PATTERN, '"7.1"'),
]
IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description="Answer 304 with no body if it is still at this revision.",
    ),
    header(_PATTERN, '"7.1"'),
]
IfNoneMatchAny = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description="`*`: make it, with the id in the path, if there is none with that id. Otherwise 412.",
    ),
    header(r"^\*$", "*"),
]


def expected_revisions(if_match: str | None) -> frozenset[int] | None:
    """The revisions of which one must be the present one; None if any will do. Raises Invalid."""
    if if_match is None or if_match.strip() == "*":
        return None
    # The client wants to change the thing, whichever version of its representation it has seen. A weak tag would match
    # nothing (RFC 9110, section 13.1.1), but Doable gives out none: it was a strong one before it was compressed.
    found = (_GIVEN_OUT.fullmatch(tag) for tag in _tags("If-Match", if_match))
    return frozenset(int(tag[2]) for tag in found if tag is not None)


def unless_unchanged(content: Any, etag: str, if_none_match: str | None) -> Response:
    """The representation with this entity tag, or 304 where the client has it already. Raises Invalid."""
    if is_unchanged(etag, if_none_match):
        return Response(status_code=304, headers={"ETag": etag})
    return json_response(content, etag=etag)


def is_unchanged(etag: str, if_none_match: str | None) -> bool:
    """Whether the client has the representation with this entity tag already. Raises Invalid."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    found = (_GIVEN_OUT.fullmatch(tag) for tag in _tags("If-None-Match", if_none_match))
    return any(f'"{tag[1]}"' == etag for tag in found if tag is not None)


def must_be_new(if_none_match: str | None) -> bool:
    """Whether the thing must not exist yet. Raises Invalid for anything but `*`."""
    if if_none_match is None:
        return False
    if if_none_match.strip() != "*":
        raise Invalid("Here it can only be *", where=("header", "If-None-Match"))
    return True


def _tags(name: str, value: str) -> list[str]:
    if not _TAGS.fullmatch(value.strip(" \t")):
        message = 'This must be * or an ETag as it was answered, with its quotes: "7.1"'
        raise Invalid(message, where=("header", name))
    return _ONE_TAG.findall(value)
