"""Three users, what must be true of each, and how the state machine has them ask."""

import json
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Literal

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from doable.kinds import KINDS
from doable.lists.kind import LIST
from doable.owned.kind import Kind
from doable.tasks.kind import TASK
from support.changes import pages
from support.drawn import KIND, NEW, PATCH, USERS
from support.model import Key, Model, Operation, Thing
from support.users import User
from support.writes import assert_detailed_error, etag

VERSION: Final = {kind.name: kind.version for kind in KINDS}

STATUS: Final = {
    **{kind.repository.not_found.code: 404 for kind in KINDS},
    "forbidden": 403,
    "precondition_failed": 412,
}

Expected = dict[Key, Thing | None]
"""What changes of each thing that a write touches; None where it goes."""


def key_of(name: str) -> str:
    """By which names of tags are compared."""
    return unicodedata.normalize("NFC", name.casefold())


def nth(things: dict[str, Thing], which: int) -> str:
    """One of them."""
    return [*things][which % len(things)]


def place_of(thing: Thing) -> bytes:
    """By which things stand in their order."""
    return str(thing["position"]).encode()


@dataclass(frozen=True)
class Sent:
    """A request, as it can be sent once more."""

    method: str
    path: str
    content: bytes
    headers: dict[str, str]


@dataclass
class Person:
    """A user, what must be true of it, and the requests with a key that were answered."""

    user: User
    model: Model
    kept: dict[str, tuple[Sent, httpx.Response]] = field(default_factory=dict)


