"""Very many tasks, for trying out and measuring how a client is with them: in batches, as an import would send them."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import ceil
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from doable.batch.operations import MAX_OPERATIONS
from doable.demo.acting import Actor, Operation
from doable.demo.content import Content

SEED: Final = 15
"""Two accounts of one size have the same titles."""
SHARES: Final = {"due": 0.25, "priority": 0.25, "tags": 0.3, "description": 0.2, "estimate_minutes": 0.15}
"""How many of the open ones have it."""
BELOW: Final = 0.1
"""How many are subtasks."""
OPEN: Final = timedelta(days=30)
"""For so long the open ones are made."""


def days_of(content: Content, completed: int) -> int:
    """How many days ago somebody began who has completed so many: one of each series a day."""
    return ceil(completed / len(content.words.daily))


async def add_completed(actor: Actor, content: Content, completed: int, began: datetime) -> None:
    """Complete so many tasks: those of daily series, day by day. The tasks for the next day stay open."""
    if not completed:
        return
    first = began.astimezone(ZoneInfo(content.timezone)).date()
    list_id = str(uuid.uuid4())
    new = [_list(list_id, content.words.daily_list, content), *_series(content, list_id, first)]
    made = await actor.write(began, new)
    ids: list[str] = [each["id"] for each in made[1:]]
    for day in range(days_of(content, completed)):
        today = ids[: completed - day * len(ids)]
        at = began + timedelta(days=day, hours=1)
        done = await actor.write(at, [{"op": "complete", "id": id_} for id_ in today])
        ids = [each["task"]["next_id"] for each in done] + ids[len(today) :]


def _series(content: Content, list_id: str, first: date) -> Iterator[Operation]:
    for title in content.words.daily:
        recurs = {"due": {"date": f"{first}"}, "recurrence": {"rule": "FREQ=DAILY"}}
        yield {"op": "create", "task": {"title": title, "list_id": list_id, **recurs}}


async def add_open(actor: Actor, content: Content, number: int, began: datetime) -> None:
    """Make so many open tasks: a few in the inbox, half of them in one list, the rest in several."""
    if not number:
        return
    words = content.words
    list_ids = [str(uuid.uuid4()) for _ in (words.large_list, *words.lists)]
    names = zip(list_ids, (words.large_list, *words.lists), strict=True)
    await actor.write(began, [_list(id_, name, content) for id_, name in names])
    made = [*_tasks(content, list_ids, number, (began + OPEN).date())]
    for first in range(0, number, MAX_OPERATIONS):
        at = began + OPEN * first / number
        await actor.write(at, made[first : first + MAX_OPERATIONS])


def _list(id_: str, name: str, content: Content) -> Operation:
    members = {"name": name, "group": content.words.group}
    return {"op": "create", "kind": "list", "id": id_, "list": members}


def _tasks(content: Content, list_ids: list[str], number: int, today: date) -> Iterator[Operation]:
    random = Random(SEED)  # noqa: S311 - no secret
    parent: dict[str, Any] = {}
    for _ in range(number):
        id_ = str(uuid.uuid4())
        place = parent if parent and random.random() < BELOW else {"list_id": _list_of(random, list_ids)}
        yield {"op": "create", "id": id_, "task": {**_members(random, content, today), **place}}
        if place is not parent:
            parent = {"list_id": place["list_id"], "parent_id": id_}


def _list_of(random: Random, list_ids: list[str]) -> str | None:
    large, *others = list_ids
    return random.choice([large] * 10 + [None] + random.sample(others, 9))


def _members(random: Random, content: Content, today: date) -> dict[str, Any]:
    """A title, and of the others what a person might give."""
    words = content.words
    title = f"{random.choice(words.what).format(random.choice(words.subjects))} {random.choice(words.whom)}"
    chosen = {
        "due": {"date": f"{today + timedelta(days=random.randint(-10, 120))}"},
        "priority": random.choice(["low", "medium", "high"]),
        "tags": random.sample([name for name, _ in content.tags], random.randint(1, 2)),
        "description": " ".join(
            f"{random.choice(words.what).format(each)}." for each in random.sample(words.subjects, 4)
        ),
        "estimate_minutes": random.choice([5, 15, 30, 60, 120]),
    }
    return {"title": title} | {name: value for name, value in chosen.items() if random.random() < SHARES[name]}
