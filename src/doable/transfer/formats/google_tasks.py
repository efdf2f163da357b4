"""Google Tasks: `Tasks.json`, as Takeout has it, by itself or in its zip."""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from doable.transfer.formats import when
from doable.transfer.formats.draft import Draft, Keys, Piece, is_inbox, one_line
from doable.transfer.formats.files import Archive, decoded, document, is_zip
from doable.transfer.formats.trees import items, members_of, texts
from doable.transfer.found import Found, Reading, Unreadable

name: str = "google-tasks"

_FILE: Final = "Tasks.json"


def recognises(filename: str, head: bytes) -> bool:
    """By what it says it is, or by the name of the file in Takeout's zip."""
    del filename
    text = decoded(head)
    return '"tasks#' in text or any(each.endswith(f"Tasks/{_FILE}") or each == _FILE for each in text.split("\n"))


def read(file: BinaryIO, reading: Reading) -> Iterator[Piece]:
    """The lists with their tasks, each where it stood."""
    content = members_of(document(_found(file) if is_zip(file) else file))
    if "items" not in content:
        raise Unreadable("the file has no lists of Google Tasks")
    keys = Keys()
    for each in items(content, "items"):
        said = texts(each)
        # The export of one list from the API has its tasks where that of all has lists.
        if "items" not in each and said("kind") == "tasks#task":
            yield from _task(each, None, keys, reading).found()
            continue
        list_id = None
        if not is_inbox(said("title")):
            list_id = keys.own(said("id") or said("title"))
            yield Found(kind="list", key=list_id, members={"name": one_line(said("title")) or "Google Tasks"})
        tasks = sorted(items(each, "items"), key=lambda task: str(task.get("position", "")))
        for task in tasks:
            if task.get("deleted") is not True:
                yield from _task(task, list_id, keys, reading).found()


def _found(file: BinaryIO) -> BinaryIO:
    archive = Archive(file)
    names = [each for each in archive.names if each.split("/")[-1] == _FILE]
    if not names:
        raise Unreadable("there is no Tasks.json in the zip")
    return archive.member(names[0])


def _task(task: dict[str, Any], list_id: str | None, keys: Keys, reading: Reading) -> Draft:
    said = texts(task)
    draft = Draft(said("title"), key=keys.own(said("id")) if said("id") else keys.of(list_id or "", said("title")))
    draft.members |= {"list_id": list_id, "parent_id": said("parent") or None}
    draft.members["created_at"] = when.instant(when.parsed(said("created")), "UTC")
    draft.says(said("notes"))
    # Midnight in UTC, wherever one is: only its day means anything.
    draft.has("due", when.moment(said("due")[:10], reading.timezone), said("due"))
    if said("status") == "completed":
        draft.is_done(when.instant(when.parsed(said("completed")), "UTC"))
    if task.get("starred") is True:
        draft.members["priority"] = "high"
    for link in items(task, "links"):
        draft.leads_to(link.get("link"))
    return draft
