"""A Hypothesis state machine of what tasks are filed under: lists, sections, parents, tags, and the order of all of them.

Each rule says which things a write changes, and how. Then the feed must tell of these and of no others, each at a revision of
its own, and what must always be true is. (What is true of one thing whatever it is, tests/test_state_machine.py looks at.)
"""

import uuid
from typing import Any, ClassVar, Final, Literal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from doable.lists.kind import LIST
from doable.sections.kind import SECTION
from doable.tasks.kind import TASK
from support.changes import changes, pages
from support.kinds import but_exported, stored_bytes
from support.machines import run
from support.server import Server
from support.users import User

EXAMPLES: Final = 8
STEPS: Final = 25
LEVELS: Final = 5
MOST_LISTS: Final = 3
MOST_SECTIONS: Final = 6

Thing = dict[str, Any]
Key = tuple[str, str]
Expected = dict[Key, Thing | None]
"""What changes of each thing that a write touches; None where it goes."""

STAMPED: Final = {"revision", "updated_at"}
FILED_BY: Final = {"list_id": None, "section_id": None, "parent_id": None}
SOME: Final = st.integers(0, 2**16)
"""Which of some things, counted round."""


class Machine(RuleBasedStateMachine):
    """What one user does, in any order, and the copy of everything that the feed has made."""

    url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.user = User(self.url)
        self.copy: dict[Key, Thing] = {}
        self.revision = 0

    def teardown(self) -> None:
        everything = {(each["kind"], each["id"]): each for some, _ in pages(self.user, kinds="all") for each in some}
        there = {key: each[key[0]] for key, each in everything.items() if not each["deleted"]}
        assert there == self.copy
        document = self.user.get("/api/auth/me/export").json()
        for kind in (TASK, LIST, SECTION):
            exported = {each["id"]: but_exported(kind, each) for each in document[kind.plural]}
            assert self.of(kind.name) == exported
        usage = self.user.get("/api/auth/me/usage").json()
        things = [thing for (kind, _), thing in self.copy.items() if kind != "preferences"]
        assert (usage["tasks"], usage["stored_bytes"]) == (len(self.of("task")), stored_bytes(things))
        self.user.close()

    # What is made and where it goes.

    @initialize()
    def begin(self) -> None:
        """Two lists with two sections each, and in each of those places, and in the inbox, a task with two below it."""
        for _ in range(2):
            self.make_a_list()
        for where in range(4):
            self.make_a_section(where)
        for by, where in [
            ("nothing", 0),
            *(("list", each) for each in range(2)),
            *(("section", each) for each in range(4)),
        ]:
            self.make_a_task(where, by)
        for parent in [*range(7), *range(0, 7, 2)]:
            self.make_a_task(parent, "parent")

    @precondition(lambda self: len(self.of("list")) < MOST_LISTS)
    @rule()
    def make_a_list(self) -> None:
        self.make("list", {"name": "a"}, {"color": None, "group": None, "is_archived": False})

    @precondition(lambda self: len(self.of("list")) > 0 and len(self.of("section")) < MOST_SECTIONS)
    @rule(where=SOME)
    def make_a_section(self, where: int) -> None:
        self.make("section", {"list_id": self.one("list", where), "name": "a"}, {})

    @rule(where=SOME, by=st.sampled_from(["nothing", "list", "section", "parent"]))
    def make_a_task(self, where: int, by: str) -> None:
        named = self.filed_by(by, where)
        filed = self.filed({}, named)
        body = {"title": "a", **named}
        if filed["parent_id"] and len(self.path(filed["parent_id"])) >= LEVELS:
            assert self.refused("POST", "tasks", body) == "too_deep"
            return
        defaults: Thing = {
            "description": None,
            "is_completed": False,
            "completed_at": None,
            "priority": "none",
            "tags": [],
            "due": None,
            "start": None,
            "estimate_minutes": None,
            "url": None,
            "reminders": [],
            "is_cancelled": False,
            "recurrence": None,
            "series_id": None,
            "next_id": None,
        }
        self.make("task", body, {**defaults, **filed})

    @precondition(lambda self: self.of("task"))
    @rule(
        which=SOME,
        where=SOME,
        by=st.sampled_from(["nothing", "list", "section", "parent", "inbox", "root"]),
        place=SOME,
    )
    def move_a_task(self, which: int, where: int, by: str, place: int) -> None:
        id_ = self.one("task", which)
        task, below = self.of("task")[id_], self.below(id_)
        named = self.filed_by(by, where)
        filed = self.filed(task, named)
        among = filed["list_id"], filed["parent_id"]
        moved = among != (task["list_id"], task["parent_id"])
        others = [each for each in self.siblings(*among) if each != id_]
        how = ["place", "before", "after"][place % 3] if others else "place"
        to: Thing = {how: others[place % len(others)] if how != "place" else ["first", "last"][place % 2]}
        if moved and place % 5 == 0:
            to = {}
        refusal = self.refusal(id_, below, named)
        if refusal is not None:
            assert self.refused("POST", f"tasks/{id_}/move", {**named, **to}) == refusal
            return
        if not named and not to:
            return
        expected: Expected = {("task", id_): filed}
        if filed["list_id"] != task["list_id"]:
            expected |= {("task", each): {"list_id": filed["list_id"], "section_id": None} for each in below}
        self.write("POST", f"tasks/{id_}/move", {**named, **to}, expected)
        if not task["is_completed"]:
            assert self.siblings(*among) == put(others, id_, to or {"place": "last"})

    @precondition(lambda self: self.of("section"))
    @rule(which=SOME, where=SOME)
    def move_a_section(self, which: int, where: int) -> None:
        id_, list_id = self.one("section", which), self.one("list", where)
        expected: Expected = {("section", id_): {"list_id": list_id}}
        if list_id != self.of("section")[id_]["list_id"]:
            for task_id, task in self.of("task").items():
                in_it = task["section_id"] == id_
                if self.of("task")[self.path(task_id)[-1]]["section_id"] == id_:
                    expected["task", task_id] = {"list_id": list_id, "section_id": id_ if in_it else None}
                elif in_it:
                    expected["task", task_id] = {"section_id": None}
        self.write("POST", f"sections/{id_}/move", {"list_id": list_id}, expected)

    # What is done to a tree.

    @precondition(lambda self: self.of("task"))
    @rule(which=SOME, subtasks=st.sampled_from(["complete", "leave"]), is_completed=st.booleans())
    def complete(self, which: int, subtasks: Literal["complete", "leave"], *, is_completed: bool) -> None:
        id_ = self.one("task", which)
        tasks = self.of("task")
        along = []
        if is_completed and not tasks[id_]["is_completed"] and subtasks == "complete":
            along = [each for each in self.below(id_) if not tasks[each]["is_completed"]]
        if not is_completed and tasks[id_]["is_completed"]:
            along = [each for each in self.path(id_)[1:] if tasks[each]["is_completed"]]
        expected: Expected = {("task", each): {"is_completed": is_completed} for each in (id_, *along)}
        self.write("PATCH", f"tasks/{id_}/complete", {"is_completed": is_completed, "subtasks": subtasks}, expected)
        assert len({self.of("task")[each]["completed_at"] for each in (id_, *along)}) == 1

    @precondition(lambda self: self.of("task"))
    @rule(which=SOME)
    def delete_a_task(self, which: int) -> None:
        id_ = self.one("task", which)
        self.write("DELETE", f"tasks/{id_}", None, {("task", each): None for each in (id_, *self.below(id_))})

    # What goes with all that is filed under it.

    @precondition(lambda self: self.of("list"))
    @rule(which=SOME)
    def prefer_a_list(self, which: int) -> None:
        id_ = self.one("list", which)
        key = "preferences", self.user.id
        said = {"default_list_id": id_}
        self.write("PATCH", "preferences", said, {key: said}, partly=key not in self.copy)

    @precondition(lambda self: self.of("list"))
    @rule(which=SOME, tasks=st.sampled_from(["inbox", "delete"]))
    def delete_a_list(self, which: int, tasks: Literal["inbox", "delete"]) -> None:
        id_ = self.one("list", which)
        moved = {**FILED_BY}
        del moved["parent_id"]
        before = self.siblings(None, None)
        roots = self.siblings(id_, None)
        expected: Expected = {("list", id_): None}
        for kind in ("task", "section"):
            gone = None if kind == "section" or tasks == "delete" else moved
            expected |= {(kind, each): gone for each, thing in self.of(kind).items() if thing["list_id"] == id_}
        if self.copy.get(("preferences", self.user.id), {}).get("default_list_id") == id_:
            expected["preferences", self.user.id] = {"default_list_id": None}
        self.write("DELETE", f"lists/{id_}?tasks={tasks}", None, expected)
        assert self.siblings(None, None) == (before if tasks == "delete" else [*before, *roots])

    @precondition(lambda self: self.of("section"))
    @rule(which=SOME)
    def delete_a_section(self, which: int) -> None:
        id_ = self.one("section", which)
        expected: Expected = {("section", id_): None}
        expected |= {
            ("task", each): {"section_id": None} for each, task in self.of("task").items() if task["section_id"] == id_
        }
        self.write("DELETE", f"sections/{id_}", None, expected)

    # How it is done and looked at.

    def make(self, kind: str, body: Thing, besides: Thing) -> None:
        id_ = str(uuid.uuid4())
        made = {**besides, **body, "id": id_, "user_id": self.user.id}
        self.write("PUT", f"{kind}s/{id_}", body, {(kind, id_): made}, headers={"If-None-Match": "*"})

    def write(
        self,
        method: str,
        path: str,
        body: Any,
        expected: Expected,
        headers: Thing | None = None,
        *,
        partly: bool = False,
    ) -> None:
        """Have it written, and see in the feed that what is expected has changed and nothing else has."""
        answer = self.user.request(method, f"/api/me/{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        told = changes(self.user, since=self.revision, kinds="all")
        assert {(each["kind"], each["id"]) for each in told["changes"]} == set(expected)
        assert len(expected) == told["revision"] - self.revision, "Each has a revision of its own."
        before = dict(self.copy)
        for each in told["changes"]:
            key = each["kind"], each["id"]
            assert each["deleted"] == (expected[key] is None)
            if each["deleted"]:
                del self.copy[key]
            else:
                self.copy[key] = each[each["kind"]]
        self.revision = told["revision"]
        for key, members in expected.items():
            if members is None:
                continue
            old: Thing = before.get(key, {})
            new = self.copy[key]
            # Where it is, and when it was completed, the server says.
            said: Thing = {name: new[name] for name in ("position", "created_at", "completed_at") if name in new}
            stayed = {**old, **members, **said}
            if partly:
                assert {name: new[name] for name in members} == members
            else:
                assert {name: value for name, value in new.items() if name not in STAMPED} == {
                    name: value for name, value in stayed.items() if name not in STAMPED
                }
            assert new["updated_at"] > old.get("updated_at", "")
        if answer.content:
            assert answer.json() == self.copy[next(iter(expected))]
        self.assert_what_is_always_true()

    def assert_what_is_always_true(self) -> None:
        lists, sections, tasks = self.of("list"), self.of("section"), self.of("task")
        for section in sections.values():
            assert section["list_id"] in lists
        for id_, task in tasks.items():
            assert task["list_id"] in {None, *lists}
            if task["section_id"] is not None:
                assert sections[task["section_id"]]["list_id"] == task["list_id"]
            if task["parent_id"] is not None:
                assert tasks[task["parent_id"]]["list_id"] == task["list_id"]
            assert len(self.path(id_)) <= LEVELS
            assert task["is_completed"] == (task["completed_at"] is not None)
        placed = [(task["list_id"], task["position"]) for task in tasks.values() if not task["is_completed"]]
        assert len(placed) == len(set(placed))
        assert self.copy.get(("preferences", self.user.id), {}).get("default_list_id") in {None, *lists}

    def refused(self, method: str, path: str, body: Any) -> str:
        """The code of the error."""
        answer = self.user.request(method, f"/api/me/{path}", json=body)
        assert answer.status_code in {409, 422}
        assert changes(self.user, since=self.revision, kinds="all")["changes"] == []
        code: str = answer.json()["code"]
        return code

    def refusal(self, id_: str, below: list[str], named: Thing) -> str | None:
        """The code of the error if a task and what is below it cannot be moved there."""
        task, parent_id = self.of("task")[id_], named.get("parent_id")
        if parent_id is not None:
            if parent_id in {id_, *below}:
                return "circle"
            height = 1 + max((self.path(each).index(id_) for each in below), default=0)
            if parent_id != task["parent_id"] and len(self.path(parent_id)) + height > LEVELS:
                return "too_deep"
        elif "parent_id" not in named and task["parent_id"] is not None:
            # It stays below its parent, whose list it is in.
            return None if named.get("list_id", task["list_id"]) == task["list_id"] else "validation_error"
        return None

    def filed_by(self, by: str, where: int) -> Thing:
        """What a body says of list, section and parent."""
        if by == "inbox":
            return {"list_id": None}
        if by == "root":
            return {"parent_id": None}
        kind = "task" if by == "parent" else by
        if by == "nothing" or not self.of(kind):
            return {}
        id_ = self.one(kind, where)
        if by == "section":
            return {"list_id": self.of("section")[id_]["list_id"], "section_id": id_}
        return {f"{by}_id": id_}

    def filed(self, task: Thing, named: Thing) -> Thing:
        """Where the task is then."""
        old = {name: task.get(name) for name in FILED_BY}
        new = {**old, **named}
        if named.get("parent_id") is not None:
            new["list_id"] = self.of("task")[named["parent_id"]]["list_id"]
        if "section_id" not in named and new["list_id"] != old["list_id"]:
            new["section_id"] = None
        return new

    def of(self, kind: str) -> dict[str, Thing]:
        return {id_: thing for (name, id_), thing in self.copy.items() if name == kind}

    def one(self, kind: str, which: int) -> str:
        ids = sorted(self.of(kind), key=lambda id_: str(self.of(kind)[id_]["created_at"]))
        return ids[which % len(ids)]

    def path(self, id_: str) -> list[str]:
        """The task, its parent, and so on."""
        parent_id = self.of("task")[id_]["parent_id"]
        return [id_, *(self.path(parent_id) if parent_id is not None else ())]

    def below(self, id_: str) -> list[str]:
        return [each for each in self.of("task") if each != id_ and id_ in self.path(each)]

    def siblings(self, list_id: str | None, parent_id: str | None) -> list[str]:
        """The open tasks of one list and one parent, by their positions."""
        open_ones = {
            id_: task["position"]
            for id_, task in self.of("task").items()
            if (task["list_id"], task["parent_id"], task["is_completed"]) == (list_id, parent_id, False)
        }
        return sorted(open_ones, key=lambda id_: open_ones[id_].encode())


def put(others: list[str], id_: str, to: Thing) -> list[str]:
    """These in their order, with another one where it is to stand."""
    ((how, where),) = to.items()
    index = {"first": 0, "last": len(others)}[where] if how == "place" else others.index(where) + (how == "after")
    return [*others[:index], id_, *others[index:]]


def test_what_is_filed_agrees_with_what_was_done(server: Server) -> None:
    class AtServer(Machine):
        url = server.url

    run(AtServer, examples=EXAMPLES, steps=STEPS)
