"""The law of undo: a write of any kind, and then its undo, leave exactly what was there, whatever the write took along."""

import random
import uuid
from collections.abc import Callable
from typing import Any, Final

import httpx

from doable.batch.operations import REGISTERED
from doable.kinds import KINDS
from support.kinds import Thing, everything
from support.schema import contents, settings_of
from support.server import Server
from support.undo import UNDO, undo
from support.users import User

WORDS: Final = ("milk", "rice", "Zoë", "tea", "oats")
TAGS: Final = ("shop", "Café", "home", "a, b")

DUE: Final = {"date": "2027-03-28", "time": "02:30:00", "timezone": "Europe/Berlin"}

Body = dict[str, Any]
Ids = dict[str, list[str]]


class Somebody:
    """What somebody sends who does anything at all. Much of it is refused, as when a section is of another list."""

    def __init__(self, seed: int, ids: Ids) -> None:
        self.random = random.Random(seed)  # noqa: S311 - it is to be the same each time
        self.ids = ids

    def one(self, kind: str) -> str:
        return self.random.choice(self.ids[kind] or [str(uuid.UUID(int=1))])

    def maybe(self, **members: Callable[[], Any]) -> Body:
        """Some of these members."""
        return {name: value() for name, value in members.items() if self.random.random() < 0.3}

    def tags(self) -> list[str]:
        return self.random.sample(TAGS, self.random.randint(1, 2))

    def word(self) -> str:
        return self.random.choice(WORDS)

    def place(self, kind: str) -> Body:
        return self.random.choice(
            [{"place": "first"}, {"place": "last"}, {"before": self.one(kind)}, {"after": self.one(kind)}]
        )

    def fields(self, kind: str) -> Body:
        """Members that a thing may be changed by."""
        if kind == "task":
            recurs = {"due": DUE, "recurrence": {"rule": "FREQ=DAILY;COUNT=9"}} if self.random.random() < 0.3 else {}
            return recurs | self.maybe(
                title=self.word,
                description=self.word,
                is_completed=lambda: self.random.random() < 0.5,
                is_cancelled=lambda: self.random.random() < 0.5,
                due=lambda: DUE,
                priority=lambda: self.random.choice(["high", "low", "none"]),
                tags=self.tags,
                url=lambda: "https://example.com",
            )
        if kind == "section":
            return self.maybe(name=self.word)
        if kind == "filter":
            return self.maybe(name=self.word, query=lambda: f"#{self.word()}", sort=lambda: "created_at")
        return self.maybe(name=self.word, color=lambda: "#2a9d8f")

    def new(self, kind: str) -> Body:
        """A new thing."""
        if kind == "task":
            filed = self.maybe(
                list_id=lambda: self.one("list"),
                parent_id=lambda: self.one("task"),
                section_id=lambda: self.one("section"),
            )
            fields = {name: value for name, value in self.fields(kind).items() if not name.startswith("is_")}
            return {"title": self.word(), **fields, **filed}
        named = {"section": lambda: {"list_id": self.one("list")}, "filter": lambda: {"query": "today"}}
        return {
            **self.fields(kind),
            "name": f"{self.word()} {self.random.random()}" if kind == "tag" else self.word(),
            **named.get(kind, dict)(),
        }

    def members(self, kind: str, op: str) -> Body:
        """What an operation on one thing says besides which."""
        if op == "move":
            if kind == "task":
                to = self.random.choice(
                    [
                        self.place(kind),
                        {"list_id": self.one("list")},
                        {"list_id": None, "parent_id": None},
                        {"parent_id": self.one("task")},
                    ]
                )
            elif kind == "section":
                to = self.random.choice([self.place(kind), {"list_id": self.one("list")}])
            else:
                to = self.place(kind)
            return {"to": to}
        if op in {"tag", "untag"}:
            return {"tags": self.tags()}
        if op in {"complete", "reopen"}:
            return self.maybe(subtasks=lambda: "leave")
        if (kind, op) == ("list", "delete"):
            return self.maybe(tasks=lambda: "delete")
        if op == "merge":
            return {"into": self.one(kind)}
        assert op in {"delete", "skip"}, "It is not known yet what this operation says"
        return {}

    def operation(self) -> Body:
        """An operation of a batch."""
        registered = self.random.choice([*REGISTERED.values()])
        kind, op = registered.kind.name, registered.op
        if op == "create":
            return {"op": op, "kind": kind, kind: self.new(kind)}
        members = {kind: self.fields(kind)} if op == "update" else self.members(kind, op)
        known = {name: value for name, value in members.items() if name in registered.model.model_fields}
        return {"op": op, "kind": kind, "id": self.one(kind), **known}

    def request(self) -> tuple[str, str, Any]:  # noqa: PLR0911 - one for each form
        """A request of any write."""
        choice = self.random.random()
        if choice < 0.3:
            return "POST", "tasks/batch", {"operations": [self.operation() for _ in range(self.random.randint(1, 4))]}
        if choice < 0.35:
            return "PATCH", "preferences", self.maybe(theme=lambda: "dark", default_list_id=lambda: self.one("list"))
        operation = self.operation()
        op, kind = operation["op"], operation["kind"]
        plural = next(each.plural for each in KINDS if each.name == kind)
        if op == "create":
            return "POST", plural, operation[kind]
        path = f"{plural}/{operation['id']}"
        if op == "update":
            return "PATCH", path, operation[kind]
        if op == "delete":
            query = f"?tasks={operation['tasks']}" if "tasks" in operation else ""
            return "DELETE", path + query, None
        if op in {"complete", "reopen"}:
            return "PATCH", f"{path}/complete", {"is_completed": op == "complete"}
        body = (
            operation["to"]
            if op == "move"
            else {name: operation[name] for name in ("tags", "into") if name in operation}
        )
        return "POST", f"{path}/{op}", body


