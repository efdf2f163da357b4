"""How often something may be done, as settings say it: `10/15minutes`."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

REFUSAL_SECONDS: Final = 0.5
"""A refusal is given after this pause: it costs about as much as a read, and who never waits would get thousands."""

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
