"""Moments as people and programs name them: a date, an instant, `today+7d`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment that depends on when and where it is asked for."""

    base: str
    """`now`, `today`, a weekday, `week`, `month`, a date, or an instant."""
    days: int = 0
    weeks: int = 0
    months: int = 0
