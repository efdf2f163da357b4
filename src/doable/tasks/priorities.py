"""Priorities: four words on the wire, the numbers of RFC 5545, section 3.8.1.9, in the row."""

from typing import Final, Literal

Priority = Literal["none", "low", "medium", "high"]

WORDS: Final = ("none", "high", "high", "high", "high", "medium", "low", "low", "low", "low")
"""The word for each number."""

_NUMBERS: Final = {"none": 0, "high": 1, "medium": 5, "low": 9}


def number(word: str | int, old: int | None) -> int:
    """The number to store for a word: the old one if that is its word already, so that a 3 survives who sends what was read.

    Where clients send numbers, it is theirs.
    """
    if isinstance(word, int):
        return word
    return old if old is not None and WORDS[old] == word else _NUMBERS[word]
