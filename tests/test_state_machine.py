"""A Hypothesis state machine: three users, every operation of the API, and a model of what must be true.

After each step the list, its total and the feed of changes agree with the model, and so does a copy of any age that the
feed brings up to date.
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

from support.changes import apply, pages
from support.events import follow
from support.model import Model, Operation, Task
from support.server import Server
from support.users import PASSWORD, User, assert_error
from support.writes import assert_detailed_error, etag

EXAMPLES: Final = 10
STEPS: Final = 50
USERS: Final = 3

OPERATIONS: Final = {
    *("sign_up", "log_in", "get_current_user", "health", "livez", "readyz"),
    *("create_task", "update_task", "patch_task", "complete_task", "delete_task", "batch_tasks"),
    *("list_tasks", "get_task", "list_changes", "follow_changes"),
    *("refresh", "create_api_token", "export_current_user"),
}
"""What the machine does. A new operation of the API fails here until there is a rule for it."""

OF_NO_TASK: Final = {
    *("log_out", "list_sessions", "end_session", "end_other_sessions", "list_api_tokens", "delete_api_token"),
    *("update_current_user", "remove_current_user", "change_password", "forgot_password", "reset_password"),
    *("verify_email", "resend_verification", "change_email"),
}
"""What changes nothing that the model knows, and has tests of its own."""

STATUS: Final = {"forbidden": 403, "task_not_found": 404, "precondition_failed": 412}

# Any text but C0 control characters, of which tab and line ends are allowed.
CHARACTERS = st.characters(codec="utf-8", exclude_characters=[chr(c) for c in range(32) if chr(c) not in "\t\n\r"])
TITLES = st.text(CHARACTERS, min_size=1, max_size=12).filter(str.strip)
DESCRIPTIONS = st.none() | st.text(CHARACTERS, max_size=12)
NEW: st.SearchStrategy[Task] = st.fixed_dictionaries({"title": TITLES}, optional={"description": DESCRIPTIONS})
UPDATE: st.SearchStrategy[Task] = st.fixed_dictionaries({}, optional={"title": TITLES, "description": DESCRIPTIONS})
PATCH: st.SearchStrategy[Task] = st.fixed_dictionaries(
    {}, optional={"title": TITLES, "description": DESCRIPTIONS, "is_completed": st.booleans()}
)
WHO = st.sampled_from(range(USERS))
LIMITS = st.sampled_from([100, 7, 3, 2, 1])

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
    *[("GET", "changes"), ("GET", "events")],
]
"""What there is below a user's path."""


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

    @rule(who=WHO, task=NEW)
    def create(self, who: int, task: Task) -> None:
        self._write(who, self._sent(who, "POST", "", task), Operation("create", task=task))

    @rule(who=WHO, task=NEW)
    def create_with_an_id(self, who: int, task: Task) -> None:
        task_id = self._task_id(who)
        sent = self._sent(who, "PUT", f"/{task_id}", task, {"If-None-Match": "*"})
        self._write(who, sent, Operation("create", task_id, task))

    @rule(who=WHO, method=st.sampled_from(["PUT", "PATCH"]))
    def update(self, who: int, method: str) -> None:
        task = self.draw(PATCH if method == "PATCH" else UPDATE)
        task_id = self._task_id(who)
        headers, expected = self._if_match(who, task_id)
        sent = self._sent(who, method, f"/{task_id}", task, headers)
        self._write(who, sent, Operation("update", task_id, task, expected))

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

    @rule(who=WHO)
    def delete(self, who: int) -> None:
        task_id = self._task_id(who)
        headers, expected = self._if_match(who, task_id)
        sent = self._sent(who, "DELETE", f"/{task_id}", None, headers)
        self._write(who, sent, Operation("delete", task_id, expected=expected))

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

    @rule(who=WHO, tag=st.sampled_from(["none", "this", "weak", "any", "other"]))
    def read(self, who: int, tag: str) -> None:
        model = self.people[who].model
        task_id = self._task_id(who)
        task = model.tasks.get(task_id, {"revision": 1})
        tag_of_it = etag(task["revision"])
        other = etag(self._other(who, task["revision"]))
        known = {"this": f"{other}, {tag_of_it}", "weak": f"W/{tag_of_it}", "any": "*", "other": other}
        headers = {} if tag == "none" else {"If-None-Match": known[tag]}
        answer = self._send(who, self._sent(who, "GET", f"/{task_id}", None, headers))
        _, refused = model.foretell([Operation("update", task_id)], self._elsewhere(who))
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
        assert answer.json() == {"tasks": some, "total": len(tasks), "limit": limit, "offset": offset}

    @rule(who=WHO, resumed=st.booleans())
    def follow(self, who: int, *, resumed: bool) -> None:
        model = self.people[who].model
        since = self.draw(st.integers(0, model.revision))
        copy = dict(model.copies[since])
        missed = model.changes(since)
        known: dict[str, Any] = {"last_event_id": str(since), "since": 0} if resumed else {"since": since}
        with follow(self.people[who].user, **known) as stream:
            events = stream.take(len(missed))
            self.create(who, {"title": "Live"})
            events.append(stream.next())
        assert [event.change for event in events] == [*missed, *model.changes(model.revision - 1)]
        assert [event.id for event in events] == [str(event.change["revision"]) for event in events]
        assert apply(copy, (event.change for event in events)) == model.tasks

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
        for task in document["tasks"]:
            del task["sequence"]
        assert document["tasks"] == [*model.tasks.values()]
        assert {each["id"]: each["revision"] for each in document["tombstones"]} == model.deleted
        assert document["user"]["revision"] == model.revision

    # What must be true.

    @invariant()
    def what_is_there_agrees_with_the_model(self) -> None:
        another = (self.touched + self.draw(st.integers(1, USERS - 1))) % USERS
        for person in (self.people[self.touched], self.people[another]):
            user, model = person.user, person.model
            # Pages of a few, and yet not so many of them that they take all the time.
            limit = max(self.draw(LIMITS), (len(model.tasks) + len(model.deleted)) // 4)
            listed: list[Task] = []
            for offset in range(0, len(model.tasks) + 1, limit):
                page = user.get(user.tasks, params={"limit": limit, "offset": offset}).json()
                assert page["total"] == len(model.tasks)
                listed += page["tasks"]
            assert listed == [*reversed(model.tasks.values())]
            for since in (0, self.draw(st.integers(0, model.revision))):
                found = list(pages(user, since=since, limit=limit))
                changes = [change for some, _ in found for change in some]
                assert changes == model.changes(since)
                assert apply(dict(model.copies[since]), changes) == model.tasks
                assert found[-1][1] == model.revision
            if model.tasks:
                task_id = self.draw(st.sampled_from(list(model.tasks)))
                assert user.get(f"{user.tasks}/{task_id}").json() == model.tasks[task_id]

    # How it is asked for.

    def _elsewhere(self, who: int) -> set[str]:
        """The tasks of everybody else."""
        return {task_id for person in self.people if person is not self.people[who] for task_id in person.model.tasks}

    def _task_id(self, who: int) -> str:
        """Mostly one of the user's own; else a deleted one's, somebody else's or nobody's."""
        model = self.people[who].model
        kind = self.draw(st.sampled_from(["live", "live", "live", "live", "deleted", "elsewhere", "unknown"]))
        ids = {"live": list(model.tasks), "deleted": list(model.deleted), "unknown": []}.get(kind)
        if ids is None:
            others = (person.model for person in self.people if person.model is not model)
            ids = [task_id for other in others for task_id in (*other.tasks, *other.deleted)]
        return self.draw(st.sampled_from(ids)) if ids else str(uuid.uuid4())

    def _other(self, who: int, revision: int) -> int:
        """Another revision than this one."""
        found = self.draw(st.integers(1, self.people[who].model.revision + 1))
        return found if found != revision else revision + 1

    def _if_match(self, who: int, task_id: str) -> tuple[dict[str, str], frozenset[int] | None]:
        """Some precondition or none, and the revisions that satisfy it."""
        right = self.people[who].model.tasks.get(task_id, {"revision": 1})["revision"]
        stale = self._other(who, right)
        kind = self.draw(st.sampled_from(["none", "right", "stale", "any", "weak", "several"]))
        return {
            "none": ({}, None),
            "right": ({"If-Match": f'"{right}"'}, frozenset({right})),
            "stale": ({"If-Match": f'"{stale}"'}, frozenset({stale})),
            "any": ({"If-Match": "*"}, None),
            "weak": ({"If-Match": f'W/"{right}"'}, frozenset[int]()),
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

    def _batched(self, who: int, before: list[Operation], *, careless: bool) -> tuple[Operation, Task]:
        """One more operation of a batch, and how it is described. If it is not careless, it will not be refused."""
        model = self.people[who].model
        revisions, _ = model.foretell(before, self._elsewhere(who))
        op = self.draw(st.sampled_from(["create", "update", "complete", "reopen", "delete"]))
        if op == "create" or not (revisions or careless):
            task = self.draw(NEW)
            if not self.draw(st.booleans()):
                return Operation("create", task=task), {"op": "create", "task": task}
            free = [
                str(uuid.uuid4()),
                *model.deleted,
                *(each.id for each in before if each.kind == "delete" and each.id),
            ]
            chosen = [task_id for task_id in free if task_id not in revisions]
            task_id = self._task_id(who) if careless else self.draw(st.sampled_from(chosen))
            return Operation("create", task_id, task), {"op": "create", "id": task_id, "task": task}
        task_id = self._task_id(who) if careless else self.draw(st.sampled_from(list(revisions)))
        described: Task = {"op": op, "id": task_id}
        expected = None
        if self.draw(st.booleans()):
            right = revisions.get(task_id, 1)
            described["if_revision"] = self._other(who, right) if careless and self.draw(st.booleans()) else right
            expected = frozenset({described["if_revision"]})
        if op == "delete":
            return Operation("delete", task_id, expected=expected), described
        if op == "update":
            described["task"] = self.draw(PATCH)
        task = described.get("task", {"is_completed": op == "complete"})
        return Operation("update", task_id, task, expected), described

    def _sent(self, who: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Sent:
        """A request to this path below the user's tasks."""
        owner = self.draw(st.sampled_from(["me", self.people[who].user.id]))
        content = b"" if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        return Sent(method, f"/api/{owner}/tasks{path}", content, sent)

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
                current = details["current"] = answer.json()["current"]
                assert current["revision"] == revisions[current["id"]]
                # What a batch itself did before it failed is in it too.
                if current["revision"] <= model.revision:
                    assert current == model.tasks[operations[index].id or ""]
            assert_detailed_error(answer, STATUS[code], code, **details)
            return
        if batch:
            results = answer.json()["results"]
        else:
            task = answer.json() if answer.content else None
            result = {"status": answer.status_code, "revision": model.revision + 1, "task": task}
            results = [{**result, "id": operations[0].id if task is None else task["id"]}]
            assert answer.headers.get("etag") == (None if task is None else etag(model.revision + 1))
        for operation, result in zip(operations, results, strict=True):
            now = result["task"]["updated_at"] if result["task"] else ""
            task = model.perform(operation, new_id=result["id"], now=now)
            status = {"create": 201, "update": 200, "delete": 204}[operation.kind]
            task_id = operation.id or result["id"]
            assert result == {"status": status, "id": task_id, "revision": model.revision, "task": task}
        if key is not None:
            self.people[who].kept[key] = (sent, answer)


def test_the_machine_does_every_operation(server: Server) -> None:
    paths = httpx.get(f"{server.url}/openapi.json").json()["paths"]
    assert {
        operation["operationId"] for methods in paths.values() for operation in methods.values()
    } == OPERATIONS | OF_NO_TASK


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
