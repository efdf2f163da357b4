"""What somebody did in the last weeks, done in the order of time: so that positions, the feed and reminders are right."""

import heapq
import itertools
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from doable import clock
from doable.database import Transaction
from doable.demo.acting import Actor, Operation
from doable.demo.content import Content, List, Task
from doable.tasks.repository import TaskRepository

LENGTH: Final = timedelta(weeks=8)
EVENING: Final = "19:00:00"
"""When somebody does what is due on a day."""

Place = Mapping[str, str]
"""The members by which a task is filed."""
Step = Callable[[datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Story:
    """All that happened until now, in the time zone of the content, to be told in one transaction.

    A server would find reminders of last month otherwise, before the next line says that their tasks are done.
    """

    tx: Transaction
    actor: Actor
    content: Content
    now: datetime
    _steps: list[tuple[datetime, int, Step]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    async def tell(self) -> None:
        """Do it all. What is done plans more, where a task recurs."""
        await self._do(self.now - LENGTH, *self._all_but_tasks())
        while self._steps:
            at, _, step = heapq.heappop(self._steps)
            await step(at)

    async def _do(self, at: datetime, *operations: Operation) -> Any:
        return await self.actor.does(at, [*operations])(self.tx)

    def _all_but_tasks(self) -> Iterator[Operation]:
        """Makes tags, filters, lists and sections, and plans the tasks."""
        for name, color in self.content.tags:
            yield {"op": "create", "kind": "tag", "tag": {"name": name, "color": color}}
        for each in self.content.filters:
            members = {"name": each.name, "query": each.query, "sort": each.sort, "color": each.color}
            yield {"op": "create", "kind": "filter", "filter": members}
        self._plan_tasks([({}, task) for task in self.content.inbox])
        for of_list in self.content.lists:
            yield from self._list(of_list)

    def _list(self, of_list: List) -> Iterator[Operation]:
        list_id = str(uuid.uuid4())
        members = {"name": of_list.name, "color": of_list.color, "group": of_list.group}
        yield {"op": "create", "kind": "list", "id": list_id, "list": members}
        placed: list[tuple[Place, Task]] = [({"list_id": list_id}, task) for task in of_list.tasks]
        for section in of_list.sections:
            section_id = str(uuid.uuid4())
            new = {"list_id": list_id, "name": section.name}
            yield {"op": "create", "kind": "section", "id": section_id, "section": new}
            placed += [({"list_id": list_id, "section_id": section_id}, task) for task in section.tasks]
        self._plan_tasks(placed)
        if of_list.is_archived:
            archive = {"op": "update", "kind": "list", "id": list_id, "list": {"is_archived": True}}
            self._plan(self.now - timedelta(days=1), lambda at: self._do(at, archive))

    def _plan(self, at: datetime, step: Step) -> None:
        heapq.heappush(self._steps, (at, next(self._numbers), step))

    def _plan_tasks(self, placed: list[tuple[Place, Task]]) -> None:
        """Have these made one after another until now, in their order, but each before anything else happens to it."""
        for number, (place, task) in enumerate(placed, 1):
            evenly = self.now - LENGTH + LENGTH * number / (len(placed) + 1)
            self._plan(self._awake(min(evenly, self._latest(task))), partial(self._make, task, place))

    def _latest(self, task: Task) -> datetime:
        ago = [2 + each.done for each in _tree(task) if each.done is not None]
        if task.series is not None:
            ago.append(task.series.since)
        elif task.due is not None:
            ago.append(3 + (self._day(self.now) - task.due(self._day(self.now))).days)
        return self.now - timedelta(days=max([1, *ago]))

    def _day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.content.timezone)).date()

    def _awake(self, at: datetime) -> datetime:
        """That day between 7 and 22, and the later in it the later it was."""
        midnight = at.astimezone(ZoneInfo(self.content.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(hours=7) + (at - midnight) * 15 / 24

    def _ago(self, days: int) -> datetime:
        """Some time of that day, each time another."""
        number = next(self._numbers)
        if not days:
            return self.now - timedelta(minutes=5 + number % 50)
        return self._awake(self.now - timedelta(days=days, minutes=number * 131 % 720))

    async def _make(self, task: Task, place: Place, at: datetime) -> None:
        """Make the task with what is below it, and plan what becomes of them."""
        await self._do(at, *self._creates(task, place, self._day(at if task.series else self.now)))

    def _creates(self, task: Task, place: Place, today: date) -> Iterator[Operation]:
        id_ = str(uuid.uuid4())
        yield {"op": "create", "id": id_, "task": {**_members(task, today), **place}}
        for below in task.below:
            yield from self._creates(below, {**place, "parent_id": id_}, today)
        if task.series is not None and task.due is not None:
            self._plan_completion(id_, task.due(today))
        if task.done is not None:
            state = {"is_cancelled": True} if task.is_cancelled else {"is_completed": True}
            self._plan(self._ago(task.done), lambda at: self._do(at, {"op": "update", "id": id_, "task": state}))

    def _plan_completion(self, id_: str, due: date) -> None:
        """Have it done on its day, if that is past."""
        if due < self._day(self.now):
            self._plan(clock.instant(f"{due}T{EVENING}", self.content.timezone), partial(self._complete, id_))

    async def _complete(self, id_: str, at: datetime) -> None:
        (done,) = await self._do(at, {"op": "complete", "id": id_})
        next_id = done["task"]["next_id"]
        following = await self.tx.one(TaskRepository.statements.get, this_owner=self.actor.owner_id, this_id=next_id)
        if following is not None:
            self._plan_completion(next_id, date.fromisoformat(following["due"]["date"]))


def _tree(task: Task) -> Iterator[Task]:
    yield task
    for below in task.below:
        yield from _tree(below)


def _members(task: Task, today: date) -> dict[str, Any]:
    """As the API takes them."""
    members: dict[str, Any] = {
        "title": task.title,
        "description": task.notes,
        "priority": task.priority,
        "tags": [*task.tags],
        "estimate_minutes": task.minutes,
        "url": task.url,
        "reminders": [{"offset": offset} for offset in task.remind],
        "due": None if task.due is None else {"date": f"{task.due(today)}", "time": task.time},
        "start": None if task.start is None else {"date": f"{task.start(today)}"},
    }
    if task.series is not None:
        members["recurrence"] = {"rule": task.series.rule, "from": task.series.counts_from}
    return members
