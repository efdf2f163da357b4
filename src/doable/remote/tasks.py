"""One's own tasks at a server: what `doable tasks` reads and writes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from doable.errors import Misconfigured
from doable.remote.server import NOT_DOABLE, Query, Refused, RemoteServer
from doable.terminal import pointed_at, printable, width

PAGE: Final = 100
INBOX: Final = "inbox"
LAST_COMPLETED: Final = "-completed_at"
LEFT: Final = "x"
"""A word that no language of quick add knows."""
_SHORT: Final = re.compile(r"[0-9a-f-]{0,31}[0-9a-f]{4}", re.IGNORECASE)
_TOO_SHORT: Final = re.compile(r"[0-9a-f]{1,3}", re.IGNORECASE)

Task = dict[str, Any]
Named = Literal["list", "filter"]
MEMBERS: Final[Mapping[Named, frozenset[str]]] = {
    "list": frozenset({"id", "name"}),
    "filter": frozenset({"id", "name", "query", "sort"}),
}


class Piece(NamedTuple):
    """What the server understood of a part of a text."""

    kind: str
    text: str
    value: Any


def wanted(*, everything: bool = False, sort: str | None = None, **narrower: str | None) -> Query:
    """What to ask for: the open tasks, unless a filter says itself which, or only completed ones have the order."""
    said = {**narrower, "sort": sort}
    # What is not of UTF-8 in it, the server could not be asked for.
    query = [(name, value.encode(errors="replace").decode()) for name, value in said.items() if value is not None]
    if sort == LAST_COMPLETED:
        query.append(("completed", "true"))
    elif not everything and {name for name, _ in query}.isdisjoint({"filter", "filter_id"}):
        query.append(("completed", "false"))
    return query


def read(server: RemoteServer, query: Query) -> Iterator[Task]:
    """Every task that the query asks for, page by page. A filter that cannot be read is shown with the place."""
    cursor: Query = []
    while True:
        try:
            page = server.ask("/api/me/tasks", query=[("limit", str(PAGE)), *query, *cursor])
        except Refused as error:
            raise with_place(error, dict(query).get("filter", "")) from None
        try:
            yield from page["tasks"]
            following = page["next_cursor"]
        except (KeyError, TypeError):
            raise Misconfigured(NOT_DOABLE) from None
        if following is None:
            return
        cursor = [("cursor", following)]


def with_place(error: Refused, text: str) -> Misconfigured:
    """The error, and below it the text of the filter with a mark where it cannot be read, if the server says where."""
    if error.position is None or not text.strip():
        return Misconfigured(str(error))
    return Misconfigured(f"{error}\n{pointed_at(text, error.position, width())}")


def all_of(server: RemoteServer, kind: Named) -> list[dict[str, Any]]:
    """One's lists or filters, in their order."""
    found = server.ask(f"/api/me/{kind}s").get(f"{kind}s")
    if not isinstance(found, list) or not all(
        isinstance(each, dict) and MEMBERS[kind] <= each.keys() for each in found
    ):
        raise Misconfigured(NOT_DOABLE)
    return found


def names_of(server: RemoteServer, kind: Named) -> dict[str, str]:
    """The names of one's lists or filters, by their ids."""
    return {each["id"]: each["name"] for each in all_of(server, kind)}


def id_of(kind: Named, text: str, names: dict[str, str]) -> str:
    """The id of the list or filter with this name or id. Raises Misconfigured if there is none, or more than one."""
    if text in names:
        return text
    found = [each for each, name in names.items() if name.casefold() == text.casefold()]
    match found:
        case [only]:
            return only
        case []:
            message = f'You have no {kind} with the name "{printable(text)}".'
        case _:
            message = f'{len(found)} {kind}s have the name "{printable(text)}". Name one by its id: {", ".join(found)}.'
    raise Misconfigured(message)


def id_of_list(text: str, names: dict[str, str]) -> str:
    """As `id_of`, or `inbox`."""
    return INBOX if text not in names and text.lower() == INBOX else id_of("list", text, names)


def id_of_task(server: RemoteServer, text: str) -> str:
    """The whole id of an open task, of which these are the last characters. Raises Misconfigured if it is not one task."""
    try:
        return str(UUID(text))
    except ValueError:
        pass
    if _TOO_SHORT.fullmatch(text):
        raise Misconfigured("Take at least four characters of the id.")
    if not _SHORT.fullmatch(text):
        raise Misconfigured("This is no id. Take one, or its end, from `doable tasks list`.")
    open_tasks = read(server, [("completed", "false")])
    found = [task["id"] for task in open_tasks if task["id"].endswith(text.lower())]
    match found:
        case [task_id]:
            return str(task_id)
        case []:
            message = f"None of your open tasks has an id that ends with {text}."
        case _:
            message = f"{len(found)} of your open tasks have an id that ends with {text}. Take more of it."
    raise Misconfigured(message)


def add(server: RemoteServer, text: str, given: Task, *, plain: bool) -> tuple[Task, list[Piece]]:
    """The new task, and what was understood of the text besides what is given."""
    path = "/api/me/tasks"
    if plain:
        return server.ask(path, method="POST", body={"title": text, **given}), []
    line = {"text": text, "list_id": given.get("list_id")}
    answer = server.ask(f"{path}/quick", method="POST", body={**line, "preview": bool(given)})
    try:
        task, understood = answer["task"], answer["understood"]
        pieces = [Piece(each["kind"], text[each["start"] : each["end"]], each["value"]) for each in understood]
        if not given:
            return task, pieces
        tags = [*task["tags"], *given.get("tags", ())]
        outside = {"section_id": None} if given.get("list_id", task["list_id"]) != task["list_id"] else {}
    except (KeyError, TypeError):
        raise Misconfigured(NOT_DOABLE) from None
    made = server.ask(path, method="POST", body={**task, **outside, **given, "tags": tags})
    unsaid = {"list_id": "list", "due": "due", "priority": "priority"}
    over = {unsaid[name] for name in given if name in unsaid} | ({"section"} if outside else set())
    return made, [piece for piece in pieces if piece.kind not in over]


def is_all_understood(server: RemoteServer, text: str, list_id: str | None) -> bool:
    """Whether nothing of the text would be left for a title, so that all of it became the title."""
    line = {"text": f"{LEFT} {text}", "list_id": list_id, "preview": True}
    try:
        answer: Task = server.ask("/api/me/tasks/quick", method="POST", body=line)["task"]
    except (KeyError, TypeError):
        raise Misconfigured(NOT_DOABLE) from None
    return answer.get("title") == LEFT


def due(text: str) -> dict[str, str | None]:
    """A day, or a day and a time, as the API takes them. The server says if it is none."""
    date, _, time = text.strip().replace("T", " ", 1).partition(" ")
    return {"date": date, "time": time.strip() or None}
