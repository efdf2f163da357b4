"""Adds the task that a line of text is: the SQL of what must be known to understand it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from doable.database import Row, Statement, Transaction
from doable.database.protocol import Work
from doable.errors import TitleTooLong
from doable.owned.owners import advance
from doable.tasks.asking import present
from doable.tasks.filed_under import lists, sections
from doable.tasks.preferred import preferences
from doable.tasks.quick.marks import Destination
from doable.tasks.quick.schemas import QuickTask
from doable.tasks.quick.understanding import KINDS, Understood, understand
from doable.tasks.recurrence import occurrences
from doable.tasks.references import check_list
from doable.tasks.repository import TaskRepository
from doable.tasks.schemas import MAX_TITLE_LENGTH, TaskCreate

UNSAID: Final[Mapping[str, Any]] = {
    "title": "",
    "list_id": None,
    "section_id": None,
    "priority": "none",
    "tags": [],
    "due": None,
    "start": None,
    "recurrence": None,
    "estimate_minutes": None,
    "reminders": [],
}
"""The members of a new task that a line can say, where it says nothing of them."""

# The list of one may be gone: see `tasks/dangling.py`.
DEFAULT_LIST: Final = Statement(
    select(lists.c.id)
    .join(preferences, preferences.c.default_list_id == lists.c.id)
    .where(lists.c.owner_id == bindparam("owner_id"), preferences.c.owner_id == bindparam("owner_id"))
)
# Of lists of one name it is the first that is not in the archive.
LISTS: Final = Statement(
    select(lists.c.id, lists.c.name)
    .where(lists.c.owner_id == bindparam("owner_id"))
    .order_by(lists.c.is_archived, lists.c.position, lists.c.sequence)
)
SECTIONS: Final = Statement(
    select(sections.c.id, sections.c.list_id, sections.c.name)
    .where(sections.c.owner_id == bindparam("owner_id"))
    .order_by(sections.c.position, sections.c.sequence)
)

Added = tuple[Row, Understood]


def add(tasks: TaskRepository, said: QuickTask) -> Work[Added]:
    """The new task, as it goes over the wire, and what was understood. Raises what a new task does."""

    async def work(tx: Transaction) -> Added:
        await advance(tx, tasks.owner_id, by=0)  # the lists that are read stay what they are
        new, understood = await preview(tasks.owner_id, said)(tx)
        return await tasks.add(TaskCreate.model_validate(new).model_dump())(tx), understood

    return work


def preview(owner_id: str, said: QuickTask) -> Work[tuple[Mapping[str, Any], Understood]]:
    """The new task, as an input of `POST …/tasks`, and what was understood.

    Raises ReferenceNotFound for a list that is not the owner's, and TitleTooLong.
    """

    async def work(tx: Transaction) -> tuple[Mapping[str, Any], Understood]:
        list_id = None if said.list_id is None else str(said.list_id)
        await check_list(tx, owner_id, list_id)
        if list_id is None and (preferred := await tx.one(DEFAULT_LIST, owner_id=owner_id)) is not None:
            list_id = preferred["id"]
        here = await present(tx, owner_id, said.timezone)
        understand_some = partial(
            understand,
            said.text,
            now=here.now.astimezone(ZoneInfo(here.zone)),
            language=said.lang or here.language,
            week_starts_on=here.week_starts_on,
            day_reminder_at=here.day_reminder_at,
            lists=await _lists(tx, owner_id, said.text),
            list_id=list_id,
        )
        understood = understand_some()
        if not goes_on(understood.members):
            understood = understand_some(kinds=KINDS - {"recurrence"})
        if len(understood.members["title"]) > MAX_TITLE_LENGTH:
            raise TitleTooLong(MAX_TITLE_LENGTH)
        return {**UNSAID, "list_id": list_id, **understood.members}, understood

    return work


def goes_on(members: Mapping[str, Any]) -> bool:
    """Whether a rule that was said, if one was, has another date than its first: `every 999 months` has none."""
    recurs = members.get("recurrence")
    if recurs is None:
        return True
    first = date.fromisoformat(members["due"]["date"])
    return occurrences.can_follow(recurs["rule"], first, from_completion=recurs["from"] == "completion")


async def _lists(tx: Transaction, owner_id: str, text: str) -> list[Destination]:
    """The lists with their sections, as far as a text can name any."""
    if "#" not in text and "/" not in text:
        return []
    found = await tx.all(LISTS, owner_id=owner_id)
    parts: defaultdict[str, list[Destination]] = defaultdict(list)
    if "/" in text:
        # The list of one may be gone: see `tasks/dangling.py`.
        for row in await tx.all(SECTIONS, owner_id=owner_id):
            parts[row["list_id"]].append(Destination(row["id"], row["name"]))
    return [Destination(row["id"], row["name"], parts[row["id"]]) for row in found]
