"""A Hypothesis state machine: three users, every operation of the API, and a model of what must be true.

After each step the lists, the total and the feed of changes agree with the model, and so does a copy of any age that the
feed brings up to date. What is done to every kind of thing comes from its registration.
"""

import json
import uuid
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from doable.kinds import KINDS
from doable.lists.kind import LIST
from doable.owned.kind import Kind
from doable.tasks.kind import TASK
from doable.tasks.schemas import TaskUpdate
from support.changes import pages
from support.events import follow
from support.kinds import but_exported, members, stored_bytes
from support.model import WHOLE, Key, Model, Operation, Thing
from support.server import Server
from support.users import PASSWORD, User, assert_error
from support.writes import assert_detailed_error, etag

EXAMPLES: Final = 6
STEPS: Final = 50
USERS: Final = 3

OPERATIONS: Final = {
    *("sign_up", "log_in", "get_current_user", "health", "livez", "readyz"),
    *("create_task", "update_task", "patch_task", "complete_task", "delete_task", "batch_tasks"),
    *("list_tasks", "get_task", "list_changes", "follow_changes"),
    *("create_list", "put_list", "patch_list", "move_list", "delete_list", "list_lists", "get_list"),
    *("refresh", "create_api_token", "export_current_user", "get_usage"),
}
"""What the machine does. A new operation of the API fails here until there is a rule for it."""

OF_NO_THING: Final = {
    *("log_out", "list_sessions", "end_session", "end_other_sessions", "list_api_tokens", "delete_api_token"),
    *("update_current_user", "remove_current_user", "change_password", "forgot_password", "reset_password"),
    *("verify_email", "resend_verification", "change_email", "list_undos", "undo"),
    *(
        "create_section",
        "put_section",
        "patch_section",
        "move_section",
        "delete_section",
        "list_sections",
        "get_section",
    ),
    *("move_task", "count_tasks", "tag_task", "untag_task", "get_preferences", "patch_preferences"),
    *("create_tag", "put_tag", "patch_tag", "merge_tag", "move_tag", "delete_tag", "list_tags", "get_tag"),
    *("create_filter", "put_filter", "patch_filter", "move_filter", "delete_filter", "list_filters", "get_filter"),
}
"""What changes nothing that the model knows, and has tests of its own."""

VERSION: Final = {kind.name: kind.version for kind in KINDS}

STATUS: Final = {
    **{kind.repository.not_found.code: 404 for kind in KINDS},
    "forbidden": 403,
    "precondition_failed": 412,
}

# Any text but C0 control characters, of which tab and line ends are allowed.
CHARACTERS = st.characters(codec="utf-8", exclude_characters=[chr(c) for c in range(32) if chr(c) not in "\t\n\r"])
TITLES = st.text(CHARACTERS, min_size=1, max_size=12).filter(str.strip)


def sensible(thing: Thing) -> Thing:
    """The same, with a date wherever there is a time, and a time wherever there is a zone, whatever was there before."""
    for name in ("due", "start"):
        moment = thing.get(name)
        if moment is not None:
            moment.setdefault("date", "2026-12-01")
            if moment.get("time") is None:
                moment.pop("timezone", None)
    if thing.get("is_cancelled") and thing.get("is_completed") is False:
        del thing["is_completed"]
    return thing


NEW: Final = {kind.name: members(kind.create, TITLES).map(sensible) for kind in KINDS}
PATCH: Final = {kind.name: members(kind.change, TITLES).map(sensible) for kind in KINDS}
UPDATE: Final = members(TaskUpdate, TITLES).map(sensible)
MADE: Final = (TASK, LIST)
"""The kinds that the machine makes things of."""
KIND: Final = st.sampled_from(MADE)
WHO = st.sampled_from(range(USERS))
LIMITS = st.sampled_from([100, 7, 3, 2, 1])

KINDS_ASKED: Final = st.sampled_from([None, "all", *(kind.name for kind in MADE), "list,task"])
"""Of which kinds the feed is asked."""

