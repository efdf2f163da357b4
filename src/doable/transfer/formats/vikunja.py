"""Vikunja: its export, a zip with all projects in `data.json`."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, BinaryIO, Final

from doable.transfer.formats import when
from doable.transfer.formats.draft import Draft, Keys, Piece, color, is_inbox, one_line, quoted
from doable.transfer.formats.files import Archive, document, is_zip
from doable.transfer.formats.html import as_text
from doable.transfer.formats.trees import items, members_of, number, texts
from doable.transfer.found import Found, NotUnderstood, Reading, Unreadable

name: str = "vikunja"

_DATA: Final = "data.json"
_NEVER: Final = "0001-"
"""How a date begins that there is none of."""
_PRIORITIES: Final = ("none", "low", "medium", "high", "high", "high")
_BY_MONTH, _FROM_COMPLETION = 1, 2
_DAY: Final = 86_400


def recognises(filename: str, head: bytes) -> bool:
    """By the name of its file."""
    del filename
    return _DATA in head.decode(errors="replace").split("\n")


def read(file: BinaryIO, reading: Reading) -> Iterator[Piece]:
    """The projects with their tasks. A project in another has that one's name as its group."""
    if is_zip(file):
        archive = Archive(file)
        if _DATA not in archive.names:
            raise Unreadable("there is no data.json in the zip")
        file = archive.member(_DATA)
    content = document(file)
    if not isinstance(content, list):
        raise Unreadable("the file has no projects of Vikunja")
    projects = [*_all(members_of(each) for each in content)]
    names = {each["id"]: one_line(each.get("title")) for each in projects if isinstance(each.get("id"), int)}
    keys = Keys()
    for project in sorted(projects, key=lambda each: number(each.get("position"))):
        yield from _project(project, names, keys, reading)