class People(RuleBasedStateMachine):
    """Three users who ask, and a model of each that follows what is answered."""

    url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.people: list[Person] = []
        self.keys: list[str] = []

    @initialize(data=st.data())
    def sign_up(self, data: st.DataObject) -> None:
        self.draw = data.draw
        for _ in range(USERS):
            user = User(self.url)
            self.people.append(Person(user, Model(user.id)))
        self.touched = 0
        self.is_undoable, self.token = False, ""

    def teardown(self) -> None:
        for person in self.people:
            person.user.close()

    def _somebody_has(self, *kinds: str) -> bool:
        return any(person.model.of(kind) for person in self.people for kind in kinds)

    def _tag_of(self, who: int, name: str) -> str | None:
        """The tag that has the name already."""
        tags = self.people[who].model.of("tag")
        return next((id_ for id_, tag in tags.items() if key_of(tag["name"]) == key_of(name)), None)

    def _renamed(self, who: int, old: str, new: str | None) -> Expected:
        """The tasks that have the tag, with the other name in its place, or without."""
        found: Expected = {}
        for id_, task in self.people[who].model.tasks.items():
            if old in task["tags"]:
                names = {name for name in (*task["tags"], new) if name not in {old, None}} | ({new} - {None})
                found["task", id_] = {"tags": sorted(names, key=lambda name: key_of(name or "").encode())}
        return found

    def _new(self, who: int, id_: str) -> Thing:
        """What a new thing is besides what is said of it."""
        return {"id": id_, "user_id": self.people[who].user.id, "created_at": ..., "position": ...}

    def _is_filed_under(self, who: int, list_id: str) -> bool:
        things = self.people[who].model.things
        return any(thing.get("list_id") == list_id for thing in things.values()) and ("list", list_id) in things

    def _delete_a_list(self, who: int, id_: str) -> None:
        """Its sections go with it, and its tasks to the inbox."""
        model = self.people[who].model
        expected: Expected = {("list", id_): None}
        for key, thing in model.things.items():
            if thing.get("list_id") == id_:
                inbox = {"list_id": None, "section_id": None, "position": ...}
                expected[key] = None if key[0] == "section" else inbox
        self._take(who, "DELETE", f"lists/{id_}", None, expected)
        model.order.remove(id_)

    def _take(
        self,
        who: int,
        method: str,
        path: str,
        body: Any,
        expected: Expected,
        *,
        new: Sequence[str] = (),
        refusal: tuple[int, str] | Literal[False] | str | None = None,
    ) -> None:
        """Send a write below the user's path, and have the model follow. `new` are the names of tags that it makes besides."""
        headers = {"If-None-Match": "*"} if method == "PUT" else {}
        sent = replace(self._sent(who, method, "", body, headers), path=f"/api/me/{path}")
        answer = self._send(who, sent)
        if isinstance(refusal, tuple):
            assert (answer.status_code, answer.json()["code"]) == refusal
            return
        assert answer.is_success, answer.text
        self._follow(who, expected, new)
        if answer.content:
            assert answer.json() in self.people[who].model.things.values()

    def _follow(self, who: int, expected: Expected, new: Sequence[str] = ()) -> None:
        user, model = self.people[who].user, self.people[who].model
        told = [change for some, _ in pages(user, since=model.revision, kinds="all") for change in some]
        made = [each["tag"] for each in told if each["kind"] == "tag" and ("tag", each["id"]) not in expected]
        assert sorted(each["name"] for each in made) == sorted(new)
        tags = {
            ("tag", each["id"]): {"name": each["name"], "color": None, **self._new(who, each["id"])} for each in made
        }
        model.take(told, {**expected, **tags})

    def _elsewhere(self, who: int) -> set[str]:
        """The tasks of everybody else."""
        return {task_id for person in self.people if person is not self.people[who] for task_id in person.model.tasks}

    def _task_id(self, who: int) -> str:
        return self._id(who, TASK)

    def _id(self, who: int, kind: Kind) -> str:
        """Mostly one of the user's own; else a deleted one's, one of another kind, somebody else's or nobody's."""
        model, name = self.people[who].model, kind.name
        whose = self.draw(st.sampled_from(["live"] * 5 + ["deleted", "another kind", "elsewhere", "unknown"]))
        others = [person.model for person in self.people if person.model is not model]
        ids = {
            "live": [*model.of(name)],
            "deleted": [*model.deleted_of(name)],
            "another kind": [id_ for other, id_ in model.things if other != name],
            "elsewhere": [id_ for other in others for id_ in (*other.of(name), *other.deleted_of(name))],
            "unknown": [],
        }[whose]
        return self.draw(st.sampled_from(ids)) if ids else str(uuid.uuid4())

    def _place(self, who: int, id_: str) -> dict[str, str]:
        """Where a list is to stand: in the first or last place, or beside another of the user's."""
        others = [other for other in self.people[who].model.order if other != id_]
        how = self.draw(st.sampled_from(["place", "before", "after"] if others else ["place"]))
        return {how: self.draw(st.sampled_from(["first", "last"] if how == "place" else others))}

    def _other(self, who: int, revision: int) -> int:
        """Another revision than this one."""
        found = self.draw(st.integers(1, self.people[who].model.revision + 1))
        return found if found != revision else revision + 1

    def _if_match(self, who: int, id_: str, of: Kind | None = None) -> tuple[dict[str, str], frozenset[int] | None]:
        """Some precondition or none, and the revisions that satisfy it."""
        right = self.people[who].model.of((of or TASK).name).get(id_, {"revision": 1})["revision"]
        stale = self._other(who, right)
        kind = self.draw(st.sampled_from(["none", "right", "stale", "any", "compressed", "several"]))
        return {
            "none": ({}, None),
            "right": ({"If-Match": f'"{right}"'}, frozenset({right})),
            "stale": ({"If-Match": f'"{stale}"'}, frozenset({stale})),
            "any": ({"If-Match": "*"}, None),
            "compressed": ({"If-Match": f'W/"{right}-gzip"'}, frozenset({right})),
            "several": ({"If-Match": f'"{stale}", "{right}"'}, frozenset({stale, right})),
        }[kind]

    def _key(self, who: int) -> str | None:
        """No key, a new one, or one that another user has, or that was sent with what was refused."""
        kind = self.draw(st.sampled_from(["none", "new", "free"]))
        free = [key for key in self.keys if key not in self.people[who].kept]
        if kind == "free" and free:
            return self.draw(st.sampled_from(free))
        if kind == "new":
            self.keys.append(str(uuid.uuid4()))
            return self.keys[-1]
        return None

    def _kept(self) -> tuple[int, Sent, httpx.Response]:
        """A request with a key that was answered, and whose it was."""
        who, key = self.draw(st.sampled_from([(who, key) for who in range(USERS) for key in self.people[who].kept]))
        return who, *self.people[who].kept[key]

    def _batched(self, who: int, before: list[Operation], *, careless: bool) -> tuple[Operation, Thing]:
        """One more operation of a batch, and how it is described. If it is not careless, it will not be refused."""
        model, kind = self.people[who].model, self.draw(KIND)
        name = kind.name
        revisions, _ = model.foretell(before, self._elsewhere(who))
        own = {id_: revision for (of, id_), revision in revisions.items() if of == name}
        # Without a kind it is a task.
        named = {} if kind is TASK and self.draw(st.booleans()) else {"kind": name}
        # What a move looks at may be gone by then.
        ops = [
            "create",
            "update",
            *(op for op in kind.operations if op not in {"move", "skip", "tag", "untag", "delete"}),
        ]
        # With a list would go what is filed under it.
        is_filed = any(thing.get("list_id") for thing in model.things.values())
        ops += ["delete"] if kind is not LIST or not is_filed else []
        op = self.draw(st.sampled_from(ops))
        if op == "create" or not (own or careless):
            thing = self.draw(NEW[name])
            described: Thing = {"op": "create", **named, name: thing}
            if not self.draw(st.booleans()):
                return Operation("create", thing=thing, of=name), described
            deleted = (each.id for each in before if each.op == "delete" and each.id and each.of == name)
            free = [id_ for id_ in (str(uuid.uuid4()), *model.deleted_of(name), *deleted) if id_ not in own]
            id_ = self._id(who, kind) if careless else self.draw(st.sampled_from(free))
            return Operation("create", id_, thing, of=name), {**described, "id": id_}
        id_ = self._id(who, kind) if careless else self.draw(st.sampled_from(list(own)))
        described = {"op": op, **named, "id": id_}
        expected = None
        if self.draw(st.booleans()):
            right = own.get(id_, 1)
            described["if_revision"] = self._other(who, right) if careless and self.draw(st.booleans()) else right
            expected = frozenset({described["if_revision"]})
        if op == "delete":
            return Operation("delete", id_, expected=expected, of=name), described
        if op == "update":
            described[name] = self.draw(PATCH[name])
        thing = described.get(name, {"is_completed": op == "complete"})
        return Operation("update", id_, thing, expected, name), described

    def _sent(
        self,
        who: int,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        kind: Kind | None = None,
    ) -> Sent:
        """A request to this path below the user's things of a kind, the tasks unless it is named."""
        owner = self.draw(st.sampled_from(["me", self.people[who].user.id]))
        content = b"" if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {}), **({"Undo": "1"} if self.is_undoable else {})}
        return Sent(method, f"/api/{owner}/{(kind or TASK).plural}{path}", content, sent)

    def _send(self, who: int, sent: Sent) -> httpx.Response:
        self.touched = who
        answer = self.people[who].user.request(sent.method, sent.path, content=sent.content, headers=sent.headers)
        self.token = answer.headers.get("undo-token", "")
        return answer

    def _write(self, who: int, sent: Sent, *operations: Operation, batch: bool = False) -> None:
        """Send it, and have the model do all of it or nothing."""
        model = self.people[who].model
        key = self._key(who)
        if key is not None:
            sent = replace(sent, headers={**sent.headers, "Idempotency-Key": key})
        revisions, refused = model.foretell(operations, self._elsewhere(who))
        answer = self._send(who, sent)
        assert "idempotency-replayed" not in answer.headers
        if refused is not None:
            index, code = refused
            details: dict[str, Any] = {"index": index} if batch else {}
            if code == "precondition_failed":
                current, of = answer.json()["current"], operations[index].of
                details["current"] = current
                assert current["revision"] == revisions[of, current["id"]]
                # What a batch itself did before it failed is in it too.
                if current["revision"] <= model.revision:
                    assert current == model.of(of)[operations[index].id or ""]
            assert_detailed_error(answer, STATUS[code], code, **details)
            return
        assert answer.is_success, answer.text
        if batch:
            results = answer.json()["results"]
        else:
            thing = answer.json() if answer.content else None
            result = {"status": answer.status_code, "revision": model.revision + 1, operations[0].of: thing}
            results = [{**result, "id": operations[0].id if thing is None else thing["id"]}]
            assert answer.headers.get("etag") == (
                None if thing is None else etag(model.revision + 1, VERSION[operations[0].of])
            )
            where = None if answer.status_code != 201 else f"/api/me/{operations[0].of}s/{results[0]['id']}"
            assert answer.headers.get("location") == where
        for operation, result in zip(operations, results, strict=True):
            assert result.pop("kind", operation.of) == operation.of
            thing = model.perform(operation, result[operation.of] or result)
            status = {"create": 201, "delete": 204}.get(operation.op, 200)
            id_ = operation.id or result["id"]
            assert result == {"status": status, "id": id_, "revision": model.revision, operation.of: thing}
        if key is not None:
            self.people[who].kept[key] = (sent, answer)
