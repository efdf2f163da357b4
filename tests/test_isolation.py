"""Nobody reaches another's tasks: every route that names an owner, attacked with every pairing of users.

The routes come from the application itself, documented or not. A new one fails here until it is known how to attack it, and
so does whatever is mounted.
"""

import itertools
import json
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Host, Route

from doable import app as app_module
from doable.app import ROUTERS, create_app
from doable.batch.operations import REGISTERED
from doable.http.application import Application
from doable.http.requests import Routes
from doable.kinds import KINDS
from doable.owned.kind import Kind
from doable.settings import Settings
from doable.web.routes import VIEWS, VIEWS_OF_THINGS
from support.api_tokens import client, create
from support.assistant import Assistant
from support.entrances import entrances
from support.issuers import IssuersUser
from support.kinds import (
    A_FILE,
    OF_PREFERENCES,
    OF_PUSH,
    Operation,
    everything,
    example,
    filled,
    kind_of,
    needed,
    new,
    nothing,
    one_of_each,
    paths,
    routes,
    sent,
    untouched,
)
from support.server import Server
from support.users import User, assert_error

BODIES: dict[Operation, Any] = {
    **{operation: body for kind in KINDS for operation, body in routes(kind).items()},
    **OF_PREFERENCES,
    **OF_PUSH,
    ("patch", "/api/{user_id}/tasks/{task_id}/complete"): {"is_completed": True},
    ("post", "/api/{user_id}/tasks/{task_id}/tag"): {"tags": ["shop"]},
    ("post", "/api/{user_id}/tasks/{task_id}/untag"): {"tags": ["shop"]},
    ("post", "/api/{user_id}/tasks/{task_id}/skip"): {},
    ("post", "/api/{user_id}/tasks/{task_id}/move"): {"place": "first"},
    ("post", "/api/{user_id}/lists/{list_id}/move"): {"place": "first"},
    ("post", "/api/{user_id}/sections/{section_id}/move"): {"place": "first"},
    ("post", "/api/{user_id}/tags/{tag_id}/move"): {"place": "first"},
    ("post", "/api/{user_id}/tags/{tag_id}/merge"): {"into": "{other_tag_id}"},
    ("post", "/api/{user_id}/filters/{filter_id}/move"): {"place": "first"},
    ("get", "/api/{user_id}/undo"): None,
    ("post", "/api/{user_id}/import"): A_FILE,
    ("get", "/api/{user_id}/imports"): None,
    ("get", "/api/{user_id}/imports/{import_id}"): None,
    ("delete", "/api/{user_id}/imports/{import_id}"): None,
    ("post", "/api/{user_id}/undo/{token}"): None,
    ("post", "/api/{user_id}/tasks/{task_id}/reminders/{reminder_id}/snooze"): {"minutes": 10},
    ("get", "/api/{user_id}/notifications"): None,
    ("patch", "/api/{user_id}/notifications/{notification_id}"): {"is_seen": True},
    ("post", "/api/{user_id}/notifications/seen"): {"up_to": 2**53 - 1},
    ("get", "/api/{user_id}/counts"): None,
    ("get", "/api/{user_id}/changes"): None,
    ("get", "/api/{user_id}/events"): None,
    ("post", "/api/{user_id}/calendar-token"): None,
    ("delete", "/api/{user_id}/calendar-token"): None,
    ("post", "/api/{user_id}/tasks/quick"): {"text": "planted"},
    ("post", "/api/{user_id}/tasks/batch"): {"operations": [{"op": "create", "task": {"title": "planted"}}]},
}
"""What each route is sent when it is attacked. Those of every kind come from its registration."""

ONLY_MAKE = {("put", paths(kind)[1]) for kind in KINDS[1:]}
"""Without `If-None-Match: *` they do nothing, and with it they make a thing of one's own, whosever the id is."""

