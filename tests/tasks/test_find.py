"""What is found, and in which order: trees of conditions against a model, at any moment and in any zone."""

import asyncio
import gc
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from typing import Any, Final
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Select

from doable.database import Database, Statement, open_database
from doable.tasks import dates
from doable.tasks.conditions import (
    Between,
    Condition,
    Either,
    Every,
    Has,
    In,
    Is,
    Named,
    Not,
    Of,
    OfPriority,
    Words,
)
from doable.tasks.listing import INBOX, LARGE_FORMS, Form, Listing, _walked, page_of
from doable.tasks.moments import Moment
from doable.tasks.pages import TaskPages
from doable.tasks.plans import plan_of
from doable.tasks.tag_names import key_of
from support.schema import settings_of
from support.server import Server
from support.users import User

Task = dict[str, Any]

ZONES: Final = ("Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Asia/Beirut", "Australia/Lord_Howe", "UTC")
# Clocks change in Berlin and New York between them, in Beirut at midnight, on Lord Howe by half an hour.
CHANGES: Final = ("2026-10-24", "2026-10-25", "2026-11-01", "2027-03-14", "2027-03-28", "2027-04-04")
TIMES: Final = ("00:00:00", "00:30:00", "01:59:59", "02:30:00", "03:00:00", "12:00:00", "23:59:59")
NOWS: Final = st.sampled_from(CHANGES).flatmap(
    lambda day: st.integers(-15 * 3600, 40 * 3600).map(
        lambda seconds: datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(seconds=seconds)
    )
)
DAYS: Final = ("today", "tomorrow", "yesterday", "monday", "week", "month", *CHANGES)
MOMENTS: Final = st.one_of(
    st.builds(Moment, st.sampled_from(DAYS), st.integers(-1, 1), st.integers(-2, 2)),
    st.just(Moment("now")),
    NOWS.map(lambda at: Moment(at.isoformat(timespec="microseconds")[:26] + "Z")),
)


