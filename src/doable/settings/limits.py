"""Limits as settings have them: how often something may be done, such as `10/15minutes`."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

_LIMIT: Final = re.compile(r"([1-9]\d{0,8})/([1-9]\d{0,3})?(second|minute|hour|day)s?")


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times in a period, which begins with the first of them."""

    count: int
    period: timedelta

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """`<number>/<number?><second|minute|hour|day>[s]`; None for `off`. Raises ValueError, without the text."""
        text = text.strip().lower()
        if text == "off":
            return None
        found = _LIMIT.fullmatch(text)
        if found is None:
            raise ValueError("must be how often in how long, as in 10/15minutes, 100/hour or 1/day, or off")
        count, periods, unit = found.groups()
        return cls(int(count), int(periods or 1) * timedelta(**{f"{unit}s": 1}))


Throttled = Annotated[
    Limit | None, NoDecode, BeforeValidator(lambda value: Limit.parse(value) if isinstance(value, str) else value)
]
"""A limit as text, or `off`."""