ATTACKS: dict[str, list[dict[str, Any]]] = {
    "find_tasks": [{"list": "<list_id>"}, {"parent": "<task_id>"}],
    "get_task": [{"id": "<task_id>"}],
    "add_tasks": [
        {"tasks": [{"title": "planted"}, {"title": "planted", **each}]}
        for each in ({"list": "<list_id>"}, {"section": "<section_id>"}, {"parent": "<task_id>"})
    ],
    "update_tasks": [
        {"changes": [{"id": "<own>", "title": "overwritten"}, change]}
        for change in (
            {"id": "<task_id>", "title": "overwritten"},
            {"id": "<task_id>", "list": "inbox", "if_revision": 1},
            {"id": "<own>", "list": "<list_id>"},
            {"id": "<own>", "section": "<section_id>"},
            {"id": "<own>", "parent": "<task_id>"},
        )
    ],
    "complete_tasks": [
        {"ids": ["<own>", "<task_id>"], "outcome": outcome} for outcome in ("done", "cancelled", "reopen")
    ],
    "delete_tasks": [{"ids": ["<own>", "<task_id>"]}],
    "undo": [{"undo": "<token>"}],
    "save_list": [{"name": "renamed", "id": "<list_id>"}],
}
"""The arguments with which each tool of an assistant is attacked: all ids that it takes, of another's and of nobody's things."""

LOG_IN_ONLY = {*OF_PUSH, ("post", "/api/{user_id}/calendar-token"), ("delete", "/api/{user_id}/calendar-token")}
"""What no API token may do, whosever path it is."""

NO_OWNER_IN_PATH = {
    ("post", "/api/auth/signup"),
    ("post", "/api/auth/login"),
    ("get", "/api/auth/me"),
    ("patch", "/api/auth/me"),
    ("delete", "/api/auth/me"),
    ("get", "/api/auth/me/export"),
    ("get", "/api/auth/me/usage"),
    ("post", "/api/auth/password"),
    ("post", "/api/auth/refresh"),
    ("post", "/api/auth/logout"),
    ("get", "/api/auth/sessions"),
    ("delete", "/api/auth/sessions"),
    ("delete", "/api/auth/sessions/{session_id}"),
    ("post", "/api/auth/tokens"),
    ("get", "/api/auth/tokens"),
    ("delete", "/api/auth/tokens/{token_id}"),
    ("post", "/api/auth/password/forgot"),
    ("post", "/api/auth/password/reset"),
    ("post", "/api/auth/email"),
    ("post", "/api/auth/email/verify"),
    ("post", "/api/auth/email/resend"),
    ("get", "/calendar/{file}"),  # for whoever has its token: tests/calendar/
    ("get", "/unsubscribe/{token}"),  # for whoever has such a mail: tests/notifications/test_unsubscribing.py
    ("post", "/unsubscribe/{token}"),
    ("get", "/.well-known/oauth-protected-resource"),
    ("get", "/.well-known/oauth-protected-resource/mcp"),
    ("mount", "/mcp"),  # by the token alone: see below
    ("mount", "/dav"),  # by the token alone: test_isolation_of_calendars.py
    ("mount", "/.well-known"),
    ("get", "/health"),
    ("get", "/livez"),
    ("get", "/readyz"),
    # By the refresh token in a cookie, for pages of this server: tests/accounts/test_cookie_session.py
    ("post", "/account/session/signup"),
    ("post", "/account/session/login"),
    ("post", "/account/session/refresh"),
    ("delete", "/account/session"),
    # By an API token, and by the cookie that has it for five minutes: tests/caldav/test_profile.py
    ("post", "/account/calendar-profile"),
    ("propfind", "/"),  # leads to /dav/, which asks who it is
    ("get", "/account/calendar-profile/doable.mobileconfig"),
    # The web client, which is the same whoever asks: tests/web/
    *(("get", path) for path in (*VIEWS, *VIEWS_OF_THINGS)),
    ("get", "/assets/{name}"),
    ("get", "/icons/{name}"),
    ("get", "/licences.md"),
    ("get", "/manifest.webmanifest"),
    ("get", "/sw.js"),
    ("get", "/openapi.json"),
    ("get", "/docs"),
    ("get", "/redoc"),
    ("get", "/docs/assets/docs.js"),
    ("get", "/docs/assets/docs.css"),
    ("get", "/docs/assets/redoc.css"),
    ("get", "/docs/assets/redoc.standalone.js"),
    ("get", "/docs/assets/swagger-ui-bundle.js"),
    ("get", "/docs/assets/swagger-ui.css"),
    ("get", "/docs/assets/favicon.png"),
    ("middleware", "RequestLog"),
    ("middleware", "Guard"),
    ("middleware", "CORS"),
}
"""What reaches nobody's tasks."""


def new_app(folder: Path) -> Application:
    return create_app(Settings(data_dir=folder, cors_origins=("https://example.com",)))


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> list[Operation]:
    return sorted(entrances(new_app(tmp_path_factory.mktemp("app"))))


