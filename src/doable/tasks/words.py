"""Words: what tasks are searched by, made alike of what is stored and of what is asked for.

A task's text is ` oat milk ¶ two litres `: the words of the title, and behind the mark those of the description. What is asked for
becomes terms that must all be in it: ` oat` is the beginning of a word, ` oat milk ` is whole words in this order. A database
looks for these strings and knows nothing else of it, so that every database finds the same.
"""

import re
from collections.abc import Iterable
from typing import Final
from unicodedata import category, normalize, unidata_version

from doable.errors import NothingToSearch, TooManyTerms

RULES: Final = 1
"""Moves when the same text would become other words."""

VERSION: Final = RULES * 1_000_000 + int(unidata_version.replace(".", ""))
"""Of words that are stored: the next Python may know more letters."""

MOST_TERMS: Final = 10

MAX_SEARCHED: Final = 200
"""Characters of a text that is searched for."""

# Letters with a stroke or a twin, which Unicode does not take apart.
_LETTERS: Final = str.maketrans("øđłðħŋ\N{LATIN SMALL LETTER DOTLESS I}", "odldhni") | str.maketrans(
    {"þ": "th", "æ": "ae", "œ": "oe"}
)
_APOSTROPHES: Final = "'\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}"
_SKIN_TONES: Final = "".join(map(chr, range(0x1F3FB, 0x1F400)))
_JAPANESE_AND_CHINESE: Final = (
    range(0x3005, 0x3100),
    range(0x31F0, 0x3200),
    range(0x3400, 0x4DC0),
    range(0x4E00, 0xA000),
    range(0xF900, 0xFB00),
    range(0x1AFF0, 0x1B170),
    range(0x20000, 0x40000),
)
_THAI_AND_LAO_BURMESE_KHMER: Final = (
    range(0x0E00, 0x0F00),
    range(0x1000, 0x10A0),
    range(0xA9E0, 0xAA00),
    range(0xAA60, 0xAA80),
    range(0x116D0, 0x11700),
    range(0x1780, 0x1800),
)
_UNSPACED: Final = (*_JAPANESE_AND_CHINESE, *_THAI_AND_LAO_BURMESE_KHMER)
"""Where no spaces are written between words, each letter is one."""

_MARKS: Final = "\u3099\u309a" + "".join(
    mark for each in _THAI_AND_LAO_BURMESE_KHMER for mark in map(chr, each) if category(mark).startswith("M")
)
"""Those that make another letter of it, or are its vowel, where accents only colour it."""

_END: Final = "\n"
"""White space behind what is a word by itself; its marks have yet to come in front of that."""

_MARKS_BEHIND: Final = re.compile(f"{_END}([{_MARKS}]+)")

_ASCII: Final = {
    code: None if chr(code) in _APOSTROPHES else chr(code).lower() if chr(code).isalnum() else " "
    for code in range(128)
}


_LAST_KEPT: Final = 0x9FFF
"""Of the characters whose spelling is kept. Whoever sends all of them takes 6 MB."""


class _Spelling(dict[int, str | int]):
    """What becomes of a character, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        spelled = _spelled(chr(code))
        if code <= _LAST_KEPT:
            self[code] = spelled
        return spelled


_SPELLING: Final = _Spelling(_LETTERS)


def _spelled(character: str) -> str:
    kind = category(character)
    if kind == "So" or (kind[0] == "L" and any(ord(character) in each for each in _UNSPACED)):
        return f" {character}{_END}"
    if character in _APOSTROPHES or character in _SKIN_TONES or kind == "Cf":
        return ""
    if kind[0] == "M":
        return character if character in _MARKS else ""
    return character if kind[0] in "LN" else " "


def words_of(text: str) -> str:
    """The words of a text, with a space between them."""
    if text.isascii():
        return " ".join(text.translate(_ASCII).split())
    folded = normalize("NFKD", normalize("NFKD", text).casefold())
    spelled = _MARKS_BEHIND.sub(rf"\1{_END}", folded.translate(_SPELLING))
    return normalize("NFC", " ".join(spelled.split()))


def words_of_task(title: str, description: str | None) -> str:
    """The text that a task is found by."""
    words, below = words_of(title), words_of(description or "")
    return f" {words} \N{PILCROW SIGN} {below} " if below else f" {words} "


_RUN: Final = re.compile(r'"([^"]*)"|(\S+)')


def terms_of(text: str) -> tuple[str, ...]:
    """The terms of what is asked for. Raises NothingToSearch if no word is in it, and TooManyTerms."""
    terms: dict[str, None] = {}
    for quoted, run in _RUN.findall(text):
        words = words_of(quoted or run)
        if words:
            terms[f" {words} " if quoted else f" {words}"] = None
    if not terms:
        raise NothingToSearch
    if len(terms) > MOST_TERMS:
        raise TooManyTerms
    return tuple(terms)


def matches(words: str, terms: Iterable[str]) -> bool:
    """Whether a task with these words is found."""
    return all(term in words for term in terms)
