"""Makes rows of what is found in a file: what is too long is cut, what fits nowhere is left out, and both are told."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from doable.database import Database, Row
from doable.database.types import instant_to_text
from doable.errors import DoableError
from doable.kinds import KINDS
from doable.owned.limits import Limits
from doable.owned.repository import OwnedRepository
from doable.preferences.schemas import PreferencesPatch
from doable.tasks.dates import MAX_YEAR, MIN_YEAR, is_date
from doable.tasks.recurrence.stored import read
from doable.tasks.reminders import MAX_REMINDERS, from_text, to_text
from doable.tasks.schemas import MAX_TITLE_LENGTH
from doable.tasks.tag_names import MAX_TAG_LENGTH, MAX_TAGS_OF_A_TASK, by_key
from doable.transfer.found import Found
from doable.transfer.resources import columns_of

MAX_NAME_LENGTH: Final = 100
SHOWN_LENGTH: Final = 80
SOME_LIST: Final = "00000000-0000-4000-8000-000000000000"

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CONTROLS_OF_NAMES: Final = re.compile(r"[\x7f-\x84\x86-\x9f]")
_BLANKS: Final = re.compile(r"\s+")

KEYS: Final = ("list_id", "section_id", "parent_id", "next_id", "series_id")
"""The members of a task that name something else."""
MODELS: Final[Mapping[str, type[BaseModel]]] = {kind.name: kind.create for kind in KINDS}
REPOSITORIES: Final[Mapping[str, type[OwnedRepository[Any]]]] = {kind.name: kind.repository for kind in KINDS}

Note = Callable[[str], None]
Repositories = Mapping[str, OwnedRepository[Any]]


def repositories(database: Database, owner_id: str, limits: Limits) -> Repositories:
    """One owner's repositories, by the kinds of things that a file may have."""
    return {name: repository(database, owner_id, limits) for name, repository in REPOSITORIES.items()}


