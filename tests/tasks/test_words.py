"""What is a word, by the table that clients have as well, and by the rules as they are written down."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any
from unicodedata import category, name, normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from doable.errors import NothingToSearch, TooManyTerms
from doable.tasks.words import MOST_TERMS, matches, terms_of, words_of, words_of_task

TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "words.json").read_text())
"""Tasks, what is searched for, and what of them is found: written by hand."""

TEXTS = st.text(
    st.sampled_from(
        "aAbé\u0301 ßİıøæĲﬁ½²'\u2019-_%\"¶\n\u3000\u200d\u00ad\ufe0fガカｶﾞ\u3099東々\u3007한\u1112\u1161กที่ำ๑ລမျខ្មे👩🏽🇩❤℃1\uff19"
    )
    | st.characters(codec="utf-8"),
    max_size=30,
)


def test_searches_find_what_the_table_says() -> None:
    words = {task["title"]: words_of_task(task["title"], task.get("description")) for task in TABLE["tasks"]}
    for query in TABLE["queries"]:
        terms = terms_of(query["q"])
        found = {title for title, each in words.items() if matches(each, terms)}
        assert found == {*query["finds"]}, query


@pytest.mark.parametrize("text", TABLE["nothing_to_search"])
def test_there_is_nothing_to_search(text: str) -> None:
    with pytest.raises(NothingToSearch):
        terms_of(text)


def test_there_are_ten_terms_at_most() -> None:
    ten = [f"w{number}" for number in range(MOST_TERMS)]
    assert len(terms_of(" ".join([*ten, "%", "w0", '""']))) == MOST_TERMS
    with pytest.raises(TooManyTerms):
        terms_of(" ".join([*ten, "more"]))


UNSPACED = ("HIRAGANA", "KATAKANA", "HENTAIGANA", "VERTICAL ", "IDEOGRAPHIC ", "MASU ", "CJK UNIFIED", "CJK COMPATIBILITY", "THAI ", "LAO ", "MYANMAR ", "KHMER ")  # fmt: skip
LETTERS = {"ø": "o", "đ": "d", "ł": "l", "ð": "d", "þ": "th", "\u0131": "i", "ħ": "h", "ŋ": "n", "æ": "ae", "œ": "oe"}


def slowly(text: str) -> str:
    """The words by the rules of TASKS.md, 5.9, one after the other."""
    folded = normalize("NFKD", text).casefold()
    found: list[str] = [""]
    joins = False
    for character in normalize("NFKD", "".join(LETTERS.get(each, each) for each in folded)):
        kind, script = category(character), name(character, "").startswith(UNSPACED)
        if kind == "So" or (kind[0] == "L" and script):
            found.append(character)
            joins = False
        elif character in "'\u2019\u02bc" or kind == "Cf" or "EMOJI MODIFIER" in name(character, ""):
            continue
        elif kind[0] == "M":
            if (script and not name(character).startswith("IDEOGRAPHIC ")) or character in "\u3099\u309a":
                joins = joins or not found[-1]
                found[-1] += character
        elif kind[0] in "LN":
            found = found if joins else [*found, ""]
            found[-1] += character
            joins = True
        else:
            found.append("")
            joins = False
    return normalize("NFC", " ".join(each for each in found if each))


@given(TEXTS)
@example("\u302a\u0e01\u0e31\u200d\u0e1a x\u0e31 \u0e31\u0e51")
def test_words_are_made_by_the_rules(text: str) -> None:
    assert words_of(text) == slowly(text)


@given(TEXTS, TEXTS)
def test_a_task_is_found_by_what_is_in_it(title: str, description: str) -> None:
    words = words_of_task(title, description)
    for text in (title, description):
        whole = text.replace('"', " ")
        for asked in (whole, f'"{whole}"', *whole.split()):
            with suppress(NothingToSearch, TooManyTerms):
                assert matches(words, terms_of(asked)), asked
