"""A Hypothesis state machine: three users, every operation of the API, and a model of what must be true.

After each step the lists, the total and the feed of changes agree with the model, and so does a copy of any age that the
feed brings up to date, or that a calendar program has of a list. What is done to every kind of thing comes from its registration.
"""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, Final

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
)

from doable.kinds import KINDS
from doable.lists.kind import LIST
from doable.owned.kind import Kind
from doable.tasks.kind import TASK
from support.changes import pages
from support.drawn import (
    HOW,
    IN_ORDER,
    KIND,
    KINDS_ASKED,
    LIMITS,
    NAME,
    NEW,
    NOT_VALID,
    PATCH,
    PATHS,
    QUERIES,
    READ,
    SOME,
    TAGS,
    UPDATE,
    USERS,
    WHO,
)
from support.events import follow
from support.kinds import but_exported, stored_bytes
from support.machines import run
from support.model import WHOLE, Key, Operation, Thing
from support.people import STATUS, Expected, key_of, nth, place_of
from support.people_with_phones import MATCH, PeopleWithPhones
from support.server import Server
from support.users import PASSWORD, assert_error
from support.writes import etag

EXAMPLES: Final = 10
STEPS: Final = 50

OPERATIONS: Final = {
    *("sign_up", "log_in", "get_current_user", "health", "livez", "readyz"),
    *("create_task", "update_task", "patch_task", "complete_task", "delete_task", "batch_tasks"),
    *("list_tasks", "get_task", "list_changes", "follow_changes"),
    *("create_list", "put_list", "patch_list", "move_list", "delete_list", "list_lists", "get_list"),
    *("refresh", "create_api_token", "export_current_user", "get_usage"),
    *("put_tag", "patch_tag", "merge_tag", "move_tag", "delete_tag", "list_tags", "get_tag", "tag_task", "untag_task"),
    *("put_section", "patch_section", "move_section", "delete_section", "list_sections", "get_section", "move_task"),
    *("create_filter", "put_filter", "patch_filter", "move_filter", "delete_filter", "list_filters", "get_filter"),
    *("list_undos", "undo"),
}
"""What the machine does. A new operation of the API fails here until there is a rule for it."""

OF_NO_THING: Final = {
    *("log_out", "list_sessions", "end_session", "end_other_sessions", "list_api_tokens", "delete_api_token"),
    *("update_current_user", "remove_current_user", "change_password", "forgot_password", "reset_password"),
    *("verify_email", "resend_verification", "change_email"),
    *("get_push", "list_push_subscriptions", "create_push_subscription", "delete_push_subscription"),
    *("create_tag", "create_section", "count_tasks", "get_preferences", "patch_preferences", "quick_add_task"),
    *("skip_task", "snooze_reminder", "list_notifications", "patch_notification", "see_notifications"),
    *("create_calendar_token", "delete_calendar_token", "import_file", "list_imports", "get_import", "undo_import"),
}
"""What changes nothing that the model knows, and has tests of its own."""


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