def _all(projects: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Those in others, as older exports have them, too."""
    waiting = [*projects]
    while waiting:
        project = waiting.pop(0)
        yield project
        waiting += items(project, "child_projects")


def _project(project: dict[str, Any], names: dict[int, str], keys: Keys, reading: Reading) -> Iterator[Piece]:
    said = texts(project)
    tasks = _in_order(project)
    list_id = None
    if not is_inbox(said("title")):
        list_id = keys.own(f"project {said('id')}") if said("id") else keys.of("list", said("title"))
        above = project.get("parent_project_id")
        group = names.get(above) if isinstance(above, int) else None
        members: dict[str, Any] = {
            "name": one_line(said("title")) or "Vikunja",
            "color": color(said("hex_color")),
            "group": group,
        }
        members["is_archived"] = project.get("is_archived") is True or None
        yield Found(kind="list", key=list_id, members={k: v for k, v in members.items() if v is not None})
        if said("description"):
            yield NotUnderstood(what="the description of the project", of=one_line(said("title")))
    sections = yield from _sections(project, list_id, keys)
    for task in tasks:
        yield from _Task(task, list_id, sections.get(number(task.get("id"))), keys, reading).found()


def _in_order(project: dict[str, Any]) -> list[dict[str, Any]]:
    """The tasks as they stand in the list, whose view has positions of its own in newer exports."""
    views = {number(each.get("id")) for each in items(project, "views") if each.get("view_kind") in ("list", 0)}
    stands = {
        number(each.get("task_id")): number(each.get("position"))
        for each in items(project, "positions")
        if number(each.get("project_view_id")) in views
    }
    tasks = items(project, "tasks")
    return sorted(tasks, key=lambda task: stands.get(number(task.get("id")), number(task.get("position"))))


def _sections(project: dict[str, Any], list_id: str | None, keys: Keys) -> Any:
    """Of each task that is in a bucket of a board, its section. A board that nobody has set up has one bucket with all of them."""
    buckets = items(project, "buckets")
    holds = {number(each.get("task_id")): number(each.get("bucket_id")) for each in items(project, "task_buckets")}
    for task in items(project, "tasks"):
        if number(task.get("bucket_id")):
            holds.setdefault(number(task.get("id")), number(task.get("bucket_id")))
    if list_id is None or len({*holds.values()}) <= 1:
        return {}
    known = {}
    for bucket in sorted(buckets, key=lambda each: number(each.get("position"))):
        if one_line(bucket.get("title")):
            key = known[number(bucket.get("id"))] = keys.of(list_id, "section", one_line(bucket.get("title")))
            yield Found(kind="section", key=key, members={"list_id": list_id, "name": one_line(bucket["title"])})
    return {task: known[bucket] for task, bucket in holds.items() if bucket in known}


class _Task:
    """One task."""

    def __init__(
        self, task: dict[str, Any], list_id: str | None, section_id: str | None, keys: Keys, reading: Reading
    ) -> None:
        self._task, self._said, self._reading = task, texts(task), reading
        key = keys.own(self._said("id")) if self._said("id") else keys.of(list_id or "", self._said("title"))
        self._draft = Draft(self._said("title"), key=key)
        parents = items(members_of(task.get("related_tasks")), "parenttask")
        self._draft.members |= {"list_id": list_id, "section_id": section_id}
        self._draft.members["parent_id"] = texts(parents[0])("id") if parents else None

    def found(self) -> Iterator[Piece]:
        """The task, with everything that it says."""
        draft, task = self._draft, self._task
        draft.says(as_text(self._said("description")))
        priority = int(number(task.get("priority")))
        draft.members["priority"] = _PRIORITIES[priority] if 0 < priority < len(_PRIORITIES) else None
        draft.tags = [str(label.get("title", "")) for label in items(task, "labels")]
        draft.members["created_at"] = self._instant("created")
        for member, name in (("due", "due_date"), ("start", "start_date")):
            if not self._said(name).startswith(_NEVER):
                draft.has(member, when.moment(self._said(name), self._reading.timezone), self._said(name))
        if task.get("done") is True:
            draft.is_done(self._instant("done_at"))
        self._repeats()
        for each in items(task, "reminders"):
            self._reminds(each)
        self._rest()
        return draft.found()

    def _instant(self, name: str) -> str | None:
        return when.instant(when.parsed(self._said(name)), "UTC")

    def _repeats(self) -> None:
        """Seconds, or a month; newer ones have a rule."""
        mode, seconds = number(self._task.get("repeat_mode")), int(number(self._task.get("repeat_after")))
        if self._said("repeats"):
            self._draft.recurs(
                self._said("repeats"), from_completion=self._task.get("repeats_from_current_date") is True
            )
        elif mode == _BY_MONTH:
            self._draft.recurs("FREQ=MONTHLY")
        elif seconds > 0 and seconds % _DAY:
            self._draft.misses(f"that it repeats every {seconds} seconds")
        elif seconds > 0:
            days = seconds // _DAY
            rule = when.every(days // 7, "WEEKLY") if days % 7 == 0 else when.every(days, "DAILY")
            self._draft.recurs(rule, from_completion=mode == _FROM_COMPLETION)

    def _reminds(self, reminder: dict[str, Any]) -> None:
        said = texts(reminder)
        relative_to = {"due_date": "due", "start_date": "start"}.get(said("relative_to"))
        if relative_to is not None and relative_to in self._draft.members:
            seconds = max(min(number(reminder.get("relative_period")), 1e9), -1e9)
            self._draft.reminds(timedelta(seconds=seconds), relative_to)
        else:
            self._draft.reminds_at(when.instant(when.parsed(said("reminder")), "UTC"), said("reminder"))

    def _rest(self) -> None:
        """What there is nothing for here."""
        draft = self._draft
        for each in items(self._task, "comments"):
            draft.says(as_text(texts(each)("comment")))
        for each in items(self._task, "attachments"):
            called = texts(members_of(each.get("file")))("name")
            draft.misses(f"the file {quoted(called)} that is attached to it", f"File: {called}")
        for each in items(self._task, "assignees"):
            draft.misses(f"that it is assigned to {quoted(texts(each)('username'))}")
        if not self._said("end_date").startswith(_NEVER) and self._said("end_date"):
            draft.misses(f"the end {quoted(self._said('end_date'))}", f"End: {self._said('end_date')}")
        for kind, related in members_of(self._task.get("related_tasks")).items():
            if kind not in {"parenttask", "subtask"} and related:
                draft.misses(f"what it is related to as {quoted(str(kind))}")
