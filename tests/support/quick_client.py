"""What the web client understands of lines that nobody wrote, beside what the server does."""

import json
import random
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from doable.tasks.quick.adding import goes_on
from doable.tasks.quick.language import Language
from doable.tasks.quick.marks import Destination
from doable.tasks.quick.text import Words
from doable.tasks.quick.understanding import KINDS, LANGUAGES, Understood, understand
from support.node import in_the_client
from support.quick import hostile, odd, phrases, unseen

# Their clocks change by rules that are old, and so in every edition of the table of zones.
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns")
LISTS = {"Home": ["Kitchen", "Büro"], "Work": ["Kitchen"], "Big shop": [], "Straße": ["1"], "home": ["Other"]}


def lines(seed: int) -> Iterator[dict[str, Any]]:
    """Lines of words that mean something, and of noise; parts of the tables' phrases, put together anew; where they are typed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    said = {"en": [each["text"] for each in unseen()["phrases"]], "de": []}
    for language, _, phrase in phrases():
        said[language].append(phrase["text"])
    words = {language: _words_of(LANGUAGES[language]) for language in said}
    rough, noise = hostile(), odd()
    while True:
        language = chance.choice(("en", "de"))
        kind = chance.random()
        if kind < 0.4:
            text = _of_pieces(chance, words[language], noise)
        elif kind < 0.95:
            text = _of_phrases(chance, said[language], words[language], noise)
        else:
            text = chance.choice(rough)[: chance.randrange(1, 200)]
        now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(15 * 365 * 86_400))
        yield {
            "text": text[:500],
            "lang": language,
            "now": f"{now + timedelta(microseconds=chance.choice((0, 0, 1, 123_456))):%Y-%m-%dT%H:%M:%S.%fZ}",
            "timezone": chance.choice(ZONES),
            "weekStartsOn": chance.choice(("monday", "monday", "saturday", "sunday")),
            "dayReminderAt": chance.choice(("09:00:00", "09:00:00", "00:00:00", "23:59:59", "07:30:15")),
            "lists": [
                {"id": name, "name": name, "sections": [{"id": f"{name}/{each}", "name": each} for each in parts]}
                for name, parts in LISTS.items()
            ],
            "listId": chance.choice((None, None, "Home")),
        }


def _words_of(language: Language) -> list[str]:
    """Its phrases, those oftener that begin something."""
    every = [getattr(language, each.name) for each in fields(language)]
    found = sorted({phrase for each in every if isinstance(each, Words) for phrase in each.meanings})
    often = [word for word in found if word in language.every.meanings or word in language.remind.meanings]
    others = (language.counted, language.blocking, language.before_names, language.amounts, language.lengths)
    return [*found, *often, *often, *(word for some in others for word in sorted(some))]


def _of_pieces(chance: random.Random, words: list[str], noise: list[str]) -> str:
    text = ""
    for _ in range(chance.randint(1, 12)):
        piece = chance.choice(words if chance.random() < 0.7 else noise)
        text += _spelled(chance, piece) + chance.choice((" ", " ", " ", " ", "  ", ", ", ""))
    return text or "x"


def _of_phrases(chance: random.Random, said: list[str], words: list[str], noise: list[str]) -> str:
    """Parts of two or three phrases, some words of them left out, changed, or in another place."""
    tokens: list[str] = []
    for phrase in chance.sample(said, chance.choice((1, 2, 2, 3))):
        parts = phrase.split(" ")
        start = chance.randrange(len(parts)) if chance.random() < 0.5 else 0
        tokens += parts[start : start + chance.randint(1, 8)]
    for _ in range(chance.choice((0, 1, 1, 2))):
        place = chance.randrange(len(tokens))
        match chance.randrange(4):
            case 0 if len(tokens) > 1:
                del tokens[place]
            case 1:
                tokens.insert(place, chance.choice(noise))
            case 2:
                tokens[place] = chance.choice(words)
            case _:
                other = chance.randrange(len(tokens))
                tokens[place], tokens[other] = tokens[other], tokens[place]
    return " ".join(tokens)


def _spelled(chance: random.Random, word: str) -> str:
    spelling = chance.random()
    if spelling < 0.7:
        return word
    return word.capitalize() if spelling < 0.9 else word.upper()


def of_the_server(line: dict[str, Any]) -> dict[str, Any]:
    """What the server understands, as the client says it."""
    lists = [
        Destination(each["id"], each["name"], [Destination(part["id"], part["name"]) for part in each["sections"]])
        for each in line["lists"]
    ]
    known: dict[str, Any] = {
        "now": datetime.fromisoformat(line["now"]).astimezone(ZoneInfo(line["timezone"])),
        "language": line["lang"],
        "week_starts_on": line["weekStartsOn"],
        "day_reminder_at": line["dayReminderAt"],
        "lists": lists,
        "list_id": line["listId"],
    }
    found = understand(line["text"], **known)
    if not goes_on(found.members):
        found = understand(line["text"], **known, kinds=KINDS - {"recurrence"})
    return _as_client(line, found)


def _as_client(line: dict[str, Any], found: Understood) -> dict[str, Any]:
    """Moments of the client's have their zone, which is none; and its places count units of UTF-16."""

    def moment(value: Any) -> Any:
        return {**value, "timezone": None} if isinstance(value, dict) and "date" in value else value

    def unit(place: int) -> int:
        return len(line["text"][:place].encode("utf-16-le", "surrogatepass")) // 2

    of_list = {} if line["listId"] is None else {"list_id": line["listId"]}
    return {
        "task": {**of_list, **{name: moment(value) for name, value in found.members.items()}},
        "understood": [
            {"kind": each.kind, "start": unit(each.start), "end": unit(each.end), "value": moment(each.value)}
            for each in found.pieces
        ],
    }


def of_the_client(some: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What the client understands of these lines, and its words of each language."""
    answers = in_the_client("tasks/test/answers.ts", some)
    return answers["understood"], answers["words"]


def words_of_the_server() -> dict[str, Any]:
    """Its words, named and written as the client has them."""
    return {
        lang: {_camel(each.name): _plain(getattr(language, each.name)) for each in fields(language)}
        for lang, language in LANGUAGES.items()
    }


def _camel(name: str) -> str:
    first, *others = name.rstrip("_").split("_")
    return first + "".join(each.capitalize() for each in others)


def _plain(value: Any) -> Any:
    if isinstance(value, Words):
        return json.loads(json.dumps(value.meanings))
    return sorted(value) if isinstance(value, frozenset) else value