@dataclass(slots=True)
class Fitted:
    """A thing as it can be stored."""

    title: str
    columns: Row
    """Those that are its own, as a client would see to: without its place, and what it names."""
    keys: dict[str, str] = field(default_factory=dict)
    """What it names, by the source's keys."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """Fits things, without a look at the database."""

    longest_description: int
    now: datetime

    def fit(self, found: Found, note: Note) -> Fitted | None:
        """The thing as it can be stored, None if it cannot be. What is lost is noted."""
        members = {name: value for name, value in found.members.items() if value is not None}
        if found.kind == "preferences":
            return Fitted("preferences", _valid(PreferencesPatch, members, note, exclude_unset=True) or {})
        fitted = self._task(members, note) if found.kind == "task" else self._named(found.kind, members, note)
        if fitted is not None:
            fitted.columns |= columns_of(found)
            fitted.columns["created_at"] = instant_to_text(self._instant(members, "created_at", note) or self.now)
        return fitted

    def _named(self, kind: str, members: Mapping[str, Any], note: Note) -> Fitted | None:
        """A list, a section, a tag or a filter."""
        whole = _name(members.get("name")) if kind == "tag" else text_of(members.get("name")).strip()
        name = _cut(whole, MAX_TAG_LENGTH if kind == "tag" else MAX_NAME_LENGTH)
        if not name:
            note(f"a {kind} without a name")
            return None
        if name != whole:
            note(f"the name of the {kind} is cut: {shown(whole)}")
        wanted = {**members, "name": name}
        for each in ("color", "group"):
            if isinstance(members.get(each), str):
                wanted[each] = _cut(text_of(members[each]).strip(), MAX_NAME_LENGTH) or None
        if isinstance(wanted.get("color"), str):
            wanted["color"] = wanted["color"].lower()
        keys = {}
        if kind == "section":
            keys = {"list_id": text_of(str(members.get("list_id", "")))}
            wanted["list_id"] = SOME_LIST
        valid = _valid(MODELS[kind], wanted, note)
        if valid is None:
            return None
        valid.pop("list_id", None)
        try:
            columns = dict(REPOSITORIES[kind].to_columns(None, valid))
        except DoableError as error:  # the query of a filter
            note(f"the {kind} {shown(name)}: {error}")
            return None
        return Fitted(name, columns, keys)

    def _task(self, members: Mapping[str, Any], note: Note) -> Fitted | None:
        wanted = {**members, **self._texts(members, note)}
        if not wanted["title"]:
            note("a task without a title")
            return None
        wanted["tags"] = self._tags(members, note)
        if isinstance(members.get("reminders"), list) and len(members["reminders"]) > MAX_REMINDERS:
            note(f"all but {MAX_REMINDERS} of its reminders")
            wanted["reminders"] = members["reminders"][:MAX_REMINDERS]
        for name in KEYS:
            wanted.pop(name, None)
        rule = wanted.pop("recurrence", None)
        valid = _valid(MODELS["task"], wanted, note)
        if valid is None:
            return None
        columns = self._columns(valid, rule, note)
        number = members.get("ical_priority")
        if type(number) is int and 0 <= number <= 9:  # noqa: PLR2004 - RFC 5545, 3.8.1.9
            columns["priority"] = number
        self._closed(members, columns, note)
        _say_when(columns, members.get("reminders"))
        keys = {name: text_of(str(members[name])) for name in KEYS if members.get(name)}
        return Fitted(wanted["title"], columns, keys)

    def _columns(self, valid: Row, rule: Any, note: Note) -> Row:
        """The columns of these members, with the rule if it can be followed."""
        for name in KEYS:
            valid.pop(name, None)
        valid.pop("recurrence", None)
        to_columns = REPOSITORIES["task"].to_columns
        if not isinstance(rule, Mapping) or not isinstance(rule.get("rule"), str):
            if rule is not None:
                note(f"the rule {shown(rule)}")
            return dict(to_columns(None, valid))
        rule_from = "completion" if rule.get("from") == "completion" else "due"
        # Any rule of a calendar program is kept.
        is_any = rule.get("is_supported") is False
        occurrence = rule.get("occurrence") or (is_any and (valid.get("due") or {}).get("date"))
        try:
            if valid.get("due") is not None and is_date(str(occurrence)):
                # As this server has written it: its dates may have been moved off the rule since.
                read(rule["rule"].upper(), rule_from, is_any=is_any)
                text = {"recurrence": rule["rule"].upper(), "recurs_from": rule_from, "occurrence": occurrence}
                return dict(to_columns(None, valid)) | text
            return dict(to_columns(None, {**valid, "recurrence": {"rule": rule["rule"], "from_": rule_from}}))
        except DoableError as error:
            note(f"the rule {shown(rule['rule'])}: {str(error).rstrip('.')}")
            return dict(to_columns(None, valid))

    def _texts(self, members: Mapping[str, Any], note: Note) -> Row:
        """Title and description. Of a title that is too long the whole is in the description."""
        title = text_of(members.get("title")).strip()
        description = text_of(members.get("description"))
        if not title:
            title = description.strip().partition("\n")[0].strip()
        if len(title) > MAX_TITLE_LENGTH:
            description = f"{title}\n\n{description}".strip()
            title = _cut(title, MAX_TITLE_LENGTH)
            note("the title is too long: the whole of it is in the description")
        if len(description) > self.longest_description:
            note(f"the end of the description, which has {len(description)} characters")
            description = description[: self.longest_description]
        return {"title": title, "description": description if description or "description" in members else None}

    def _tags(self, members: Mapping[str, Any], note: Note) -> list[str]:
        said = members.get("tags")
        names = [_name(each) for each in said if isinstance(each, str)] if isinstance(said, list | tuple) else []
        for name in names:
            if len(name) > MAX_TAG_LENGTH:
                note(f"the tag {shown(name)} is cut")
        once = [*by_key(_cut(name, MAX_TAG_LENGTH) for name in names if name).values()]
        if len(once) > MAX_TAGS_OF_A_TASK:
            note(f"all but {MAX_TAGS_OF_A_TASK} of its tags")
        return once[:MAX_TAGS_OF_A_TASK]

    def _closed(self, members: Mapping[str, Any], columns: Row, note: Note) -> None:
        """Whether it is complete, since when, and whether it was cancelled."""
        at = self._instant(members, "completed_at", note)
        is_cancelled = members.get("is_cancelled") is True
        if at is None and (is_cancelled or members.get("is_completed") is True):
            at = self.now
        columns["completed_at"] = None if at is None else instant_to_text(at)
        columns["is_cancelled"] = is_cancelled

    def _instant(self, members: Mapping[str, Any], name: str, note: Note) -> datetime | None:
        """An instant of the past."""
        said = members.get(name)
        if said is None:
            return None
        try:
            at = said if isinstance(said, datetime) else datetime.fromisoformat(str(said))
            if at.tzinfo is not None and MIN_YEAR <= at.year <= MAX_YEAR:
                return min(at, self.now)
        except ValueError:
            pass
        note(f"the {_called(name)} {shown(said)}")
        return None


def _valid(
    model: type[BaseModel], members: Mapping[str, Any], note: Note, *, exclude_unset: bool = False
) -> Row | None:
    """The members that the model takes. Each that it does not take is noted; None if one of them must be there."""
    taken = {name: value for name, value in members.items() if name in model.model_fields}
    while True:
        try:
            return model.model_validate(taken).model_dump(exclude_unset=exclude_unset, by_alias=exclude_unset)
        except ValidationError as error:
            for place in _places(error):
                if place[0] not in taken:
                    return None
                note(f"the {_called(place[0])} {shown(_without(taken, place))}")


def _places(error: ValidationError) -> Iterator[tuple[Any, ...]]:
    """The members that are to go: of a list an item, of a date its time or its zone, else the whole. The last of a list first."""
    found: set[tuple[Any, ...]] = set()
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        name, *below = each["loc"]
        is_item = name in {"tags", "reminders"} and below and isinstance(below[0], int)
        is_part = name in {"due", "start"} and below and below[0] in {"time", "timezone"}
        found.add((name, below[0]) if is_item or is_part else (name,))
    whole = {place[0] for place in found if len(place) == 1}
    yield from sorted((each for each in found if len(each) == 1 or each[0] not in whole), key=str, reverse=True)


def _without(members: Row, place: tuple[Any, ...]) -> Any:
    """Take this out of the members, and answer it."""
    name, *below = place
    if not below:
        return members.pop(name)
    items = members[name].copy()
    if isinstance(items, list):
        gone = items.pop(below[0]) if below[0] < len(items) else None
    else:
        gone = items.pop(below[0], None)
        if below[0] == "time":
            items.pop("timezone", None)
    members[name] = items
    return gone


def _say_when(columns: Row, said: Any) -> None:
    """Reminders of an own export say when they come, so that one that was put off still is."""
    reminders = from_text(columns.get("reminders"))
    items = [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []
    when = {str(each.get("id")): each.get("remind_at") for each in items}
    for each in reminders:
        at = when.get(each["id"])
        try:
            each["remind_at"] = instant_to_text(datetime.fromisoformat(at)) if isinstance(at, str) else None
        except (ValueError, OverflowError):
            each["remind_at"] = None
    columns["reminders"] = to_text(reminders)


def shown(value: Any) -> str:
    """What a file has, as a sentence names it."""
    text = _name(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
    return f"`{_cut(text, SHOWN_LENGTH)}`"


def _called(name: str) -> str:
    words = {
        "completed_at": "time of completion",
        "created_at": "time of creation",
        "url": "address",
        "query": "filter",
    }
    return words.get(name, name.replace("_", " "))


def text_of(value: Any) -> str:
    """A text that both databases take."""
    if not isinstance(value, str):
        return ""
    if not value.isascii():
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROLS.sub("", value)


def _name(value: Any) -> str:
    """The same, as the name of a tag, or for a sentence."""
    return _BLANKS.sub(" ", _CONTROLS_OF_NAMES.sub("", text_of(value))).strip()


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
