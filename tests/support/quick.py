"""The tables of phrases of quick add, which clients run too, and how a phrase is understood."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from doable.tasks.quick.marks import Destination
from doable.tasks.quick.understanding import KINDS, Understood, understand

FOLDER = Path(__file__).parent.parent / "tasks" / "quick"
TABLES = {"en": "english.json", "de": "german.json"}

Phrase = dict[str, Any]


def table(language: str) -> dict[str, Any]:
    """The table of a language."""
    return _table(TABLES[language])


def unseen() -> dict[str, Any]:
    """The table of somebody who had not seen the grammar, in English."""
    return _table("unseen.json")


def _table(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return found


def hostile() -> list[str]:
    """The longest lines of what is hardest to read."""
    seeds = json.loads((FOLDER / "hostile.json").read_text(encoding="utf-8"))["repeated up to 500 characters"]
    return [(seed * 500)[:500] for seed in seeds]


def odd() -> list[str]:
    """Signs, numbers and letters that mean something somewhere, or hardly anywhere."""
    found: list[str] = _table("noise.json")["noise"]
    return found


def phrases() -> Iterator[tuple[str, dict[str, Any], Phrase]]:
    """Every phrase with its language and its table."""
    for language in TABLES:
        found = table(language)
        for phrase in found["phrases"]:
            yield language, found, phrase


def read(text: str, language: str, known: dict[str, Any], phrase: Phrase, kinds: frozenset[str] = KINDS) -> Understood:
    """What is understood of a text where a table says. Lists and sections have their names for ids."""
    now = datetime.fromisoformat(phrase.get("now", known["now"])).replace(tzinfo=ZoneInfo(known["timezone"]))
    lists = [
        Destination(name, name, [Destination(each, each) for each in sections])
        for name, sections in known["lists"].items()
    ]
    week = known["week_starts_on"]
    return understand(text, now=now, language=language, week_starts_on=week, lists=lists, kinds=kinds)


def as_in_table(phrase: Phrase, understood: Understood) -> Phrase:
    """What was understood, as a table has it."""
    called = {"list_id": "list", "section_id": "section"}
    said = {called.get(name, name): value for name, value in understood.members.items()}
    return {**{name: phrase[name] for name in ("text", "now") if name in phrase}, **said}
