"""The tools that read."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic_core import from_json

from doable import clock
from doable.database import Row
from doable.mcp import dates
from doable.mcp.arguments import Find, Get, Nothing
from doable.mcp.caller import Caller, Surroundings
from doable.tasks.conditions import Between, Condition, Every, Has, In, Is, Named, Not, Of, OfPriority, Words
from doable.tasks.counts import counts_of
from doable.tasks.listing import INBOX, Listing
from doable.tasks.moments import Moment
from doable.tasks.orders import Sort
from doable.tasks.pages import Page, TaskPages

MOST_NAMED: Final = 100
"""So many lists, tags and subtasks are told at once."""
_TODAY: Final = Moment("today")

_SORTS: Final[dict[str, Sort]] = {
    "due": "due",
    "priority": "priority",
    "newest": "-created_at",
    "updated": "-updated_at",
    "completed": "-completed_at",
    "position": "position",
}
_DUE: Final[dict[str, Condition]] = {
    "overdue": Is("overdue"),
    "today": Between("due", _TODAY, Moment("tomorrow")),
    "week": Between("due", _TODAY, Moment("today", 0, 7)),
    "none": Not(Has("due")),
}


async def overview(caller: Caller, _: Nothing) -> Row:
    """Which day it is, and how much there is to do."""
    counts = await counts_of(caller.database, caller.owner_id)
    around = await caller.surroundings()
    here = around.here
    lists = [
        {"id": each["id"], "name": each["name"], "open": counts["lists"][each["id"]]}
        for each in around.lists
        if each["id"] in counts["lists"]
    ]
    tags = [{"name": name, "open": number} for name, number in counts["tags"].items()]
    today = dates.today(here)
    found = {
        "today": f"{today}",
        "weekday": dates.words(today).split()[0],
        "now": clock.now().astimezone(ZoneInfo(here.zone)).isoformat(timespec="minutes"),
        "timezone": here.zone,
        "open": counts["inbox"] + sum(counts["lists"].values()),
        "overdue": counts["overdue"],
        "due_today": counts["today"],
        "inbox": counts["inbox"],
        "lists": lists[:MOST_NAMED],
        "tags": sorted(tags, key=lambda tag: -tag["open"])[:MOST_NAMED],
    }
    left = {f"more_{name}": len(each) - MOST_NAMED for name, each in (("lists", lists), ("tags", tags))}
    return {**found, **{name: number for name, number in left.items() if number > 0}}


async def find(caller: Caller, said: Find) -> Row:
    """Some tasks."""
    around = await caller.surroundings()
    page = await _page(caller, _listing(around, said), said.limit, said.cursor)
    found = {"tasks": [around.told(task) for task in _tasks(page)]}
    return found if page.next_cursor is None else {**found, "next_cursor": page.next_cursor}


def _listing(around: Surroundings, said: Find) -> Listing:
    conditions: list[Condition] = []
    if said.status != "all":
        done = Is("completed")
        conditions.append(done if said.status == "completed" else Not(done))
    if said.list is None:
        conditions.append(Not(Is("archived")))
    else:
        conditions.append(In((around.list_id(said.list, "list") or INBOX,)))
    conditions += [Named("tag", name) for name in said.tags or ()]
    if said.due in _DUE:
        conditions.append(_DUE[said.due])
    if said.due_after is not None or said.due_before is not None:
        since, before = (
            None if text is None else dates.moment(text, around.here, name)
            for name, text in (("due_after", said.due_after), ("due_before", said.due_before))
        )
        conditions.append(Between("due", since, before))
    if said.priority is not None:
        conditions.append(OfPriority((said.priority,)))
    if said.parent is not None:
        conditions.append(Of("parent", f"{said.parent}"))
    if said.query is not None:
        conditions.append(Words(said.query))
    named = () if said.parent is None else (("parent", frozenset({f"{said.parent}"})),)
    usual = "completed" if said.status == "completed" else "due"
    return Listing(Every(tuple(conditions)), _SORTS[said.sort or usual], None, named)


async def get(caller: Caller, said: Get) -> Row:
    """A task, with its subtasks."""
    task = await caller.tasks.get(f"{said.id}")
    page = await _page(caller, Listing(Of("parent", f"{said.id}"), "position"), MOST_NAMED, None)
    around = await caller.surroundings()
    told = around.told(task, whole=True)
    told["subtasks"] = [around.told(each) for each in _tasks(page)]
    return {**told, "more_subtasks": True} if page.next_cursor else told


async def _page(caller: Caller, listing: Listing, limit: int, cursor: str | None) -> Page:
    return await TaskPages(caller.database, caller.owner_id, caller.may_go_on).page(listing, limit=limit, cursor=cursor)


def _tasks(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = from_json(f"[{page.tasks}]")
    return found