def snapshot(user: User) -> Any:
    """All that there is, without what every write moves: the things by kind and id, and how much they are."""
    there: dict[tuple[str, str], Thing] = {}
    for change in everything(user):
        if not change["deleted"]:
            thing = change[change["kind"]]
            there[change["kind"], change["id"]] = {
                name: value for name, value in thing.items() if name not in {"revision", "updated_at"}
            }
    if ("preferences", user.id) not in there:
        preferences = user.get("/api/me/preferences").json()
        there["preferences", user.id] = {
            name: value for name, value in preferences.items() if name not in {"revision", "updated_at"}
        }
    usage = user.get("/api/auth/me/usage").json()
    return there, {name: value for name, value in usage.items() if name not in {"kept_bytes", "limits"}}


def ids_of(user: User) -> Ids:
    found: Ids = {kind.name: [] for kind in KINDS}
    for kind, id_ in snapshot(user)[0]:
        if kind in found:
            found[kind].append(id_)
    return found


def send(user: User, method: str, path: str, body: Any) -> httpx.Response:
    answer = user.request(method, f"/api/me/{path}", json=body, headers=UNDO)
    assert answer.status_code < 500, (method, path, body, answer.text)
    return answer


def assert_filed(server: Server, user: User) -> None:
    """Every task is filed under its tags, and under nothing else."""
    rows = contents(settings_of(server))
    keys = {row["sequence"]: row["name"] for row in rows["tags"] if str(row["owner_id"]) == user.id}
    found: dict[int, set[str]] = {}
    for row in rows["task_tags"]:
        if str(row["owner_id"]) == user.id:
            found.setdefault(row["sequence"], set()).add(keys[row["tag"]])
    names = {task["id"]: set(task["tags"]) for (kind, _), task in snapshot(user)[0].items() if kind == "task"}
    of_task = {row["sequence"]: str(row["id"]) for row in rows["tasks"] if str(row["owner_id"]) == user.id}
    assert {of_task[sequence]: some for sequence, some in found.items()} == {
        id_: some for id_, some in names.items() if some
    }


def test_any_write_and_its_undo_leave_what_was_there(server: Server, alice: User) -> None:
    """And the undo of that undo leaves what the write had left: some of them go on from there."""
    alice.new_task(tags=[*TAGS])
    somebody, done = Somebody(0, ids_of(alice)), 0
    for number in range(40):
        before = snapshot(alice)
        method, path, body = somebody.request()
        answer = send(alice, method, path, body)
        if not answer.is_success:
            assert snapshot(alice) == before, (method, path, body)
            continue
        done += 1
        after = snapshot(alice)
        undone = alice.post(f"/api/me/undo/{answer.headers['undo-token']}", headers=UNDO)
        assert undone.json()["conflicts"] == [], (method, path, body)
        assert snapshot(alice) == before, (method, path, body)
        if method == "POST" or number % 2:
            assert undo(alice, undone.headers["undo-token"])["conflicts"] == [], (method, path, body)
            assert snapshot(alice) == after, (method, path, body)
            somebody.ids = ids_of(alice)
    assert done > 10
    assert_filed(server, alice)


def test_any_write_that_is_undone_after_another_leaves_nothing_dangling(server: Server, alice: User) -> None:
    alice.new_task(tags=[*TAGS])
    somebody, done = Somebody(1, ids_of(alice)), 0
    for _ in range(40):
        writes = [send(alice, *somebody.request()) for _ in range(2)]
        if writes[0].is_success:
            done += 1
            assert undo(alice, writes[0].headers["undo-token"])["undone"] >= 0
        somebody.ids = ids_of(alice)
    assert done > 5
    assert_filed(server, alice)
    there = snapshot(alice)[0]
    ids = {id_ for _, id_ in there}
    named = {thing.get(name) for thing in there.values() for name in ("list_id", "section_id", "parent_id")}
    assert named - {None} <= ids