class World:
    """A user's tasks, and what they are filed under."""

    def __init__(self, user: User) -> None:
        self.user_id = user.id
        self.lists = [
            user.post("/api/me/lists", json={"name": name, **more}).json()
            for name, more in (("Work", {}), ("WORK", {"is_archived": True}), ("Straße", {}))
        ]
        self.sections = [
            user.post("/api/me/sections", json={"list_id": each["id"], "name": "Doing"}).json()
            for each in self.lists[:2]
        ]
        self.tasks = self._make(user)

    def _make(self, user: User) -> list[Task]:
        moments = [{"date": day} for day in CHANGES]
        moments += [{"date": day, "time": time} for day in CHANGES[1::2] for time in TIMES]
        moments += [
            {"date": day, "time": time, "timezone": zone}
            for day in CHANGES[::2]
            for time in TIMES[::2]
            for zone in ZONES[:4]
        ]
        tags = [[], ["Home"], ["home", "Shop"], ["homework"], ["Shop"]]
        operations = []
        for number in range(3 * len(moments) // 2):
            due, start = moments[number * 7 % len(moments)], moments[number * 11 % len(moments)]
            a_list = [None, *self.lists][number % 4]
            task = {
                "title": f"{number} of {'odd' if number % 2 else 'even'}",
                "list_id": a_list and a_list["id"],
                "tags": tags[number % 5],
                "priority": ("none", "low", "medium", "high")[number // 2 % 4],
                **({"due": due} if number % 6 else {}),
                **({"start": start} if number % 3 == 0 else {}),
            }
            if number % 4 in {1, 2} and number % 3:
                task["section_id"] = self.sections[number % 4 - 1]["id"]
            operations.append({"op": "create", "task": task})
        made = [result["task"] for result in _batch(user, operations)]
        ends = {"is_completed": True}
        closed = [{"op": "update", "id": task["id"], "task": ends} for task in made[::4]]
        closed += [{"op": "update", "id": task["id"], "task": {**ends, "is_cancelled": True}} for task in made[3::9]]
        _batch(user, closed)
        rule = {"recurrence": {"rule": "FREQ=DAILY"}}
        still_open = [task for number, task in enumerate(made) if number % 4 and number % 9 != 3 and task["due"]]
        _batch(user, [{"op": "update", "id": task["id"], "task": rule} for task in still_open[::5]])
        below = _batch(
            user, [{"op": "create", "task": {"title": "below", "parent_id": task["id"]}} for task in made[1:9:2]]
        )
        self.parents = [made[1]["id"], made[2]["id"]]
        ids = [task["id"] for task in made] + [result["task"]["id"] for result in below]
        found = {task["id"]: task for task in _all(user)}
        return [{**found[id_], "number": number} for number, id_ in enumerate(ids)]


def _batch(user: User, operations: list[Any]) -> list[Any]:
    answer = user.post(f"{user.tasks}/batch", json={"operations": operations})
    assert answer.status_code == 200, answer.text
    results: list[Any] = answer.json()["results"]
    return results


def _all(user: User) -> Iterator[Task]:
    query: dict[str, Any] = {"limit": 100}
    while True:
        page = user.get(user.tasks, params=query).json()
        yield from page["tasks"]
        if page["next_cursor"] is None:
            return
        query["cursor"] = page["next_cursor"]


def local_of(moment: Task, *, is_due: bool) -> str:
    """A local time with which all others may be compared as texts; a whole day comes to an end, or begins."""
    return f"{moment['date']}T{moment['time'] or ('24:00:00' if is_due else '00:00:00')}.000000"


def at_of(moment: Task) -> datetime:
    return datetime.fromisoformat(moment["at"])


class Model:
    """What is true of a task at a moment in a zone, by what goes over the wire."""

    def __init__(self, world: World, now: datetime, zone: str) -> None:
        self.world = world
        self.now = now
        self.zone = ZoneInfo(zone)

    def resolve(self, moment: Moment) -> tuple[str, datetime]:
        if "T" in moment.base or moment.base == "now":
            at = self.now if moment.base == "now" else datetime.fromisoformat(moment.base)
        else:
            today = self.now.astimezone(self.zone).date()
            day = {
                "today": today,
                "tomorrow": today + timedelta(1),
                "yesterday": today - timedelta(1),
                "monday": next(day for day in (today + timedelta(n) for n in range(7)) if day.weekday() == 0),
                "week": next(day for day in (today - timedelta(n) for n in range(7)) if day.weekday() == 0),
                "month": today.replace(day=1),
            }.get(moment.base) or datetime.fromisoformat(moment.base).date()
            months = day.year * 12 + day.month - 1 + moment.months
            while True:
                try:
                    day = day.replace(year=months // 12, month=months % 12 + 1)
                    break
                except ValueError:
                    day -= timedelta(1)
            day += timedelta(moment.days)
            return f"{day}T00:00:00.000000", datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)
        return at.astimezone(self.zone).replace(tzinfo=None).isoformat(timespec="microseconds"), at

    def is_true(self, of: Condition, task: Task) -> bool:  # noqa: PLR0911 - one for each condition
        match of:
            case Every(parts):
                return all(self.is_true(each, task) for each in parts)
            case Either(parts):
                return any(self.is_true(each, task) for each in parts)
            case Not(inner):
                return not self.is_true(inner, task)
            case Between():
                return self.is_between(of, task)
            case Is("overdue"):
                return not task["is_completed"] and self.has_come("due", task)
            case Is("available"):
                return task["start"] is None or self.has_come("start", task)
            case Is("recurring"):
                return task["recurrence"] is not None
        return self.is_plainly(of, task)

    def is_plainly(self, of: Condition, task: Task) -> bool:  # noqa: C901, PLR0911 - one for each condition
        archived = {each["id"] for each in self.world.lists if each["is_archived"]}
        keys = [key_of(tag) for tag in task["tags"]]
        match of:
            case Is(what):
                return {**task, "is_archived": task["list_id"] in archived}[f"is_{what}"] is True
            case Words(text):
                return all(f" {term}" in f" {task['title']}" for term in text.split())
            case Has("time"):
                return task["due"] is not None and task["due"]["time"] is not None
            case Has("section" | "parent" as what):
                return task[f"{what}_id"] is not None
            case Has(what):
                return task[what] not in (None, [], "none")
            case In(ids):
                return (task["list_id"] or INBOX) in ids
            case Of(what, id_):
                return bool(task[f"{what}_id"] == id_)
            case Named("tag", name, is_beginning):
                return any(key.startswith(key_of(name)) if is_beginning else key == key_of(name) for key in keys)
            case Named(what, name):
                things = self.world.lists if what == "list" else self.world.sections
                return task[f"{what}_id"] in {each["id"] for each in things if key_of(each["name"]) == key_of(name)}
            case OfPriority(words):
                return task["priority"] in words
        raise TypeError(of)

    def has_come(self, what: str, task: Task) -> bool:
        moment = task[what]
        if moment is None:
            return False
        return (
            at_of(moment) <= self.now if moment["at"] else local_of(moment, is_due=what == "due") <= self.latest_shown()
        )

    def latest_shown(self) -> str:
        """The latest time that a clock has shown until now: it is put back at a full or half hour, and by three hours at most."""
        half_hour = self.now.replace(minute=self.now.minute // 30 * 30, second=0, microsecond=0)
        before = [half_hour - timedelta(minutes=30 * number, microseconds=1) for number in range(8)]
        return max(self.shown(at) for at in (self.now, *before)).isoformat(timespec="microseconds")

    def is_between(self, of: Between, task: Task) -> bool:
        bounds = [None if each is None else self.resolve(each) for each in (of.since, of.before)]
        if of.what in {"due", "start"}:
            moment = task[of.what]
            if moment is None:
                return False
            value: Any = at_of(moment) if moment["at"] else local_of(moment, is_due=of.what == "due")
            place = 1 if moment["at"] else 0
            # The whole day before ends where the next one begins, and is none of it.
            if place == 0 and value.endswith("24:00:00.000000"):
                value = value.replace("24:00:00.000000", "23:59:59.999999")
        else:
            text = task[f"{of.what}_at"]
            if text is None:
                return False
            value, place = datetime.fromisoformat(text), 1
        since, before = (None if bound is None else bound[place] for bound in bounds)
        return (since is None or value >= since) and (before is None or value < before)

    def by_due(self, task: Task) -> tuple[Any, ...]:
        due = task["due"]
        if due is None:
            return 1, -task["number"]
        if due["at"]:
            return 0, at_of(due), 1, "", task["number"]
        day = datetime.fromisoformat(due["date"])
        shown = day + timedelta(1) if due["time"] is None else datetime.fromisoformat(f"{due['date']}T{due['time']}")
        return 0, self.first(shown), 0, f"{due['date']}T{due['time'] or '24'}", task["number"]

    def first(self, shown: datetime) -> datetime:
        """The first of all half hours at which the clock shows this or a later time, and those before do not."""
        near = shown.replace(tzinfo=UTC)
        offsets = {
            (near + timedelta(hours=hours)).astimezone(self.zone).utcoffset() or timedelta() for hours in range(-36, 36)
        }
        candidates = {near - offset for offset in offsets}
        # Where clocks are put forward over it, the change itself.
        half_hours = (near.replace(minute=0, second=0) + timedelta(minutes=30 * number) for number in range(-60, 60))
        candidates |= {
            at for at in half_hours if self.shown(at) - self.shown(at - timedelta(seconds=1)) != timedelta(seconds=1)
        }
        return min(at for at in candidates if self.shown(at) >= shown)

    def shown(self, at: datetime) -> datetime:
        return at.astimezone(self.zone).replace(tzinfo=None)


STATES: Final = st.sampled_from([(), (Not(Is("completed")),), (Is("completed"),), (Is("overdue"),)])
"""Open tasks have indexes of their own, and completed ones."""


def leaves(world: World) -> st.SearchStrategy[Condition]:
    ids = [each["id"] for each in world.lists]
    recurs = next(task["id"] for task in world.tasks if task["recurrence"])
    dates_of = st.one_of(
        st.builds(Between, st.sampled_from(["due", "start"]), st.none() | MOMENTS, MOMENTS),
        st.builds(Between, st.sampled_from(["due", "start"]), MOMENTS, st.none()),
        st.builds(
            Between,
            st.sampled_from(["created", "completed"]),
            st.sampled_from([Moment(each["created_at"]) for each in world.tasks] + [Moment("2020-01-01")]),
            st.none() | st.just(Moment("2200-01-01")),
        ),
    )
    return st.one_of(
        st.builds(Is, st.sampled_from(["completed", "cancelled", "archived", "overdue", "available", "recurring"])),
        st.builds(Has, st.sampled_from(["due", "start", "time", "tags", "priority", "section", "parent"])),
        st.lists(st.sampled_from([INBOX, *ids]), min_size=1, max_size=3).map(lambda some: In(tuple(some))),
        st.sampled_from(
            [
                *(Of("section", each["id"]) for each in world.sections),
                *(Of("parent", id_) for id_ in world.parents),
                Of("series", recurs),
            ]
        ),
        st.builds(Named, st.just("list"), st.sampled_from(["work", "STRASSE", "nowhere"])),
        st.builds(Named, st.just("section"), st.sampled_from(["doing", "nothing"])),
        st.builds(Named, st.just("tag"), st.sampled_from(["HOME", "shop", "x"]), st.booleans()),
        st.sets(st.sampled_from(["none", "low", "medium", "high"]), min_size=1).map(
            lambda words: OfPriority(tuple[Any, ...](words))
        ),
        st.builds(Words, st.sampled_from(["of", "odd", "of even", "8", "tea"])),
        dates_of,
        dates_of,
    )


def trees(world: World) -> st.SearchStrategy[Condition]:
    def grown(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        some = st.lists(inner, max_size=3).map(tuple)
        return st.one_of(st.builds(Every, some), st.builds(Either, some), st.builds(Not, inner))

    return st.recursive(leaves(world), grown, max_leaves=6)


@pytest.fixture
def world(alice: User) -> World:
    return World(alice)


@contextmanager
def opened(server: Server) -> Iterator[tuple[asyncio.Runner, Database]]:
    """The server's database in this process, where the clock may be moved."""
    database = open_database(settings_of(server))
    with asyncio.Runner() as runner:
        runner.run(database.__aenter__())
        try:
            yield runner, database
        finally:
            runner.run(database.__aexit__(None, None, None))


Ask = Callable[..., Any]


def asker(runner: asyncio.Runner, database: Database, world: World) -> Ask:
    def ask(listing: Listing, now: datetime, few: int = 20, **page: Any) -> tuple[list[str], str | None, int | None]:
        # Few and many are read in different ways.
        with (
            patch("doable.clock.now", lambda: now),
            patch("doable.tasks.few.FEW", few),
            patch("doable.tasks.pages.SMALL", 0),
        ):
            found = runner.run(TaskPages(database, world.user_id).page(listing, **page))
        return [task["id"] for task in json.loads(f"[{found.tasks}]")], found.next_cursor, found.total

    return ask


SORTS: Final[dict[str, Callable[[Model], Callable[[Task], Any]]]] = {
    "-created_at": lambda _: lambda task: -task["number"],
    "-updated_at": lambda _: lambda task: -task["revision"],
    "due": lambda model: model.by_due,
    "priority": lambda _: lambda task: (["high", "medium", "low", "none"].index(task["priority"]), -task["number"]),
}


def test_each_tree_finds_what_it_says_in_each_order(server: Server, world: World) -> None:
    with opened(server) as (runner, database):
        ask = asker(runner, database, world)

        @settings(max_examples=80, derandomize=True)
        @given(
            st.builds(lambda state, tree: Every((*state, tree)), STATES, trees(world)),
            NOWS,
            st.sampled_from(ZONES),
            st.sampled_from(sorted(SORTS)),
            st.integers(1, 40),
            st.integers(0, 90),
            st.sampled_from([0, 20, 2000]),
        )
        def check(tree: Condition, now: datetime, zone: str, sort: Any, limit: int, offset: int, few: int) -> None:
            model, listing = Model(world, now, zone), Listing(tree, sort, zone)
            expected = [task["id"] for task in sorted(world.tasks, key=SORTS[sort](model)) if model.is_true(tree, task)]
            found, cursor, total = ask(listing, now, few, limit=100, total=True)
            assert (found, total) == (expected[:100], len(expected))
            assert (cursor is None) == (len(expected) <= 100)
            ids, cursor, _ = ask(listing, now, few, limit=limit, offset=offset)
            assert ids == expected[offset : offset + limit]
            if cursor is not None:
                further, _, _ = ask(listing, now, limit=limit, cursor=cursor)
                assert further == expected[offset + limit : offset + 2 * limit]

        check()


MANY: Final[tuple[Condition, ...]] = (
    *(Has(part) for part in ("due", "start", "time", "tags", "priority", "section", "parent")),
    *(Is(state) for state in ("cancelled", "archived", "overdue", "available")),
)


def test_statements_of_large_questions_are_made_beside_the_event_loop(server: Server, world: World) -> None:
    threads: set[int] = set()

    def walked(*arguments: Any) -> Any:
        threads.add(threading.get_ident())
        return _walked(*arguments)

    with opened(server) as (runner, database), patch("doable.tasks.listing._walked", walked):
        ask = asker(runner, database, world)
        question = Every((Either(MANY[:9]), Words("t")))
        for sort in ("priority", "due"):
            for offset in (0, 3):
                ask(Listing(question, sort), datetime.now(UTC), limit=2, offset=offset)
    assert threads
    assert threading.get_ident() not in threads


def test_few_statements_of_large_questions_are_kept_and_none_of_what_they_were_made_from() -> None:
    before = set(Statement.all)
    for some in combinations(MANY, 9):
        plan = plan_of(Listing(Either(some)))
        statement = page_of(Form(plan.shape), large=plan.is_large)
        assert statement.sqlite.sql
        assert not any(isinstance(value, Select) for value in vars(statement).values())
    gc.collect()
    assert len(set(Statement.all) - before) <= LARGE_FORMS


def test_each_name_that_is_asked_for_is_folded_once(one_server: Server, one_user: User) -> None:
    for number in range(10):
        assert one_user.post("/api/me/lists", json={"name": f"list {number}"}).status_code == 201
    names = [Named("list", f"LIST {number}") for number in range(20)]
    with (
        opened(one_server) as (runner, database),
        patch("doable.tasks.asking.key_of", wraps=key_of) as folded,
    ):
        runner.run(TaskPages(database, one_user.id).page(Listing(Either(tuple(names))), limit=1))
    assert folded.call_count == 10 + 20


@pytest.mark.parametrize("sort", ["-created_at", "due", "priority"])
@pytest.mark.parametrize("condition", [Every(), Not(Is("completed"))])
def test_an_offset_past_all_tasks_walks_over_none_of_them(
    one_server: Server, one_user: User, sort: Any, condition: Condition
) -> None:
    one_user.new_task()
    with opened(one_server) as (runner, database), patch("doable.tasks.pages.Walking", side_effect=AssertionError):
        found = runner.run(
            TaskPages(database, one_user.id).page(Listing(condition, sort), limit=1, offset=2**53 - 1, total=True)
        )
    assert (found.tasks, found.total, found.next_cursor) == ("", 1, None)


@settings(max_examples=200)
@given(st.sampled_from(ZONES), NOWS)
def test_what_is_earlier_by_the_clock_is_never_later(zone: str, now: datetime) -> None:
    """Not even where clocks are put forward or back."""
    shown = [now.replace(tzinfo=None) + timedelta(minutes=10 * number) for number in range(-9, 9)]
    instants = [dates.first_instant(each.isoformat(timespec="seconds"), zone) for each in shown]
    assert all(one <= other for one, other in pairwise(instants))
    for each, at in zip(shown, instants, strict=True):
        here, before = (
            moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in (at, at - timedelta(seconds=1))
        )
        assert before < each.replace(microsecond=0) <= here
