"""`doable demo`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from doable.demo import english, german
from doable.demo.content import Task, day_of_month, workday
from doable.demo.many import OPEN
from doable.demo.story import LENGTH
from support.commands import assert_refused
from support.server import QuickServer, doable

Environ = dict[str, str]
Thing = dict[str, Any]
KINDS = ("task", "list", "section", "tag", "filter")


@pytest.fixture
def environ(data: Path, migrated_database_settings: Callable[[], Environ]) -> Environ:
    """The settings of a migrated database."""
    return {"DATA_DIR": str(data), **migrated_database_settings()}


def made(tmp_path: Path, *arguments: str, **environ: str) -> tuple[str, str]:
    """The e-mail and password of an account that the command made."""
    result = doable("demo", *arguments, cwd=tmp_path, **environ)
    assert result.returncode == 0, result.stderr
    email, password = result.stdout.split()
    return email, password


@contextmanager
def logged_in(tmp_path: Path, account: tuple[str, str], **environ: str) -> Iterator[httpx.Client]:
    """A client of that account."""
    with QuickServer(tmp_path, **environ) as server, httpx.Client(base_url=server.url) as client:
        answer = client.post("/api/auth/login", json=dict(zip(("email", "password"), account, strict=True)))
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def everything(client: httpx.Client) -> dict[str, list[Thing]]:
    """All that is in the account, by kind, each in the order in which it was last written."""
    found: dict[str, dict[str, Thing]] = {kind: {} for kind in KINDS}
    url: str | None = "/api/me/changes?limit=500&kinds=" + ",".join(KINDS)
    while url is not None:
        answer = client.get(url)
        for change in answer.json()["changes"]:
            found[change["kind"]].pop(change["id"], None)
            if not change["deleted"]:
                found[change["kind"]][change["id"]] = change[change["kind"]]
        url = answer.links["next"]["url"] if "next" in answer.links else None
    return {kind: [*things.values()] for kind, things in found.items()}


def depth(task: Thing, by_id: dict[str, Thing]) -> int:
    return 1 if task["parent_id"] is None else 1 + depth(by_id[task["parent_id"]], by_id)


def open_on(tasks: list[Thing], days: range, today: date) -> int:
    """How many open ones are due so many days from today."""
    dates = {f"{today + timedelta(days=number)}" for number in days}
    return sum(not task["is_completed"] and task["due"] is not None and task["due"]["date"] in dates for task in tasks)


def assert_is_consistent(tasks: list[Thing]) -> None:
    """Everything happened one after another, and nothing later than now."""
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    for task in tasks:
        instants = [task[name] for name in ("created_at", "completed_at") if task[name] is not None]
        assert instants == sorted(instants)
        assert instants[-1] <= task["updated_at"] <= now, task


def test_an_account_as_somebody_could_have_it(tmp_path: Path, environ: Environ) -> None:
    account = made(tmp_path, **environ)
    assert account[0] == "demo@example.com"
    again = doable("demo", cwd=tmp_path, **environ)
    assert_refused(again, "demo@example.com already", "`doable users remove demo@example.com`")
    with logged_in(tmp_path, account, **environ) as client:
        found = everything(client)
        of_filters = [
            client.get("/api/me/tasks", params={"filter_id": each["id"]}).json()["tasks"] for each in found["filter"]
        ]
        deleted = client.get("/api/me/undo", params={"deleted": "true"}).json()["undos"]
        preferences = client.get("/api/me/preferences").json()
        began = datetime.fromisoformat(client.get("/api/auth/me").json()["created_at"])
    tasks, lists, today = found["task"], found["list"], (began + OPEN + LENGTH).date()
    assert_is_consistent(tasks)
    assert {each["group"] for each in lists} == {"Work", "Home", "Travel", None}
    assert [each["name"] for each in lists if each["is_archived"]] == ["Move to Elm Street"]
    assert all(each["color"] for kind in ("list", "tag", "filter") for each in found[kind])
    assert len(found["section"]) == len({task["section_id"] for task in tasks}) - 1
    assert len(found["tag"]) == len(english.CONTENT.tags)
    assert all(of_filters)
    by_id = {task["id"]: task for task in tasks}
    assert max(depth(task, by_id) for task in tasks) == 3
    for days in (range(-7, 0), range(1), range(1, 3), range(3, 15), range(15, 40)):
        assert open_on(tasks, days, today), days
    assert sum(task["is_cancelled"] for task in tasks) == 1
    assert sum(task["is_completed"] and task["recurrence"] is None for task in tasks) > 40
    open_series = [task["title"] for task in tasks if task["recurrence"] and not task["is_completed"]]
    assert len(open_series) == len(set(open_series)) == 6
    for name in ("description", "estimate_minutes", "url", "start", "tags", "reminders"):
        assert any(task[name] for task in tasks), name
    assert [each["title"] for undo in deleted for each in undo["things"]] == [english.CONTENT.deleted]
    # So that a client sets the zone at the first log-in.
    assert preferences["revision"] == 0


def test_very_many_tasks_in_german(tmp_path: Path, environ: Environ) -> None:
    number, completed = 600, 45
    options = ("many@example.com", "--language", "de", "--tasks", str(number), "--completed", str(completed))
    account = made(tmp_path, *options, **environ)
    with logged_in(tmp_path, account, **environ) as client:
        found = everything(client)
        preferences = client.get("/api/me/preferences").json()
    words, tasks = german.CONTENT.words, found["task"]
    assert (preferences["language"], preferences["timezone"]) == ("de", "Europe/Berlin")
    assert_is_consistent(tasks)
    group = {each["id"]: each["name"] for each in found["list"] if each["group"] == words.group}
    assert {*group.values()} == {words.large_list, words.daily_list, *words.lists}
    daily = [task for task in tasks if group.get(task["list_id"]) == words.daily_list]
    assert len([task for task in daily if task["is_completed"]]) == completed
    assert sorted(task["title"] for task in daily if not task["is_completed"]) == sorted(words.daily)
    own = {task.title for task in every_task(german.CONTENT.inbox)}
    others = [
        task for task in tasks if task["list_id"] in group or (task["list_id"] is None and task["title"] not in own)
    ]
    assert len(others) == number + len(daily)


def test_what_fails_leaves_nothing(tmp_path: Path, data: Path) -> None:
    assert_refused(doable("demo", cwd=tmp_path, DATA_DIR=str(data), MAX_TASKS="50"), "as much of this as you may have")
    assert not doable("users", "list", cwd=tmp_path, DATA_DIR=str(data)).stdout
    assert_refused(doable("demo", "nobody", cwd=tmp_path, DATA_DIR=str(data)), "not a valid e-mail address")
    assert_refused(doable("demo", cwd=tmp_path, DATA_DIR=str(tmp_path / "new")), "Run `doable migrate` first")


def test_the_password_is_long_enough_for_everybody(tmp_path: Path, data: Path) -> None:
    _, password = made(tmp_path, DATA_DIR=str(data), MIN_PASSWORD_LENGTH="40", REQUIRE_EMAIL_VERIFICATION="true")
    assert len(password) >= 40


def every_task(tasks: tuple[Task, ...]) -> Iterator[Task]:
    for task in tasks:
        yield task
        yield from every_task(task.below)


def shape(tasks: tuple[Task, ...]) -> list[tuple[int, int | None, int]]:
    return [(len(task.tags), task.done, len(task.below)) for task in every_task(tasks)]


def test_both_languages_have_the_same() -> None:
    one, other = english.CONTENT, german.CONTENT
    assert shape(one.inbox) == shape(other.inbox)
    assert len(one.lists) == len(other.lists)
    for mine, theirs in zip(one.lists, other.lists, strict=True):
        assert (mine.color, mine.is_archived, shape(mine.tasks)) == (
            theirs.color,
            theirs.is_archived,
            shape(theirs.tasks),
        )
        sections = zip(mine.sections, theirs.sections, strict=True)
        assert all(shape(my.tasks) == shape(their.tasks) for my, their in sections)
    assert [(each.color, each.sort) for each in one.filters] == [(each.color, each.sort) for each in other.filters]


def test_days_are_right_whatever_today_is() -> None:
    for number in range(800):
        today = date(2027, 1, 1) + timedelta(days=number)
        for ahead in (1, 2, 5):
            found = workday(ahead)(today)
            assert found.weekday() < 5
            assert timedelta(days=ahead) <= found - today <= timedelta(days=ahead + 2)
        assert (day_of_month(5)(today).day, day_of_month(5)(today) >= today) == (5, True)
        assert day_of_month(5)(today) - today < timedelta(days=31)
