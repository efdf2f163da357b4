"""Filters of calendar-query, as XML."""

from typing import Any

from doable.caldav import xml
from support.dav import request


def read(inner: str) -> Any:
    """The element with this in it."""
    (found,) = xml.read(request("D:x", f"<C:filter>{inner}</C:filter>").encode())
    return found


def comp(name: str, inner: str = "") -> str:
    """A comp-filter."""
    return f'<C:comp-filter name="{name}">{inner}</C:comp-filter>'


def prop(name: str, inner: str = "") -> str:
    """A prop-filter."""
    return f'<C:prop-filter name="{name}">{inner}</C:prop-filter>'


def param(name: str, inner: str = "") -> str:
    """A param-filter."""
    return f'<C:param-filter name="{name}">{inner}</C:param-filter>'


def text(wanted: str, collation: str | None = None, negate: str | None = None) -> str:
    """A text-match."""
    said = "" if collation is None else f' collation="{collation}"'
    not_ = "" if negate is None else f' negate-condition="{negate}"'
    return f"<C:text-match{said}{not_}>{wanted}</C:text-match>"


def between(start: str | None = None, end: str | None = None) -> str:
    """A time-range."""
    begins = "" if start is None else f' start="{start}"'
    ends = "" if end is None else f' end="{end}"'
    return f"<C:time-range{begins}{ends}/>"


NOT_DEFINED = "<C:is-not-defined/>"
