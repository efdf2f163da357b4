"""How tasks read in a terminal. Whatever others wrote is made harmless."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from doable.remote.tasks import Piece
from doable.terminal import columns_of, fitted, printable

SHORT_ID: Final = 8
"""So many characters at the end of an id tell one task of a person from the others, nearly always. It begins with the time."""

Task = Mapping[str, Any]
Names = Mapping[str, str]
"""The names of lists, by their ids."""

OF_TASKS: Final = ("ID", "DONE", "TITLE", "DUE", "PRIORITY", "TAGS", "LIST")
OF_FILTERS: Final = ("NAME", "FILTER", "SORT")
MAY_SHRINK: Final = {"TITLE", "TAGS", "LIST", "NAME", "FILTER"}
LEAST: Final = 12
"""No column shrinks below this."""
GAP: Final = "  "
MARKS: Final = {"": " ", "yes": "x", "cancelled": "-"}


def line(task: Task, lists: Names, width: int | None = None) -> str:
    """A task in one line."""
    _, done, title, due, priority, tags, listed = cells(task, lists)
    title = f"[{MARKS[done]}] {title}"
    said = [due and f"due {due}", priority and f"{priority} priority", tags, listed and f"in {listed}"]
    rest = GAP.join(each for each in said if each)
    if rest and width is not None:
        title = fitted(title, max(LEAST, width - columns_of(rest) - len(GAP)))
    whole = f"{title}{GAP}{rest}" if rest else title
    return whole if width is None else fitted(whole, width)


def cells(task: Task, lists: Names) -> list[str]:
    """What the table has of a task, in the order of its headings."""
    priority = "" if task["priority"] == "none" else task["priority"]
    found = [
        task["id"][-SHORT_ID:],
        "cancelled" if task["is_cancelled"] else "yes" if task["is_completed"] else "",
        task["title"],
        moment(task["due"]),
        priority,
        " ".join(f"@{tag}" for tag in task["tags"]),
        "" if task["list_id"] is None else lists.get(task["list_id"], task["list_id"][-SHORT_ID:]),
    ]
    return [printable(each) for each in found]


def moment(found: Mapping[str, str | None] | None) -> str:
    """A day, with its time if it has one, and with its zone if that is not wherever one is."""
    if found is None:
        return ""
    time = found["time"]
    # Nobody says the seconds unless there are some.
    parts = (found["date"], time and time.removesuffix(":00"), found["timezone"])
    return " ".join(each for each in parts if each)


SAID: Final = {"list": "its list", "section": "its section", "tag": "a tag"}
UNITS: Final = {"W": "week", "D": "day", "H": "hour", "M": "minute"}


def understood(pieces: Sequence[Piece]) -> str:
    """What was understood of a text, in a sentence."""
    said = (f'"{printable(each.text)}" as {_said(each)}' for each in pieces)
    return f"Understood {', '.join(said)}."


_MARK: Final = re.compile(r'(?<!\S)([#/!])(?:"([^"]+)"|(\w\S*))')
_UNKNOWN: Final = {
    "#": ("list", "You have no list {}"),
    "/": ("section", "That list has no section {}"),
    "!": ("priority", "There is no priority {}"),
}


def left(text: str, title: str, pieces: Sequence[Piece]) -> Iterator[str]:
    """What is marked in a text as a list, a section or a priority, and stayed in the title: a sentence for each."""
    kinds = {piece.kind for piece in pieces}
    for found in _MARK.finditer(text):
        sign, quoted, plain = found.groups()
        name = quoted or plain.rstrip(",.;:!?…)]}")
        mark = found[0] if quoted else sign + name
        kind, unknown = _UNKNOWN[sign]
        if mark in title:
            why = f"A task has one {kind}" if kind in kinds else unknown.format(printable(name))
            yield f"{why}: {printable(mark)} stays in the title."


def _said(piece: Piece) -> str:
    match piece.kind:
        case "due" | "start":
            return f"{piece.kind} {moment({'timezone': None, **piece.value})}"
        case "priority":
            return f"{piece.value} priority"
        case "estimate":
            return f"{piece.value} minutes"
        case "reminder":
            return f"a reminder {_reminder(piece.value)}"
        case kind:
            return SAID.get(kind, kind)


def _reminder(value: Mapping[str, str]) -> str:
    if "at" in value:
        # By the clock of this machine, as the task is asked for here.
        return f"at {datetime.fromisoformat(value['at']).astimezone():%Y-%m-%d %H:%M}"
    amounts = [(int(number), UNITS[unit]) for number, unit in re.findall(r"(\d+)([WDHM])", value["offset"])]
    length = " ".join(f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in amounts if number)
    of = "it starts" if value.get("relative_to") == "start" else "it is due"
    side = "before" if value["offset"].startswith("-") else "after"
    return f"{length} {side} {of}" if length else f"when {of}"


def table(rows: Sequence[Sequence[str]], width: int | None = None, headings: Sequence[str] = OF_TASKS) -> list[str]:
    """The lines of the table, with headings, and without the columns in which there is nothing."""
    used = [index for index in range(len(headings)) if any(row[index] for row in rows)]
    lines = [[headings[index] for index in used]]
    lines += [[row[index] for index in used] for row in rows]
    widths = [max(columns_of(each[column]) for each in lines) for column in range(len(used))]
    if width is not None:
        _shrink(widths, [column for column, heading in enumerate(lines[0]) if heading in MAY_SHRINK], width)
    padded = (GAP.join(_padded(*each) for each in zip(row, widths, strict=True)).rstrip() for row in lines)
    return [each if width is None else fitted(each, width) for each in padded]


def _shrink(widths: list[int], flexible: list[int], width: int) -> None:
    """Take from the widest, again and again, until the line is short enough."""
    while sum(widths) + len(GAP) * (len(widths) - 1) > width:
        widest = max(flexible, key=lambda column: widths[column], default=None)
        if widest is None or widths[widest] <= LEAST:
            return
        widths[widest] -= 1


def _padded(text: str, columns: int) -> str:
    text = fitted(text, columns)
    return text + " " * (columns - columns_of(text))


def describe(change: Mapping[str, Any], lists: dict[str, str], width: int | None) -> str:
    """A change of a task or a list in one line. Keeps the names of lists in step."""
    found = change[change["kind"]]
    if change["kind"] == "list":
        lists.pop(change["id"], None)
        if found is not None:
            lists[change["id"]] = found["name"]
            text = f"list {printable(found['name'])}"
        else:
            text = f"list {printable(change['id'])} deleted"
    else:
        text = f"{printable(change['id'])} deleted" if found is None else line(found, lists, width and width - 10)
    whole = f"{change['revision']:>8}{GAP}{text}"
    return whole if width is None else fitted(whole, width)