@pytest.fixture
def nobody(server: Server) -> Iterator[httpx.Client]:
    with closing(httpx.Client(base_url=server.url)) as client:
        yield client


def attack(client: httpx.Client, operation: Operation, user_id: str, ids: dict[str, str]) -> httpx.Response:
    method, template = operation
    path = filled(template, {"user_id": user_id, **ids})
    with client.stream(method, path, **sent(BODIES[operation], ids)) as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):  # which would never end
            answer.read()
        return answer


def assert_everything_works(operations: list[Operation], user: User, *user_ids: str) -> None:
    """Each on things of the user's that no write was tried on."""
    ids = one_of_each(user)
    for operation, user_id in itertools.product(operations, user_ids):
        if operation in BODIES:
            answer = attack(user, operation, user_id, ids)
            assert answer.is_success or operation in ONLY_MAKE, operation
            if operation[0] != "get":
                ids = one_of_each(user, untouched(ids, operation, BODIES[operation]))


OTHERS = {"token": "undo", "subscription_id": "subscription", "notification_id": "notification", "import_id": "import"}
"""What paths name besides things of a kind, and what is not found there."""


def names_a_thing(operation: Operation) -> bool:
    """Whether a user's own path names something that may be another's: a thing, or one of OTHERS."""
    return kind_of(operation) is not None or any(f"{{{name}}}" in operation[1] for name in OTHERS)


def assert_nothing_found(answer: httpx.Response, operation: Operation, *, is_somebodys: bool) -> None:
    """What names a thing that is not one's own is refused: a task of somebody else's by another error than no task."""
    kind = kind_of(operation)
    if kind is None:
        named = next(named for name, named in OTHERS.items() if f"{{{name}}}" in operation[1])
        assert_error(answer, 404, f"{named}_not_found")
    elif operation in ONLY_MAKE:
        assert_error(answer, 422, "validation_error")
    elif kind.name == "task" and is_somebodys:
        assert_error(answer, 403, "forbidden")
    else:
        assert_error(answer, 404, kind.repository.not_found.code)


def test_it_is_known_how_to_attack_every_route(operations: list[Operation]) -> None:
    assert {operation for operation in operations if "{user_id}" in operation[1]} == set(BODIES)
    assert {operation for operation in operations if "{user_id}" not in operation[1]} == NO_OWNER_IN_PATH


def test_every_documented_route_is_among_them(operations: list[Operation], server: Server) -> None:
    document = httpx.get(f"{server.url}/openapi.json").json()
    documented = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert set(BODIES) <= documented <= set(operations)