NOT_VALID: list[tuple[str, str, Any, dict[str, str]]] = [
    ("POST", "", {"title": " "}, {}),
    ("POST", "", {"title": "a", "revision": 1}, {}),
    ("PUT", "/{task}", {"title": None}, {}),
    ("PUT", "/{task}", {"is_completed": True}, {}),
    ("PUT", "/{task}", {"title": "a"}, {"If-None-Match": '"1"'}),
    ("PUT", "/{task}", {"title": "a"}, {"If-None-Match": "*", "If-Match": "*"}),
    ("PUT", "/{task}", {"description": "a"}, {"If-None-Match": "*"}),
    ("PATCH", "/{task}", {"is_completed": None}, {}),
    ("PATCH", "/{task}", {"title": "a"}, {"If-Match": "1"}),
    ("PATCH", "/{task}/complete", {"is_completed": True, "completed": False}, {}),
    ("DELETE", "/{task}", None, {"If-Match": "*, *"}),
    ("DELETE", "/{task}x", None, {}),
    ("DELETE", "/{task}", None, {"Idempotency-Key": "two words"}),
    ("POST", "/batch", {"operations": [{"op": "create", "task": {"title": "a"}}, {"op": "create"}]}, {}),
    ("POST", "/batch", {"operations": [{"op": "delete", "id": "{task}"}]}, {}),
]
"""Method, path after that of the tasks, body and headers. `{task}` in a body is no id."""

PATHS = [
    *[("POST", "tasks"), ("PUT", "tasks/{task}"), ("PATCH", "tasks/{task}"), ("PATCH", "tasks/{task}/complete")],
    *[("DELETE", "tasks/{task}"), ("POST", "tasks/batch"), ("GET", "tasks"), ("GET", "tasks/{task}")],
    *[("GET", "changes"), ("GET", "events"), ("POST", "lists"), ("GET", "lists")],
]
"""What there is below a user's path."""


def kinds_named(kinds: str | None) -> list[str]:
    """The names of the kinds that are asked for: tasks where none are."""
    return [kind.name for kind in KINDS] if kinds == "all" else (kinds or TASK.name).split(",")


def of_kinds(things: dict[Key, Thing], names: list[str]) -> dict[Key, Thing]:
    """The things of these kinds."""
    return {key: thing for key, thing in things.items() if key[0] in names}


def apply(copy: dict[Key, Thing], changes: list[Thing]) -> dict[Key, Thing]:
    """The copy, brought up to date."""
    for change in changes:
        key = change["kind"], change["id"]
        if change["deleted"]:
            copy.pop(key, None)
        else:
            copy[key] = change[change["kind"]]
    return copy


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