class Machine(PeopleWithPhones):
    """What three users do, in any order."""

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
        if self._is_filed_under(who, id_):
            self._delete_a_list(who, id_)
            return
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

    # What takes others along.

    @rule(
        who=WHO, which=SOME, names=st.lists(NAME, min_size=1, max_size=3), op=st.sampled_from(["tag", "tag", "untag"])
    )
    def tag(self, who: int, which: int, names: list[str], op: str) -> None:
        """Those that there are not yet are made."""
        model = self.people[who].model
        if not model.tasks:
            return
        id_ = nth(model.tasks, which)
        has = {key_of(name): name for name in model.tasks[id_]["tags"]}
        there = {key_of(each["name"]): each["name"] for each in model.of("tag").values()}
        named = {key_of(name): name for name in reversed(names)}
        if op == "tag":
            has |= {key: there.get(key, name) for key, name in named.items() if key not in has}
            new = [name for key, name in named.items() if key not in there]
        else:
            has, new = {key: name for key, name in has.items() if key not in named}, []
        tags = [has[key] for key in sorted(has, key=str.encode)]
        self._take(who, "POST", f"tasks/{id_}/{op}", {"tags": names}, {("task", id_): {"tags": tags}}, new=new)

    @rule(who=WHO, name=NAME, color=st.sampled_from([None, "#2a9d8f"]))
    def make_a_tag(self, who: int, name: str, color: str | None) -> None:
        id_, body = str(uuid.uuid4()), {"name": name, "color": color}
        expected: Expected = {("tag", id_): {**body, **self._new(who, id_)}}
        there = self._tag_of(who, name)
        self._take(who, "PUT", f"tags/{id_}", body, expected, refusal=there and (409, "tag_exists"))

    @precondition(lambda self: self._somebody_has("tag"))
    @rule(who=WHO, which=SOME, name=NAME)
    def rename_a_tag(self, who: int, which: int, name: str) -> None:
        """In each of its tasks as well."""
        model = self.people[who].model
        if not model.of("tag"):
            return
        id_ = nth(model.of("tag"), which)
        old = model.of("tag")[id_]["name"]
        expected: Expected = {} if old == name else self._renamed(who, old, name)
        expected["tag", id_] = {"name": name}
        there = self._tag_of(who, name) not in {None, id_}
        self._take(who, "PATCH", f"tags/{id_}", {"name": name}, expected, refusal=there and (409, "tag_exists"))

    @precondition(lambda self: self._somebody_has("tag"))
    @rule(who=WHO, which=SOME, other=SOME)
    def merge_a_tag(self, who: int, which: int, other: int) -> None:
        tags = self.people[who].model.of("tag")
        if len(tags) < 2:
            return
        id_, into = nth(tags, which), nth(tags, other)
        expected: Expected = self._renamed(who, tags[id_]["name"], tags[into]["name"])
        expected |= {("tag", id_): None, ("tag", into): {}}
        refusal = id_ == into and (422, "validation_error")
        self._take(who, "POST", f"tags/{id_}/merge", {"into": into}, expected, refusal=refusal)

    @precondition(lambda self: self._somebody_has("tag"))
    @rule(who=WHO, which=SOME)
    def delete_a_tag(self, who: int, which: int) -> None:
        tags = self.people[who].model.of("tag")
        if tags:
            id_ = nth(tags, which)
            expected = {**self._renamed(who, tags[id_]["name"], None), ("tag", id_): None}
            self._take(who, "DELETE", f"tags/{id_}", None, expected)

    @precondition(lambda self: self._somebody_has("tag", "section", "filter"))
    @rule(who=WHO, kind=st.sampled_from(IN_ORDER), which=SOME, place=st.sampled_from(["first", "last"]))
    def move_in_its_order(self, who: int, kind: Kind, which: int, place: str) -> None:
        things = self.people[who].model.of(kind.name)
        if not things:
            return
        id_ = nth(things, which)
        path = f"{kind.plural}/{id_}/move"
        self._take(who, "POST", path, {"place": place}, {(kind.name, id_): {"position": ...}})
        others = [
            each
            for each in self.people[who].model.of(kind.name).values()
            if each.get("list_id") == things[id_].get("list_id")
        ]
        assert sorted(others, key=place_of)[0 if place == "first" else -1]["id"] == id_

    @precondition(lambda self: self._somebody_has("list"))
    @rule(who=WHO, where=SOME, which=SOME, how=HOW)
    def section(self, who: int, where: int, which: int, how: str) -> None:
        """It takes its tasks along to another list. Those of one that is deleted are in none."""
        model = self.people[who].model
        lists, sections = model.of("list"), model.of("section")
        if how == "make" or not sections:
            if lists:
                id_, body = str(uuid.uuid4()), {"name": "Now", "list_id": nth(lists, where)}
                expected: Expected = {("section", id_): {**body, **self._new(who, id_)}}
                self._take(who, "PUT", f"sections/{id_}", body, expected)
            return
        id_ = nth(sections, which)
        filed = [("task", each) for each, task in model.tasks.items() if task["section_id"] == id_]
        if how == "rename":
            self._take(who, "PATCH", f"sections/{id_}", {"name": "Later"}, {("section", id_): {"name": "Later"}})
        elif how == "delete":
            expected = {("section", id_): None, **{each: {"section_id": None} for each in filed}}
            self._take(who, "DELETE", f"sections/{id_}", None, expected)
        else:
            to = {"list_id": nth(lists, where)}
            expected = {("section", id_): {**to, "position": ...}}
            if to["list_id"] != sections[id_]["list_id"]:
                expected |= {each: {**to, "position": ...} for each in filed}
            self._take(who, "POST", f"sections/{id_}/move", to, expected)

    @precondition(lambda self: self._somebody_has("section"))
    @rule(who=WHO, which=SOME, where=SOME)
    def file_a_task(self, who: int, which: int, where: int) -> None:
        model = self.people[who].model
        if model.tasks and model.of("section"):
            id_, section_id = nth(model.tasks, which), nth(model.of("section"), where)
            to = {"list_id": model.of("section")[section_id]["list_id"], "section_id": section_id}
            position = {} if model.tasks[id_]["list_id"] == to["list_id"] else {"position": ...}
            self._take(who, "POST", f"tasks/{id_}/move", to, {("task", id_): {**to, **position}})

    # What is taken back.

    @rule(who=WHO, data=st.data())
    def undo(self, who: int, data: st.DataObject) -> None:
        """Any write, and its undo: then everything is as it was, but for the stamps of what the write had changed."""
        for _ in range(4):
            self._write_and_undo(who, data)

    def _write_and_undo(self, who: int, data: st.DataObject) -> None:
        model, user = self.people[who].model, self.people[who].user
        before, order, texts = dict(model.things), [*model.order], dict(self.devices[who].texts)
        write = data.draw(st.sampled_from(self.WRITES))
        self.is_undoable, self.token = True, ""
        try:
            write(self, who, data)
        finally:
            self.is_undoable = False
        token = self.token
        if not token:
            assert model.things == before, "It was refused, or there was nothing to do."
            return
        touched = {key for key in {*before, *model.things} if before.get(key) != model.things.get(key)}
        assert user.get(f"/api/{user.id}/undo").json()["undos"][0]["token"] == token
        answer = user.post(f"/api/{user.id}/undo/{token}")
        assert (answer.status_code, answer.json()) == (200, {"undone": len(touched), "conflicts": []})
        self._follow(who, {key: before.get(key) for key in touched})
        # What comes back is as old as it was.
        model.things = {key: model.things[key] for key in before}
        model.order, self.devices[who].texts = order, texts
        assert token not in user.get(f"/api/{user.id}/undo").text

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

    @rule(who=WHO, kind=READ, tag=st.sampled_from(["none", "this", "weak", "any", "other"]))
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

    @precondition(lambda self: self._somebody_has("filter"))
    @rule(who=WHO, which=SOME)
    def read_what_a_filter_means(self, who: int, which: int) -> None:
        model = self.people[who].model
        if not model.of("filter"):
            return
        id_ = nth(model.of("filter"), which)
        query = model.of("filter")[id_]["query"]
        archived = {list_id for list_id, each in model.of("list").items() if each["is_archived"]}
        meant = [task for task in model.tasks.values() if QUERIES[query](task) and task["list_id"] not in archived]
        answer = self._send(who, self._sent(who, "GET", f"?filter_id={id_}&sort=created_at&limit=100&total=true"))
        page = answer.json()
        assert (page["tasks"], page["total"]) == (meant[:100], len(meant))

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
        for who in (self.touched, another):
            user, model, device = self.people[who].user, self.people[who].model, self.devices[who]
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
                stored_bytes(model.things.values()) + device.bytes_of(model.tasks.values()),
            )
            lists = user.get(f"/api/{user.id}/lists").json()["lists"]
            assert lists == [model.of("list")[id_] for id_ in model.order]
            assert lists == sorted(lists, key=lambda each: each["position"].encode())
            kind = self.draw(st.sampled_from(IN_ORDER))
            things = user.get(f"/api/{user.id}/{kind.plural}").json()[kind.plural]
            assert things == sorted(model.of(kind.name).values(), key=place_of)
            for since in (0, self.draw(st.integers(0, model.revision))):
                kinds = self.draw(KINDS_ASKED | st.sampled_from(["tag", "section,tag"]))
                named = kinds_named(kinds)
                asked: dict[str, Any] = {} if kinds is None else {"kinds": kinds}
                found = list(pages(user, since=since, limit=limit, **asked))
                changes = [change for some, _ in found for change in some]
                assert changes == model.changes(since, named)
                assert apply(of_kinds(model.copies[since], named), changes) == of_kinds(model.things, named)
                assert found[-1][1] == model.revision
            if who == self.touched:
                self.synchronize(who)
            if model.tasks:
                task_id = self.draw(st.sampled_from(list(model.tasks)))
                assert user.get(f"{user.tasks}/{task_id}").json() == model.tasks[task_id]

    WRITES: ClassVar[list[Callable[["Machine", int, st.DataObject], None]]] = [
        lambda self, who, data: self.create(who, data.draw(KIND)),
        lambda self, who, data: self.create_with_an_id(who, data.draw(KIND)),
        lambda self, who, data: self.patch(who, data.draw(KIND)),
        lambda self, who, data: self.complete(who, {"is_completed"}, state=data.draw(st.booleans())),
        lambda self, who, data: self.delete(who, data.draw(KIND)),
        lambda self, who, data: self.batch(who, data.draw(st.integers(0, 9)), careless=False),
        lambda self, who, data: self.tag(who, data.draw(SOME), [*TAGS[:2]], "tag"),
        lambda self, who, data: self.rename_a_tag(who, data.draw(SOME), data.draw(NAME)),
        lambda self, who, data: self.merge_a_tag(who, data.draw(SOME), data.draw(SOME)),
        lambda self, who, data: self.delete_a_tag(who, data.draw(SOME)),
        lambda self, who, data: self.section(who, data.draw(SOME), data.draw(SOME), data.draw(HOW)),
        lambda self, who, data: self.file_a_task(who, data.draw(SOME), data.draw(SOME)),
        lambda self, who, data: self.put_a_new_task(who, data.draw(SOME), "Buy tea", chosen=data.draw(st.booleans())),
        lambda self, who, data: self.put_a_change(who, data.draw(SOME), data.draw(MATCH), "title"),
        lambda self, who, data: self.delete_by_phone(who, data.draw(SOME), data.draw(MATCH)),
    ]


def test_the_machine_does_every_operation(server: Server) -> None:
    paths = httpx.get(f"{server.url}/openapi.json").json()["paths"]
    assert {
        operation["operationId"] for methods in paths.values() for operation in methods.values()
    } == OPERATIONS | OF_NO_THING


def test_everything_agrees_with_the_model(server: Server) -> None:
    class AtServer(Machine):
        url = server.url

    run(AtServer, examples=EXAMPLES, steps=STEPS)
