"""A line of text in tokens that know their places, and the words of a language to compare them with.

Everything is scanned once from left to right. No expression is searched for, so that no text takes longer than its length.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Generic, Literal, NamedTuple, TypeVar
from unicodedata import category, normalize

V = TypeVar("V")

OPENING: Final = frozenset("([{,;:\N{EN DASH}\N{EM DASH}")
"""Behind these something may begin without white space."""
CLOSING: Final = frozenset(",.;:!?…)]}")
"""Before these, where nothing but white space follows, something may end."""
_INSIDE: Final = frozenset(",/&!:")
"""What may follow a word inside a phrase: `mon,wed`, `tue/thu`, `every!`, `start:`."""

APOSTROPHES: Final = frozenset("'\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}")

_SPELLED: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", **dict.fromkeys(APOSTROPHES, "'")})


def folded(word: str) -> str:
    """The word without regard to case, and with `ae` for `ä` and `ss` for `ß`, as people write who have no such key."""
    return word.lower() if word.isascii() else normalize("NFC", word).casefold().translate(_SPELLED)


class Token(NamedTuple):
    """A word, a number, a single sign, or a stop: what is something else already, and ends every phrase."""

    start: int
    end: int
    key: str
    kind: Literal["word", "number", "sign", "stop"]
    is_spaced: bool
    """Whether white space, or nothing, is before it."""


class Words(Generic[V]):
    """Words of one sort, and phrases of several words, with what each stands for."""

    def __init__(self, meanings: Mapping[str, V]) -> None:
        """Several ways to say the same are separated by `|`."""
        said = ((each, value) for key, value in meanings.items() for each in key.split("|"))
        self.meanings = {folded(each): value for each, value in said}
        self.firsts = frozenset(each.partition(" ")[0] for each in self.meanings)
        self.longest = max((each.count(" ") + 1 for each in self.meanings), default=0)


Span = tuple[int, int]


class Text:
    """The tokens of a line. `stops` are spans of it, in their order, that are one token each."""

    def __init__(self, raw: str, stops: Sequence[Span] = ()) -> None:
        self.raw = raw
        self._end = Token(len(raw), len(raw), "", "stop", is_spaced=True)
        self.tokens = [*_tokens(raw, stops)]
        # Whether a phrase may end before this token, or behind the last one. No phrase looks further than two beyond.
        self.ends = [True] * (len(self.tokens) + 3)
        for index in range(len(self.tokens) - 1, -1, -1):
            token = self.tokens[index]
            closes = token.kind == "sign" and token.key in CLOSING and self.ends[index + 1]
            self.ends[index] = token.is_spaced or token.kind == "stop" or closes

    def __getitem__(self, index: int) -> Token:
        return self.tokens[index] if index < len(self.tokens) else self._end

    def begins(self, index: int) -> bool:
        """Whether a phrase may begin with this token."""
        if index == 0 or self[index].is_spaced:
            return True
        before = self.tokens[index - 1]
        return before.kind == "stop" or (before.kind == "sign" and before.key in OPENING)

    def is_last(self, index: int) -> bool:
        """Whether nothing, or something else already, comes at this token: the end of what is said."""
        while self[index].kind == "sign" and self[index].key in CLOSING:
            index += 1
        return self[index].kind == "stop"

    def is_capitalised(self, index: int) -> bool:
        """Whether it is a word like a name's."""
        token = self[index]
        return token.kind == "word" and token.key != "i" and self.raw[token.start].isupper()

    def before(self, index: int) -> str:
        """The word before this token; empty if there is none."""
        return self.tokens[index - 1].key if index and self.tokens[index - 1].kind == "word" else ""

    def word(self, words: Words[V], index: int) -> tuple[V, int] | None:
        """What the longest of these words here stands for, and the token after it."""
        token = self[index]
        key, found = token.key, None
        if key not in words.firsts:  # so it is nearly always
            return None
        for following in range(index + 1, index + 1 + words.longest):
            if token.kind != "word":
                break
            if key in words.meanings and self._is_whole(following):
                found = words.meanings[key], following
            token = self[following]
            if not token.is_spaced:
                break
            key = f"{key} {token.key}"
        return found

    def skip(self, words: Words[V], index: int) -> int:
        """The token after one of these words, if there is one here."""
        found = self.word(words, index)
        return index if found is None else found[1]

    def number(self, index: int, *, digits: int = 4) -> int | None:
        """The number here, if it has no more digits than that."""
        token = self[index]
        return int(token.key) if token.kind == "number" and token.end - token.start <= digits else None

    def is_glued(self, index: int, sign: str) -> bool:
        """Whether this sign is here, without white space before it."""
        token = self[index]
        return token.kind == "sign" and token.key == sign and not token.is_spaced

    def _is_whole(self, index: int) -> bool:
        return self.ends[index] or (self[index].kind == "sign" and self[index].key in _INSIDE)


def _tokens(raw: str, stops: Sequence[Span]) -> Iterable[Token]:
    place, is_spaced, following = 0, True, iter([*stops, (len(raw), len(raw))])
    stop = next(following)
    while place < len(raw):
        start, character = place, raw[place]
        if place == stop[0] and stop[1] > place:
            place, stop = stop[1], next(following)
            yield Token(start, place, "", "stop", is_spaced)
        elif character.isspace():
            place, is_spaced = place + 1, True
            continue
        elif character.isdecimal():
            while place < stop[0] and raw[place].isdecimal():
                place += 1
            # `int` reads the digits of every script, as long as they are decimal ones.
            yield Token(start, place, raw[start:place], "number", is_spaced)
        elif character.isalpha() and character not in APOSTROPHES:  # U+02BC is a letter, and of no word that it begins
            while place < stop[0] and _is_of_word(raw, place):
                place += 1
            yield Token(start, place, folded(raw[start:place]), "word", is_spaced)
        else:
            place += 1
            yield Token(start, place, character, "sign", is_spaced)
        is_spaced = False


def _is_of_word(raw: str, place: int) -> bool:
    character = raw[place]
    if character in APOSTROPHES:  # inside a word only: o'clock, Monday's
        return raw[place - 1].isalpha() and raw[place + 1 : place + 2].isalpha()
    return character.isalpha() or (character > "\x7f" and category(character)[0] == "M")
