"""Problems with the input, in sentences: the place and the reason, never the input."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import ValidationError
from pydantic_core.core_schema import ErrorType

from doable.errors import Invalid
from doable.http.schemas import COLOR, NO_CONTROLS, SOME_NAME, SOME_TEXT, ProblemRead

MAX_LISTED: Final = 20
"""The most problems that one answer names."""

MAX_LOOKED_AT: Final = 1000
"""The most that are read from Pydantic: making a million of them takes seconds, in which nothing else is answered."""

SMALL_BYTES: Final = 1024
"""An error may always be as long as this; a longer one is for somebody who sent as much."""

AROUND_BYTES: Final = 200
"""The bytes of an error besides its problems and its message."""

OF_PYDANTIC: Final = frozenset(get_args(ErrorType)) - {"value_error", "assertion_error"}
"""Pydantic's own types. The texts of all others are Doable's."""

TEXTS: Final[Mapping[str, str]] = {
    "missing": "required",
    "extra_forbidden": "this field is not known",
    "string_type": "must be text",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number, and not so large",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "at most {le}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "uuid_type": "must be a UUID",
    "uuid_parsing": "must be a UUID",
    "list_type": "must be a list",
    "too_long": "at most {max_length} items",
    "too_short": "at least {min_length} items",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "literal_error": "must be {expected}",
}
"""The meaning of Pydantic's types, to be read after the name of the field and a colon."""

# Names of Doable's own have no digits, but for the one that the Push API gives to a key.
_NAME: Final = re.compile(r"[A-Za-z_-]{1,40}(\[\])?|p256dh")
_CONTROLS: Final = "control characters other than tab and line ends are not allowed"


class Problems:
    """The problems with one request. The first few are kept, the rest are counted."""

    __slots__ = ("count", "listed")

    def __init__(self) -> None:
        self.listed: list[ProblemRead] = []
        self.count = 0

    def add(self, kind: str, loc: Iterable[str | int], text: str) -> None:
        """One problem. The text is read after the name of its field."""
        self.count += 1
        if len(self.listed) < MAX_LISTED:
            self.listed.append(ProblemRead(loc=list(loc), msg=text[:1].upper() + text[1:], type=kind))

    def add_all(self, error: ValidationError, where: Sequence[str]) -> None:
        """All problems that Pydantic has found."""
        found = error.error_count()
        if found > MAX_LOOKED_AT:
            self.add("too_many_problems", where, f"{found} problems are too many to name")
            return
        for each in error.errors(include_url=False, include_input=False):
            # In an address, it is enough to name the parameter.
            loc = where if where[0] == "query" else (*where, *each["loc"])
            spoken = _spoken(loc)
            text = _text(each["type"], each["msg"], each.get("ctx", {}))
            if each["type"] == "extra_forbidden" and len(spoken) < len(loc):
                text = "one of the fields is not known"
            self.add(each["type"], spoken, text)


class InvalidRequest(Invalid):
    """The request was read, but its parameters or its body are not what its route needs."""

    def __init__(self, problems: Problems, sent_bytes: int) -> None:
        first = problems.listed[0]
        more = problems.count - 1
        rest = f" (and {more} more problem{'s' if more > 1 else ''})" if more else ""
        message = f"{sentence(first.loc, first.msg)[:-1]}{rest}."
        super().__init__(message)
        self.detail = _detail(problems, max(SMALL_BYTES, sent_bytes) - len(message) - AROUND_BYTES)


def sentence(loc: Sequence[str | int], text: str) -> str:
    """The problem as one sentence, such as `title: at most 200 characters.`."""
    path = ""
    for part in loc[1:] or loc[:1]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    text = text.rstrip(".")
    return f"{path}: {text[:1].lower()}{text[1:]}." if path else f"{text}."


def unknown_parameter(problems: Problems, name: str, known: Sequence[str]) -> None:
    """A query parameter that the route does not have. The ones that it has are named."""
    has = f"; there {'are' if len(known) > 1 else 'is'} {_listed(known)}" if known else ""
    loc = _spoken(("query", name))
    what = "this" if len(loc) > 1 else "one"
    problems.add("unknown_parameter", loc, f"{what} is no parameter of this address{has}")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _spoken(loc: Iterable[str | int]) -> list[str | int]:
    """The place without text that a client made up. It stays if it looks like a name, since that helps."""
    return [part for part in loc if isinstance(part, int) or _NAME.fullmatch(part)]


def _text(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind not in OF_PYDANTIC:
        return message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if kind == "string_pattern_mismatch" and context["pattern"] in {NO_CONTROLS, SOME_TEXT, SOME_NAME}:
        return _CONTROLS
    if kind == "string_pattern_mismatch" and context["pattern"] == COLOR:
        return "must be a colour such as #2a9d8f, in lower case"
    if kind in {"string_too_short", "too_short"} and context["min_length"] == 1:
        return "must not be empty"
    # Pydantic's own words would do for the rest, but some of them quote the input.
    return TEXTS.get(kind, "this cannot be used").format_map(context)


def _detail(problems: Problems, max_bytes: int) -> list[ProblemRead]:
    told: list[ProblemRead] = []
    for problem in problems.listed:
        max_bytes -= len(type(problem).__pydantic_serializer__.to_json(problem))
        if told and max_bytes < 0:
            break
        told.append(problem)
    left = problems.count - len(told)
    if left:
        told.append(ProblemRead(loc=[], msg=f"{left} more problem{'s' if left > 1 else ''}", type="more"))
    return told
