"""Positions of things among others, as text that is compared by its bytes: a move writes no other thing.

The server makes the keys. The first and the last place come from the owner's revision, which only grows, so that no
neighbour has to be looked at; a place between two is a fraction between them. No key ends with the lowest digit: there
would be none between a key and the same key with that digit appended.
"""

from collections.abc import Sequence
from typing import Final

DIGITS: Final = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""In the order of their bytes."""

WIDTH: Final = 12
MAX_LENGTH: Final = 48
"""A key that would be longer has its neighbours spread anew."""

TOGETHER: Final = 50
"""The number of neighbours before it, and after it, that are spread then."""


def last(revision: int) -> str:
    """Behind everything that was placed at an earlier revision."""
    return str(revision).zfill(WIDTH)


def first(revision: int) -> str:
    """Before everything that was placed at an earlier revision."""
    return f"-{10**WIDTH - 1 - revision:0{WIDTH}}"


def between(low: str, high: str) -> str:
    """A key behind `low` and before `high`, which are two keys in this order."""
    common = 0
    while (low[common : common + 1] or DIGITS[0]) == high[common]:
        common += 1
    return high[:common] + _fraction(low[common:], high[common:])


def spread(low: str, high: str, count: int) -> list[str]:
    """So many keys between the two, in order, as short as they can be."""
    if not count:
        return []
    middle, before = between(low, high), (count - 1) // 2
    return [*spread(low, middle, before), middle, *spread(middle, high, count - 1 - before)]


def place(others: Sequence[str], index: int, revision: int) -> tuple[str, range]:
    """The key of a thing before `others[index]`, and which of the others must be spread anew with it: mostly none."""
    if index == 0:
        return first(revision), range(0)
    if index == len(others):
        return last(revision), range(0)
    key = between(others[index - 1], others[index])
    if len(key) <= MAX_LENGTH:
        return key, range(0)
    return key, range(max(0, index - TOGETHER), min(len(others), index + TOGETHER))


def _fraction(low: str, high: str) -> str:
    # Their first digits differ; beyond its end, a number has the lowest digit for ever.
    least, most = DIGITS.index(low[0]) if low else 0, DIGITS.index(high[0]) if high else len(DIGITS)
    if most - least > 1:
        return DIGITS[(least + most + 1) // 2]
    if len(high) > 1:
        return high[0]
    return DIGITS[least] + _fraction(low[1:], "")