def test_nothing_comes_in_unseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hidden route, a mounted application with routes or without, another middleware."""

    async def function() -> Response:
        raise AssertionError

    async def answer(*_: Any) -> None: ...

    def new(app: Application) -> set[tuple[str, str]]:
        return entrances(app) - before

    before = entrances(new_app(tmp_path))
    hidden = Routes(prefix="/api/{user_id}", is_documented=False)
    hidden.post("/export", response_model=None)(function)
    with monkeypatch.context() as patch:
        patch.setattr(app_module, "ROUTERS", (*ROUTERS, hidden))
        assert new(new_app(tmp_path)) == {("post", "/api/{user_id}/export")}
    inner = Starlette(routes=[Route("/{user_id}/tasks", answer, methods=["DELETE"]), Host("a", answer)])
    monkeypatch.setattr(app_module, "MOUNTED", {"caldav": answer, "inner": inner})
    app = new_app(tmp_path)
    app.answer = GZipMiddleware(app.answer)
    found = new(app)
    assert {("mount", "/caldav"), ("mount", "/inner"), ("delete", "/inner/{user_id}/tasks")} < found
    assert {kind for kind, _ in found} == {"mount", "delete", "Host", "middleware"}
    assert ("middleware", "GZipMiddleware") in found


def test_no_pairing_of_users_reaches_a_thing_of_another(
    operations: list[Operation], alice: User, bob: User, nobody: httpx.Client
) -> None:
    own = {user.id: one_of_each(user) for user in (alice, bob)}
    secrets = [f"private to {user.email}" for user in (alice, bob)]
    for user, secret in zip((alice, bob), secrets, strict=True):
        new(user, KINDS[0], title=secret)
    before = [everything(user) for user in (alice, bob)]
    things = [*own.values(), nothing()]
    named = [*itertools.product((alice.id, bob.id, str(uuid.uuid4()), "me"), things)]
    # No database is asked what these are.
    named += [(spelling, own[alice.id]) for spelling in ("ME", alice.id.upper(), "null", "0", "%2e%2e", "*")]
    attacks = 0
    for operation, (user_id, ids) in itertools.product(
        [operation for operation in operations if operation in BODIES], named
    ):
        if ids is own[alice.id]:
            assert_error(attack(nobody, operation, user_id, ids), 401, "unauthenticated")
        for caller in (alice, bob):
            own_path = user_id in {"me", caller.id}
            if own_path and (not names_a_thing(operation) or ids == own[caller.id]):
                continue  # what a user may do is no attack
            answer = attack(caller, operation, user_id, ids)
            attacks += 1
            if own_path:
                assert_nothing_found(answer, operation, is_somebodys=ids in own.values())
            else:
                assert_error(answer, 403, "forbidden")
            assert not any(secret in answer.text for secret in secrets)
    assert attacks > 400
    assert [everything(user) for user in (alice, bob)] == before


def test_no_api_token_reaches_a_thing_of_another(operations: list[Operation], alice: User, bob: User) -> None:
    """With every scope that there is, it is alice's and nobody else's."""
    his, hers = one_of_each(bob), one_of_each(alice)
    before = [everything(user) for user in (alice, bob)]
    with client(alice, create(alice)["token"]) as script:
        for operation in operations:
            if operation not in BODIES:
                continue
            for user_id, ids in ((bob.id, his), (bob.id, hers), (str(uuid.uuid4()), his), (bob.email, hers)):
                code = "insufficient_scope" if operation in LOG_IN_ONLY else "forbidden"
                assert_error(attack(script, operation, user_id, ids), 403, code)
            if names_a_thing(operation) and operation not in LOG_IN_ONLY:
                assert_nothing_found(attack(script, operation, "me", his), operation, is_somebodys=True)
                assert_nothing_found(attack(script, operation, alice.id, nothing()), operation, is_somebodys=False)
    assert [everything(user) for user in (alice, bob)] == before


def test_no_log_in_of_another_issuer_reaches_a_thing_of_another_user(
    operations: list[Operation], alice: User, ann: IssuersUser
) -> None:
    things = {user.id: one_of_each(user) for user in (alice, ann)}
    before = [everything(user) for user in (alice, ann)]
    # The issuer may call somebody what another user is called here.
    with closing(IssuersUser(str(ann.base_url), alice.id)) as mallory:
        assert mallory.id not in things
        own = {alice: {"me", alice.id}, ann: {"me", ann.id, ann.subject}, mallory: {"me", mallory.id, alice.id}}
        attacks = 0
        for operation, user_id, ids, caller in itertools.product(
            [operation for operation in operations if operation in BODIES],
            [alice.id, ann.id, ann.subject, ann.subject.upper(), "me"],
            things.values(),
            own,
        ):
            if user_id not in own[caller]:
                assert_error(attack(caller, operation, user_id, ids), 403, "forbidden")
                attacks += 1
            elif names_a_thing(operation) and ids != things.get(caller.id):
                assert_nothing_found(attack(caller, operation, user_id, ids), operation, is_somebodys=True)
                attacks += 1
        assert attacks > 300
        assert everything(mallory) == []
    assert [everything(user) for user in (alice, ann)] == before


def test_everything_works_for_the_user_of_another_issuer(operations: list[Operation], ann: IssuersUser) -> None:
    assert_everything_works(operations, ann, "me", ann.id, ann.subject)


def test_no_batch_and_no_chosen_id_reaches_a_task_of_another(alice: User, bob: User) -> None:
    tasks = {user.id: user.new_task(f"private to {user.email}")["id"] for user in (alice, bob)}
    before = [everything(user) for user in (alice, bob)]
    named: list[dict[str, object]] = [
        {"op": "create", "task": {"title": "planted"}},
        {"op": "update", "task": {"title": "overwritten"}},
        {"op": "complete"},
        {"op": "reopen"},
        {"op": "move", "to": {"place": "first"}},
        {"op": "delete"},
        {"op": "delete", "if_revision": 1},
    ]
    for operation in named:
        operations = [{"op": "create", "task": {"title": "first"}}, {**operation, "id": tasks[bob.id]}]
        answer = alice.post(f"{alice.tasks}/batch", json={"operations": operations})
        assert answer.status_code == 403
        assert (answer.json()["code"], answer.json()["index"]) == ("forbidden", 1)
    planted = alice.put(f"{alice.tasks}/{tasks[bob.id]}", json={"title": "planted"}, headers={"If-None-Match": "*"})
    assert_error(planted, 403, "forbidden")
    matching = alice.put(f"{alice.tasks}/{tasks[bob.id]}", json={"title": "mine"}, headers={"If-Match": '"1"'})
    assert_error(matching, 403, "forbidden")
    assert [everything(user) for user in (alice, bob)] == before


@pytest.mark.parametrize("kind", KINDS[1:], ids=lambda kind: kind.name)
def test_no_batch_and_no_chosen_id_reaches_a_thing_of_another(alice: User, bob: User, kind: Kind) -> None:
    """Every operation that there is. An id of somebody else's is as one of nobody's: it may be chosen."""
    his, before = new(bob, kind)["id"], everything(bob)
    for registered in REGISTERED.values():
        if registered.kind is kind:
            members = {
                "id": his,
                kind.name: {**example(kind.create), **needed(alice, kind)},
                **({"to": {"place": "first"}} if registered.op == "move" else {}),
                "into": str(uuid.uuid4()),
            }
            known = {name: value for name, value in members.items() if name in registered.model.model_fields}
            operation = {"op": registered.op, "kind": kind.name, **known}
            answer = alice.post(f"{alice.tasks}/batch", json={"operations": [operation]})
            if registered.op == "create":
                assert answer.json()["results"][0]["id"] == his
                alice.delete(f"/api/me/{kind.plural}/{his}")
            else:
                assert (answer.status_code, answer.json()["code"]) == (404, kind.repository.not_found.code), operation
    path = f"/api/me/{kind.plural}/{his}"
    made = alice.put(path, json={**example(kind.create), **needed(alice, kind)}, headers={"If-None-Match": "*"})
    assert (made.status_code, made.json()["user_id"]) == (201, alice.id)
    assert alice.delete(path).status_code == 204
    assert everything(bob) == before


def test_no_tool_of_an_assistant_reaches_a_thing_of_another(alice: User, bob: User) -> None:
    """Somebody else's ids are as ones that nothing has: told in the same words, and nothing is done."""
    his, nobodys = one_of_each(bob), nothing()
    secret = f"private to {bob.email}"
    bob.new_task(secret, tags=["hidden"])
    own = alice.new_task()["id"]
    before = [everything(user) for user in (alice, bob)]
    with closing(Assistant(alice)) as assistant:
        assert {*assistant.tools()} == {"get_overview", *ATTACKS}
        for tool, attacks in ATTACKS.items():
            for arguments in attacks:
                refusals = []
                for ids in (his, nobodys):
                    text = json.dumps(arguments)
                    for name, id_ in {**ids, "own": own}.items():
                        text = text.replace(f"<{name}>", id_)
                    refusals.append(assistant.refused(tool, **json.loads(text)))
                assert refusals[0] == refusals[1], arguments
                assert secret not in str(refusals[0])
        assert assistant.call("find_tasks", status="all", query="private")["tasks"] == []
        assert assistant.call("find_tasks", status="all", tags=["hidden"])["tasks"] == []
        overview = assistant.call("get_overview")
        assert (overview["open"], overview["lists"], overview["tags"]) == (1, [], [])
    assert [everything(user) for user in (alice, bob)] == before


def test_everything_works_for_the_owner(operations: list[Operation], alice: User) -> None:
    assert_everything_works(operations, alice, "me", alice.id)


def test_the_403_tells_nothing(alice: User, bob: User) -> None:
    """A user who exists, one who does not, and nonsense get the same answer, whatever else is wrong."""
    answers = [
        alice.post(f"/api/{user_id}/tasks", json=body)
        for user_id in (bob.id, str(uuid.uuid4()), "nonsense")
        for body in ({"title": "planted"}, {"title": ""})
    ]
    answers += [alice.delete(f"/api/{bob.id}/tasks/not-an-id"), alice.get(f"/api/{bob.id}/tasks?limit=0")]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1


def test_one_users_writes_leave_the_other_alone(alice: User, bob: User) -> None:
    bobs = bob.new_task("stays")
    mine = alice.new_task()
    alice.put(f"{alice.tasks}/{mine['id']}", json={"title": "changed"})
    alice.delete(f"{alice.tasks}/{mine['id']}")
    assert bob.get(bob.tasks).json() == {"tasks": [bobs], "total": 1, "limit": 50, "offset": 0, "next_cursor": None}
    assert bobs["revision"] == 1
