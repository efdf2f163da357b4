"""Values of JSON, of which none need be of the type that it should be."""

from collections.abc import Callable
from typing import Any


def members_of(value: Any) -> dict[str, Any]:
    """An object; what is none has nothing in it."""
    return value if isinstance(value, dict) else {}


def items(value: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of an array."""
    found = value.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def texts(value: dict[str, Any]) -> Callable[[str], str]:
    """What asks for a member as a text: numbers, of which ids are, are written out, and anything else is empty."""

    def said(name: str) -> str:
        found = value.get(name)
        return str(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""

    return said


def number(value: Any) -> float:
    """A number; what is none is 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return value if -1e300 < value < 1e300 else 0  # noqa: PLR2004 - neither infinite nor no number
