"""Filters, as a model has them: which of these tasks a tree of conditions means, by what goes over the wire."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from doable.tasks.conditions import (
    Among,
    Between,
    Common,
    Condition,
    Either,
    Every,
    Has,
    In,
    Is,
    Listed,
    Named,
    Not,
    Of,
    OfPriority,
    Searched,
    Worded,
    Words,
)
from doable.tasks.moments import Moment, Present, Resolved
from doable.tasks.tag_names import key_of
from doable.tasks.words import terms_of, words_of_task
from support.users import User

Thing = dict[str, Any]
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


def zone_at_noon() -> str:
    """A zone in which it is about noon, so that no day ends while a test runs."""
    hours = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-hours:+d}"


def find(user: User, **asked: Any) -> set[str]:
    """The ids of all tasks that are found, in one page."""
    answer = user.get(user.tasks, params={"limit": 100, **asked})
    assert answer.status_code == 200, (asked, answer.text)
    assert answer.json()["next_cursor"] is None
    return {task["id"] for task in answer.json()["tasks"]}


@dataclass(frozen=True)
class World:
    """A user's tasks and what they are filed under, at a moment."""

    tasks: list[Thing]
    lists: Mapping[str, Thing]
    sections: Mapping[str, Thing]
    present: Present

    @classmethod
    def of(cls, user: User, zone: str) -> "World":
        """As it is now. There are not more than 100 tasks."""
        lists, sections = (
            {each["id"]: each for each in user.get(f"/api/me/{kind}").json()[kind]} for kind in ("lists", "sections")
        )
        tasks = user.get(user.tasks, params={"limit": 100}).json()["tasks"]
        return cls(tasks, lists, sections, Present(datetime.now(UTC), zone))

    def find(self, condition: Condition) -> set[str]:
        """The ids of those that are meant, and nothing goes without saying."""
        return {task["id"] for task in self.tasks if self.holds(condition, task)}

    def holds(self, condition: Condition, task: Thing) -> bool:  # noqa: C901, PLR0911 - one for each sort of condition
        """Whether it is true of the task."""
        match condition:
            case Every(parts):
                return all(self.holds(each, task) for each in parts)
            case Either(parts):
                return any(self.holds(each, task) for each in parts)
            case Not(inner):
                return not self.holds(inner, task)
            case Is(what):
                return self._is(what, task)
            case Has(what):
                return _has(what, task)
            case In(ids):
                return (task["list_id"] or "inbox") in ids
            case Of(what, id_):
                return bool(task[f"{what}_id"] == id_)
            case Named(what, name, is_beginning):
                keys = [key_of(each) for each in self._names(what, task)]
                return any(key == key_of(name) or (is_beginning and key.startswith(key_of(name))) for key in keys)
            case OfPriority(words):
                return task["priority"] in words
            case Between(what, since, before):
                return self._between(what, since, before, task)
            case Words(text):
                return all(term in words_of_task(task["title"], task["description"]) for term in terms_of(text))
            case Among() | Searched() | Worded() | Listed() | Common():
                raise AssertionError(condition)

    def _is(self, what: str, task: Thing) -> bool:
        match what:
            case "completed" | "cancelled":
                return bool(task[f"is_{what}"])
            case "archived":
                return bool(task["list_id"] and self.lists[task["list_id"]]["is_archived"])
            case "recurring":
                return task["recurrence"] is not None
            case "available":
                return task["start"] is None or self._has_come(task["start"], is_due=False)
        return not task["is_completed"] and task["due"] is not None and self._has_come(task["due"], is_due=True)

    def _names(self, what: str, task: Thing) -> Iterable[str]:
        if what == "tag":
            return list(task["tags"])
        things = self.lists if what == "list" else self.sections
        id_ = task[f"{what}_id"]
        return [things[id_]["name"]] if id_ else []

    def _has_come(self, moment: Thing, *, is_due: bool) -> bool:
        now = self.present.resolve(Moment("now"))
        return _is_before(moment, now, is_due=is_due, plus=TICK)

    def _between(self, what: str, since: Moment | None, before: Moment | None, task: Thing) -> bool:
        bounds = [each and self.present.resolve(each) for each in (since, before)]
        if what in {"created", "completed"}:
            if task[f"{what}_at"] is None:
                return False
            at = datetime.fromisoformat(task[f"{what}_at"])
            return not (bounds[0] and at < bounds[0].instant) and not (bounds[1] and at >= bounds[1].instant)
        if task[what] is None:
            return False
        is_due = what == "due"
        return not (bounds[0] and _is_before(task[what], bounds[0], is_due=is_due)) and not (
            bounds[1] and not _is_before(task[what], bounds[1], is_due=is_due)
        )


def _is_before(moment: Thing, bound: Resolved, *, is_due: bool, plus: timedelta = timedelta()) -> bool:
    """A whole day is due when it is over, and starts when it begins."""
    if moment["at"] is not None:
        return datetime.fromisoformat(moment["at"]) < bound.instant + plus
    if moment["time"] is not None:
        local = datetime.fromisoformat(f"{moment['date']}T{moment['time']}")
    else:
        local = datetime.fromisoformat(moment["date"]) + (DAY - TICK if is_due else timedelta())
    return local < datetime.fromisoformat(bound.local) + plus


def _has(what: str, task: Thing) -> bool:
    match what:
        case "time":
            return task["due"] is not None and task["due"]["time"] is not None
        case "tags":
            return bool(task["tags"])
        case "priority":
            return bool(task["priority"] != "none")
        case "section" | "parent":
            return task[f"{what}_id"] is not None
    return task[what] is not None
