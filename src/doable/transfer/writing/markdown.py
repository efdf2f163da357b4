"""Markdown: lists to read, and to keep beside one's notes."""

from typing import Final

from doable.database import Row
from doable.transfer.writing.account import Entry, Heading
from doable.transfer.writing.table import state

_MARKS: Final = {"open": "[ ]", "completed": "[x]", "cancelled": "[-]"}


class Markdown:
    """A heading a list, an item with a box a task."""

    media_type = "text/markdown; charset=utf-8"
    filename = "doable-tasks.md"

    def begins(self) -> str:
        """Nothing."""
        return ""

    def heading(self, heading: Heading) -> str:
        """The name of a list, or of a section."""
        if heading.section is not None:
            return f"\n## {_one_line(heading.section['name'])}\n\n"
        return f"\n# {'Inbox' if heading.list is None else _one_line(heading.list['name'])}\n\n"

    def task(self, entry: Entry) -> str:
        """Its item, with its description in it."""
        task, indent = entry.task, "  " * entry.depth
        said = ", ".join(_details(task))
        lines = [f"{indent}- {_MARKS[state(task)]} {_one_line(task['title'])}{f' ({said})' if said else ''}"]
        lines += [f"{indent}  {line}".rstrip() for line in (task["description"] or "").splitlines()]
        return "".join(f"{line}\n" for line in lines)

    def ends(self) -> str:
        """Nothing."""
        return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _details(task: Row) -> list[str]:
    found = [f"{name} {_moment(task[name])}" for name in ("due", "start") if task[name]]
    if task["recurrence"]:
        found.append(f"repeats {task['recurrence']['rule']}")
    if task["priority"] != "none":
        found.append(f"{task['priority']} priority")
    if task["estimate_minutes"]:
        found.append(f"{task['estimate_minutes']} minutes")
    return [*found, *(f"#{name}" for name in task["tags"]), *([f"<{task['url']}>"] if task["url"] else [])]


def _moment(moment: Row) -> str:
    time = moment["time"] and moment["time"].removesuffix(":00")
    return " ".join(filter(None, (moment["date"], time, moment["timezone"])))