class Machine(RuleBasedStateMachine):
    """What three users do, in any order."""

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

    def teardown(self) -> None:
        for person in self.people:
            person.user.close()

    # What is written.

    @rule(who=WHO, kind=KIND)
    def create(self, who: int, kind: Kind) -> None:
        thing = self.draw(NEW[kind.name])
        self._write(who, self._sent(who, "POST", "", thing, kind=kind), Operation("create", thing=thing, of=kind.name))

    @rule(who=WHO, kind=KIND)
    def create_with_an_id(self, who: int, kind: Kind) -> None:
        id_, thing = self._id(who, kind), self.draw(NEW[kind.name])
        sent = self._sent(who, "PUT", f"/{id_}", thing, {"If-None-Match": "*"}, kind=kind)
        self._write(who, sent, Operation("create", id_, thing, of=kind.name))

    @rule(who=WHO, kind=KIND)
    def patch(self, who: int, kind: Kind) -> None:
        id_, thing = self._id(who, kind), self.draw(PATCH[kind.name])
        headers, expected = self._if_match(who, id_, kind)
        sent = self._sent(who, "PATCH", f"/{id_}", thing, headers, kind=kind)
        self._write(who, sent, Operation("update", id_, thing, expected, kind.name))

    @rule(who=WHO)
    def put(self, who: int) -> None:
        task_id, task = self._task_id(who), self.draw(UPDATE)
        headers, expected = self._if_match(who, task_id)
        sent = self._sent(who, "PUT", f"/{task_id}", task, headers)
        whole = {name: {**WHOLE, **task[name]} for name in ("due", "start") if task.get(name) is not None}
        self._write(who, sent, Operation("update", task_id, {**task, **whole}, expected))

    @rule(who=WHO)
    def move(self, who: int) -> None:
        id_ = self._id(who, LIST)
        to = self._place(who, id_)
        headers, expected = self._if_match(who, id_, LIST)
        sent = self._sent(who, "POST", f"/{id_}/move", to, headers, kind=LIST)
        self._write(who, sent, Operation("move", id_, to, expected, "list"))

    @rule(who=WHO, state=st.none() | st.booleans(), names=st.sets(st.sampled_from(["completed", "is_completed"])))
    def complete(self, who: int, names: set[str], *, state: bool | None) -> None:
        task_id = self._task_id(who)
        headers, expected = self._if_match(who, task_id)
        # No body toggles, and so does one that says nothing.
        body = None if state is None else dict.fromkeys(sorted(names), state)
        if not body:
            state = not self.people[who].model.tasks.get(task_id, {}).get("is_completed")
        sent = self._sent(who, "PATCH", f"/{task_id}/complete", body, headers)
        self._write(who, sent, Operation("update", task_id, {"is_completed": state}, expected))

    @rule(who=WHO, kind=KIND)
    def delete(self, who: int, kind: Kind) -> None:
        id_ = self._id(who, kind)
        headers, expected = self._if_match(who, id_, kind)
        sent = self._sent(who, "DELETE", f"/{id_}", None, headers, kind=kind)
        self._write(who, sent, Operation("delete", id_, expected=expected, of=kind.name))

    @rule(who=WHO, size=st.integers(0, 12), careless=st.booleans())
    def batch(self, who: int, size: int, *, careless: bool) -> None:
        operations: list[Operation] = []
        described = []
        for _ in range(size):
            operation, description = self._batched(who, operations, careless=careless)
            operations.append(operation)
            described.append(description)
        self._write(who, self._sent(who, "POST", "/batch", {"operations": described}), *operations, batch=True)

    @precondition(lambda self: any(person.kept for person in self.people))
    @rule()
    def replay(self) -> None:
        who, sent, kept = self._kept()
        if "If-None-Match" not in sent.headers and self.draw(st.booleans()):
            # The key is looked up before any precondition.
            stale = f'"{self.people[who].model.revision + 1}"'
            sent = replace(sent, headers={**sent.headers, "If-Match": stale})
        answer = self._send(who, sent)
        assert answer.headers["idempotency-replayed"] == "true"
        assert (answer.status_code, answer.content) == (kept.status_code, kept.content)
        for name in ("etag", "content-type"):
            assert answer.headers.get(name) == kept.headers.get(name)

    @precondition(lambda self: any(person.kept for person in self.people))
    @rule(other=st.sampled_from(["body", "path", "method"]))
    def reuse_a_key(self, other: str) -> None:
        who, sent, _ = self._kept()
        if other == "path":
            me, named = "/api/me/", f"/api/{self.people[who].user.id}/"
            path = sent.path.replace(me, named) if sent.path.startswith(me) else sent.path.replace(named, me)
            sent = replace(sent, path=path)
        elif other == "method" and sent.method == "PUT":
            headers = {name: value for name, value in sent.headers.items() if name != "If-None-Match"}
            sent = replace(sent, method="PATCH", headers=headers)
        else:
            sent = replace(sent, content=sent.content + b" " if sent.content else b"{}")
        error = assert_error(self._send(who, sent), 422, "idempotency_key_reused")
        assert error["detail"][0]["loc"] == ["header", "Idempotency-Key"]

    # What is refused.

    @rule(who=WHO, request=st.sampled_from(NOT_VALID))
    def ask_for_what_is_not_valid(self, who: int, request: tuple[str, str, Any, dict[str, str]]) -> None:
        method, path, body, headers = request
        sent = self._sent(who, method, path.replace("{task}", self._task_id(who)), body, headers)
        assert_error(self._send(who, sent), 422, "validation_error")

    @rule(who=WHO, step=st.integers(1, USERS - 1), request=st.sampled_from(PATHS))
    def go_to_anothers_path(self, who: int, step: int, request: tuple[str, str]) -> None:
        method, path = request
        other = (who + step) % USERS
        path = f"/api/{self.people[other].user.id}/{path.replace('{task}', self._task_id(other))}"
        sent = self._sent(who, method, "", None if method == "GET" else {"title": "planted"})
        assert_error(self._send(who, replace(sent, path=path)), 403, "forbidden")

    @rule(who=WHO, path=st.sampled_from(["changes", "events"]), ahead=st.integers(1, 2**40))
    def read_what_has_not_happened_yet(self, who: int, path: str, ahead: int) -> None:
        since = self.people[who].model.revision + ahead
        sent = replace(self._sent(who, "GET", ""), path=f"/api/me/{path}?since={since}")
        assert_error(self._send(who, sent), 410, "resync_required")

    # What is read.

    @rule(who=WHO, kind=KIND, tag=st.sampled_from(["none", "this", "weak", "any", "other"]))
    def read(self, who: int, kind: Kind, tag: str) -> None:
        model = self.people[who].model
        task_id = self._id(who, kind)
        task = model.of(kind.name).get(task_id, {"revision": 1})
        tag_of_it = etag(task["revision"], kind.version)
        other = etag(self._other(who, task["revision"]), kind.version)
        known = {"this": f"{other}, {tag_of_it}", "weak": f"W/{tag_of_it}", "any": "*", "other": other}
        headers = {} if tag == "none" else {"If-None-Match": known[tag]}
        answer = self._send(who, self._sent(who, "GET", f"/{task_id}", None, headers, kind=kind))
        _, refused = model.foretell([Operation("update", task_id, of=kind.name)], self._elsewhere(who))
        if refused is not None:
            assert_error(answer, STATUS[refused[1]], refused[1])
        elif tag in {"none", "other"}:
            assert (answer.status_code, answer.json(), answer.headers["etag"]) == (200, task, tag_of_it)
        else:
            assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag_of_it)

    @rule(who=WHO, limit=st.integers(1, 100))
    def read_a_page(self, who: int, limit: int) -> None:
        tasks = [*reversed(self.people[who].model.tasks.values())]
        offset = self.draw(st.integers(0, len(tasks) + 2))
        answer = self._send(who, self._sent(who, "GET", f"?limit={limit}&offset={offset}"))
        some = tasks[offset : offset + limit]
        page = answer.json()
        assert (page.pop("next_cursor") is None) == (offset + limit >= len(tasks))
        assert page == {"tasks": some, "total": len(tasks), "limit": limit, "offset": offset}

    @rule(who=WHO, resumed=st.booleans(), kinds=KINDS_ASKED)
    def follow(self, who: int, kinds: str | None, *, resumed: bool) -> None:
        model, named = self.people[who].model, kinds_named(kinds)
        since = self.draw(st.integers(0, model.revision))
        copy = of_kinds(model.copies[since], named)
        missed = model.changes(since, named)
        known: dict[str, Any] = {"last_event_id": str(since), "since": 0} if resumed else {"since": since}
        if kinds is not None:
            known["kinds"] = kinds
        with follow(self.people[who].user, **known) as stream:
            events = stream.take(len(missed))
            kind = next(kind for kind in KINDS if kind.name == named[0])
            self.create(who, kind)
            events.append(stream.next())
        assert [event.change for event in events] == [*missed, *model.changes(model.revision - 1, named)]
        assert [event.id for event in events] == [str(event.change["revision"]) for event in events]
        assert apply(copy, [event.change for event in events]) == of_kinds(model.things, named)

    @rule(who=WHO, ask=st.sampled_from(["sign up", "log in", "guess", "who am I", "/health", "/livez", "/readyz"]))
    def ask_for_no_task(self, who: int, ask: str) -> None:
        user = self.people[who].user
        credentials = {"email": user.email.upper(), "password": PASSWORD}
        match ask:
            case "sign up":
                assert_error(user.post("/api/auth/signup", json=credentials), 409, "email_taken")
            case "log in":
                answer = user.post("/api/auth/login", json=credentials)
                assert (answer.status_code, answer.json()["user"]["id"]) == (200, user.id)
                user.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            case "guess":
                wrong = {**credentials, "password": PASSWORD[:-1]}
                assert_error(user.post("/api/auth/login", json=wrong), 401, "wrong_credentials")
            case "who am I":
                me = user.get("/api/auth/me").json()
                assert (me["id"], me["email"]) == (user.id, user.email)
            case path:
                assert user.get(path).json() == {"status": "ok"}

    @rule(who=WHO)
    def refresh(self, who: int) -> None:
        user = self.people[who].user
        answer = user.post("/api/auth/refresh", json={"refresh_token": user.refresh_token})
        assert answer.status_code == 200
        user.token, user.refresh_token = answer.json()["access_token"], answer.json()["refresh_token"]
        user.headers["Authorization"] = f"Bearer {user.token}"

    @rule(who=WHO)
    def go_on_with_an_api_token(self, who: int) -> None:
        user = self.people[who].user
        new = {"name": "a script", "scopes": ["tasks:read", "tasks:write", "account"]}
        answer = user.post("/api/auth/tokens", json=new, headers={"Authorization": f"Bearer {user.token}"})
        assert answer.status_code == 201
        user.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    @rule(who=WHO)
    def export(self, who: int) -> None:
        user, model = self.people[who].user, self.people[who].model
        document = user.get("/api/auth/me/export").json()
        for kind in KINDS:
            exported = [but_exported(kind, thing) for thing in document[kind.plural]]
            assert exported == [*model.of(kind.name).values()]
        assert {(each["kind"], each["id"]): each["revision"] for each in document["tombstones"]} == model.deleted
        assert document["user"]["revision"] == model.revision

    # What must be true.

    @invariant()
    def what_is_there_agrees_with_the_model(self) -> None:
        another = (self.touched + self.draw(st.integers(1, USERS - 1))) % USERS
        for person in (self.people[self.touched], self.people[another]):
            user, model = person.user, person.model
            # Pages of a few, and yet not so many of them that they take all the time.
            limit = max(self.draw(LIMITS), (len(model.tasks) + len(model.deleted)) // 4)
            listed: list[Thing] = []
            for offset in range(0, len(model.tasks) + 1, limit):
                page = user.get(user.tasks, params={"limit": limit, "offset": offset}).json()
                assert page["total"] == len(model.tasks)
                listed += page["tasks"]
            assert listed == [*reversed(model.tasks.values())]
            usage = user.get("/api/auth/me/usage").json()
            assert (usage["tasks"], usage["lists"], usage["stored_bytes"]) == (
                len(model.tasks),
                len(model.of("list")),
                stored_bytes(model.things.values()),
            )
            lists = user.get(f"/api/{user.id}/lists").json()["lists"]
            assert lists == [model.of("list")[id_] for id_ in model.order]
            assert lists == sorted(lists, key=lambda each: each["position"].encode())
            for since in (0, self.draw(st.integers(0, model.revision))):
                kinds = self.draw(KINDS_ASKED)
                named = kinds_named(kinds)
                asked: dict[str, Any] = {} if kinds is None else {"kinds": kinds}
                found = list(pages(user, since=since, limit=limit, **asked))
                changes = [change for some, _ in found for change in some]
                assert changes == model.changes(since, named)
                assert apply(of_kinds(model.copies[since], named), changes) == of_kinds(model.things, named)
                assert found[-1][1] == model.revision
            if model.tasks:
                task_id = self.draw(st.sampled_from(list(model.tasks)))
                assert user.get(f"{user.tasks}/{task_id}").json() == model.tasks[task_id]

    # How it is asked for.

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
        ops = ["create", "update", *(op for op in kind.operations if op not in {"move", "tag", "untag"}), "delete"]
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
        sent = {"Content-Type": "application/json", **(headers or {})}
        return Sent(method, f"/api/{owner}/{(kind or TASK).plural}{path}", content, sent)

    def _send(self, who: int, sent: Sent) -> httpx.Response:
        self.touched = who
        return self.people[who].user.request(sent.method, sent.path, content=sent.content, headers=sent.headers)

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


def test_the_machine_does_every_operation(server: Server) -> None:
    paths = httpx.get(f"{server.url}/openapi.json").json()["paths"]
    assert {
        operation["operationId"] for methods in paths.values() for operation in methods.values()
    } == OPERATIONS | OF_NO_THING


def test_everything_agrees_with_the_model(server: Server) -> None:
    class AtServer(Machine):
        url = server.url

    run_state_machine_as_test(
        AtServer,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=False,
            print_blob=True,
            # A server takes its time, and what a step draws depends on the steps before it.
            suppress_health_check=list(HealthCheck),
        ),
    )
