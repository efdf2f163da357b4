"""Lists and sections, and the tasks that are in them."""

from typing import Any

from support.changes import batch, listed, pages
from support.users import User

Thing = dict[str, Any]


def new_list(user: User, name: str = "Groceries") -> Thing:
    answer = user.post("/api/me/lists", json={"name": name})
    assert answer.status_code == 201, answer.text
    made: Thing = answer.json()
    return made


def new_section(user: User, a_list: Thing, name: str = "Dairy") -> Thing:
    answer = user.post("/api/me/sections", json={"list_id": a_list["id"], "name": name})
    assert answer.status_code == 201, answer.text
    made: Thing = answer.json()
    return made


def path_of(thing: Thing) -> str:
    """Of a list or a section."""
    return f"/api/me/{'sections' if 'list_id' in thing else 'lists'}/{thing['id']}"


def fill(user: User, count: int, **where: str) -> list[str]:
    """So many tasks with these ids: their titles."""
    names = [str(number) for number in range(count)]
    operations = [{"op": "create", "task": {"title": name, **where}} for name in names]
    for start in range(0, count, 500):
        batch(user, *operations[start : start + 500])
    return names


def of_list(user: User, list_id: str | None) -> list[Thing]:
    """The tasks of a list, None the inbox, by their positions; subtasks are among them."""
    tasks = [task for task in listed(user).values() if task["list_id"] == list_id]
    return sorted(tasks, key=lambda task: task["position"].encode())


def titles(user: User, list_id: str | None) -> list[str]:
    return [task["title"] for task in of_list(user, list_id)]


def written(user: User, since: int) -> list[Thing]:
    """What was written after this revision."""
    return [change for some, _ in pages(user, None, since=since, kinds="all") for change in some]
