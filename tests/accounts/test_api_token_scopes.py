"""What an API token may do: every route of the OpenAPI document, with a token of each scope.

A new route fails here until it is known which scope it takes.
"""

import http.client
import itertools
import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import httpx
import pytest

from doable.caldav.methods import METHODS
from doable.kinds import KINDS
from doable.preferences.kind import PREFERENCES
from support.api_tokens import SCOPES, bearer, client, create, listed
from support.dav import Phone, assert_refused
from support.document import response
from support.kinds import (
    A_FILE,
    OF_PREFERENCES,
    OF_PUSH,
    everything,
    filled,
    kind_of,
    one_of_each,
    routes,
    sent,
    untouched,
)
from support.server import Server
from support.users import PASSWORD, User, assert_error

NO_TOKEN = object()
"""The route asks nobody who it is."""

READ, WRITE, ACCOUNT = "tasks:read", "tasks:write", "account"

SCOPE_OF: dict[tuple[str, str], Any] = {
    ("post", "/api/auth/signup"): NO_TOKEN,
    ("post", "/api/auth/login"): NO_TOKEN,
    ("post", "/api/auth/refresh"): NO_TOKEN,
    ("get", "/health"): NO_TOKEN,
    ("get", "/livez"): NO_TOKEN,
    ("get", "/readyz"): NO_TOKEN,
    ("get", "/api/auth/me"): ACCOUNT,
    ("patch", "/api/auth/me"): ACCOUNT,
    ("get", "/api/auth/me/export"): f"{ACCOUNT} {READ}",
    ("get", "/api/auth/me/usage"): READ,
    ("delete", "/api/auth/me"): None,
    ("post", "/api/auth/password"): None,
    ("post", "/api/auth/email"): None,
    ("post", "/api/auth/password/forgot"): NO_TOKEN,
    ("post", "/api/auth/password/reset"): NO_TOKEN,
    ("post", "/api/auth/email/verify"): NO_TOKEN,
    ("post", "/api/auth/email/resend"): NO_TOKEN,
    ("post", "/api/auth/logout"): None,
    ("get", "/api/auth/sessions"): None,
    ("delete", "/api/auth/sessions"): None,
    ("delete", "/api/auth/sessions/{session_id}"): None,
    ("post", "/api/auth/tokens"): None,
    ("get", "/api/auth/tokens"): None,
    ("delete", "/api/auth/tokens/{token_id}"): None,
    **{(method, path): kind.scopes[method != "get"] for kind in KINDS for method, path in routes(kind)},
    **dict.fromkeys(OF_PUSH),
    **{(method, path): PREFERENCES.scopes[method != "get"] for method, path in OF_PREFERENCES},
    ("patch", "/api/{user_id}/tasks/{task_id}/complete"): WRITE,
    ("post", "/api/{user_id}/tasks/{task_id}/tag"): WRITE,
    ("post", "/api/{user_id}/tasks/{task_id}/untag"): WRITE,
    ("post", "/api/{user_id}/tasks/{task_id}/skip"): WRITE,
    ("post", "/api/{user_id}/tasks/{task_id}/move"): WRITE,
    ("post", "/api/{user_id}/lists/{list_id}/move"): WRITE,
    ("post", "/api/{user_id}/sections/{section_id}/move"): WRITE,
    ("post", "/api/{user_id}/tags/{tag_id}/move"): WRITE,
    ("post", "/api/{user_id}/tags/{tag_id}/merge"): WRITE,
    ("post", "/api/{user_id}/filters/{filter_id}/move"): WRITE,
    ("post", "/api/{user_id}/tasks/quick"): WRITE,
    ("post", "/api/{user_id}/tasks/batch"): WRITE,
    ("get", "/api/{user_id}/undo"): READ,
    ("post", "/api/{user_id}/import"): WRITE,
    ("get", "/api/{user_id}/imports"): READ,
    ("get", "/api/{user_id}/imports/{import_id}"): READ,
    ("delete", "/api/{user_id}/imports/{import_id}"): WRITE,
    ("post", "/api/{user_id}/undo/{token}"): WRITE,
    ("post", "/api/{user_id}/tasks/{task_id}/reminders/{reminder_id}/snooze"): WRITE,
    ("get", "/api/{user_id}/notifications"): READ,
    ("post", "/api/{user_id}/calendar-token"): None,
    ("delete", "/api/{user_id}/calendar-token"): None,
    ("patch", "/api/{user_id}/notifications/{notification_id}"): WRITE,
    ("post", "/api/{user_id}/notifications/seen"): WRITE,
    ("get", "/api/{user_id}/counts"): READ,
    ("get", "/api/{user_id}/changes"): READ,
    ("get", "/api/{user_id}/events"): READ,
}
"""The scopes, all of them, that let an API token in; None where none does."""

BODIES: dict[tuple[str, str], Any] = {
    **{operation: body for kind in KINDS for operation, body in routes(kind).items()},
    **OF_PREFERENCES,
    **OF_PUSH,
    ("post", "/api/{user_id}/tasks/{task_id}/tag"): {"tags": ["shop"]},
    ("post", "/api/{user_id}/tasks/{task_id}/untag"): {"tags": ["shop"]},
    ("post", "/api/{user_id}/tasks/{task_id}/move"): {"place": "first"},
    ("post", "/api/{user_id}/lists/{list_id}/move"): {"place": "first"},
    ("post", "/api/{user_id}/sections/{section_id}/move"): {"place": "first"},
    ("post", "/api/{user_id}/tags/{tag_id}/move"): {"place": "first"},
    ("post", "/api/{user_id}/tags/{tag_id}/merge"): {"into": "{other_tag_id}"},
    ("post", "/api/{user_id}/filters/{filter_id}/move"): {"place": "first"},
    ("post", "/api/{user_id}/tasks/quick"): {"text": "a"},
    ("post", "/api/{user_id}/tasks/{task_id}/reminders/{reminder_id}/snooze"): {"minutes": 10},
    ("patch", "/api/{user_id}/notifications/{notification_id}"): {"is_seen": True},
    ("post", "/api/{user_id}/notifications/seen"): {"up_to": 2**53 - 1},
    ("post", "/api/{user_id}/tasks/batch"): {"operations": []},
    ("post", "/api/{user_id}/import"): A_FILE,
    ("patch", "/api/auth/me"): {"name": "renamed"},
    ("post", "/api/auth/email"): {"new_email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD},
    ("post", "/api/auth/password"): {"current_password": PASSWORD, "new_password": f"{PASSWORD} too"},
    ("post", "/api/auth/tokens"): {"name": "another", "scopes": SCOPES},
}
"""With what a route that lets a token in succeeds."""

MAKES = {(method, path) for kind in KINDS for method, path in routes(kind) if method == "put"}
"""With an id of one's own."""

ENDS_THE_SESSION = {("post", "/api/auth/logout"), ("delete", "/api/auth/me")}

OF_CALDAV = {
    **dict.fromkeys(("OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT"), READ),
    **dict.fromkeys(("PROPPATCH", "MKCALENDAR", "MKCOL", "PUT", "DELETE", "MOVE", "COPY", "LOCK", "PATCH"), WRITE),
}
"""The scope of each method at /dav. What there is none of might write."""

TAKES_TOKENS = sorted(operation for operation, scope in SCOPE_OF.items() if scope is not NO_TOKEN)


@pytest.fixture(scope="module")
def server(one_server: Server) -> Server:
    """What a scope lets in is known before a database is asked; that each route works on all of them is seen by test_isolation.py."""
    return one_server


@pytest.fixture(scope="module")
def alice(server: Server) -> Iterator[User]:
    user = User(server.url)
    yield user
    user.close()


@pytest.fixture(scope="module")
def tokens(alice: User) -> dict[frozenset[str], str]:
    """A token of each set of scopes."""
    sets = [frozenset(some) for count in (1, 2, 3) for some in itertools.combinations(SCOPES, count)]
    return {scopes: create(alice, *sorted(scopes))["token"] for scopes in sets}


@pytest.fixture(scope="module")
def document(server: Server) -> Any:
    return httpx.get(f"{server.url}/openapi.json").json()


def assert_insufficient(answer: httpx.Response, scope: str | None) -> None:
    assert_error(answer, 403, "insufficient_scope")
    expected = 'Bearer error="insufficient_scope"' + (f', scope="{scope}"' if scope else "")
    assert answer.headers.get_list("www-authenticate") == [expected]


def ask(script: httpx.Client, operation: tuple[str, str], ids: dict[str, str], **options: Any) -> httpx.Response:
    method, template = operation
    path = filled(template, {"user_id": "me", "session_id": str(uuid.uuid4()), "token_id": str(uuid.uuid4()), **ids})
    headers = {**({"If-None-Match": "*"} if operation in MAKES else {}), **options.pop("headers", {})}
    with script.stream(method, path, headers=headers, **options) as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):  # which would never end
            answer.read()
        return answer


@pytest.fixture(scope="module")
def untried(alice: User) -> dict[str, str]:
    """The ids of things of alice's that no write was tried on."""
    return one_of_each(alice)


def things_for(user: User, operation: tuple[str, str], untried: dict[str, str]) -> dict[str, str]:
    """The ids of things of the user's with which it succeeds: once, if it makes one. They are no longer untried if it writes."""
    kind = kind_of(operation)
    if "filter_id" not in untried:
        # There may be 200 of them, and these tests share a user.
        for made in user.get("/api/me/filters").json()["filters"]:
            user.delete(f"/api/me/filters/{made['id']}")
    ids = one_of_each(user, untried)
    untried.clear()
    untried |= ids if operation[0] == "get" else untouched(ids, operation, BODIES.get(operation))
    free = {f"{kind.name}_id": str(uuid.uuid4())} if kind is not None and operation in MAKES else {}
    return {**ids, **free}


def test_it_is_known_of_every_route_which_scope_it_takes(document: Any) -> None:
    operations = {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert set(operations) == set(SCOPE_OF)
    for where, operation in operations.items():
        if SCOPE_OF[where] is NO_TOKEN:
            assert operation["security"] == [], where
            assert "x-api-token-scope" not in operation, where
            continue
        assert operation["security"] == [{"Bearer": []}], where
        assert operation.get("x-api-token-scope") == SCOPE_OF[where], where
        refused = response(document, operation, "403")
        assert "insufficient_scope" in refused["content"]["application/json"]["examples"], where
        assert "WWW-Authenticate" in refused["headers"], where
    described = document["components"]["securitySchemes"]["Bearer"]["description"]
    assert "access_token" in described
    assert "doable_" in described


@pytest.mark.parametrize("operation", TAKES_TOKENS, ids=" ".join)
def test_only_the_scope_of_the_route_lets_in(
    alice: User, tokens: dict[frozenset[str], str], untried: dict[str, str], operation: tuple[str, str]
) -> None:
    scope = SCOPE_OF[operation]
    sessions = alice.get("/api/auth/sessions").json()
    good = {scopes for scopes in tokens if scope is not None and scopes.issuperset(scope.split())}
    ids = things_for(alice, operation, untried)
    before = everything(alice)
    for scopes in tokens.keys() - good:
        with client(alice, tokens[scopes]) as script:
            assert_insufficient(ask(script, operation, ids, **sent(BODIES.get(operation), ids)), scope)
            # Nothing of the request was looked at: not its body, its path or its parameters.
            headers = {"Content-Type": "application/json"}
            nonsense = dict.fromkeys(ids, "nonsense")
            assert_insufficient(ask(script, operation, nonsense, content=b"{", headers=headers), scope)
            assert_insufficient(ask(script, operation, ids, params={"limit": "nonsense"}), scope)
    assert everything(alice) == before
    for scopes in good:
        with client(alice, tokens[scopes]) as script:
            answer = ask(script, operation, ids, **sent(BODIES.get(operation), ids))
            assert answer.is_success, (scopes, answer.text)
        if operation[0] != "get":
            ids = things_for(alice, operation, untried)
    assert alice.get("/api/auth/sessions").json() == sessions
    assert {token["name"] for token in listed(alice)} == {"a token"}
    assert len(listed(alice)) == len(tokens)


def test_it_is_known_of_every_method_of_caldav_which_scope_it_takes() -> None:
    assert {method for methods in METHODS.values() for method in methods} <= {*OF_CALDAV}


@pytest.mark.parametrize("method", OF_CALDAV)
def test_only_the_scope_of_a_method_of_caldav_lets_in(
    alice: User, tokens: dict[frozenset[str], str], method: str
) -> None:
    before = everything(alice)
    paths = [f"/dav/calendars/{alice.id}/inbox/", f"/dav/calendars/{uuid.uuid4()}/inbox/a.ics", "/dav/%00", "/dav"]
    for scopes, token in tokens.items():
        with closing(Phone(alice, token=token)) as phone:
            for path in paths:
                # Nothing of the request was looked at.
                answer = phone.dav(method, path, "<", Depth="nonsense")
                if OF_CALDAV[method] not in scopes and method == "HEAD":
                    assert (answer.status_code, answer.content) == (403, b"")
                elif OF_CALDAV[method] not in scopes:
                    assert_refused(answer, 403, "D:need-privileges")
                else:
                    assert answer.status_code in {200, 400, 403, 404, 405}
                    assert "need-privileges" not in answer.text
    assert everything(alice) == before


def test_a_log_in_may_do_everything(alice: User, untried: dict[str, str]) -> None:
    for operation in TAKES_TOKENS:
        if operation not in ENDS_THE_SESSION:
            ids = things_for(alice, operation, untried)
            answer = ask(alice, operation, ids, **sent(BODIES.get(operation), ids))
            # There is no such session or token.
            assert answer.is_success or answer.status_code == 404, operation
    for token in listed(alice):
        if token["name"] == "another":
            assert alice.delete(f"/api/auth/tokens/{token['id']}").status_code == 204


def test_the_scope_comes_before_a_body_that_never_comes(server: Server, alice: User) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest("POST", "/api/me/tasks")
    connection.putheader("Authorization", bearer(create(alice, READ)["token"])["Authorization"])
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", "1000")
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 403
    assert json.loads(answer.read())["code"] == "insufficient_scope"
    connection.close()


def test_what_only_writes_sees_what_it_has_written_and_nothing_else(alice: User) -> None:
    before = alice.new_task("not for the form")
    with client(alice, create(alice, WRITE)["token"]) as form:
        made = form.post("/api/me/tasks", json={"title": "from a form"})
        assert (made.status_code, made.json()["title"]) == (201, "from a form")
        for path in ("tasks", f"tasks/{made.json()['id']}", f"tasks/{before['id']}", "changes", "events"):
            assert_insufficient(form.get(f"/api/me/{path}"), READ)
        # A token that knows a task's id may change it, and gets the task as it is by then.
        headers = {"If-Match": '"0"'}
        refused = form.patch(f"/api/me/tasks/{before['id']}", json={"title": "changed"}, headers=headers)
        assert (refused.status_code, refused.json()["current"]) == (412, before)


def test_a_password_is_no_way_past_the_scopes(alice: User) -> None:
    """No API token makes another, whatever else the request shows."""
    token = create(alice)["token"]
    body = {"name": "made by a token", "scopes": SCOPES}
    with ExitStack() as stack:
        script = stack.enter_context(client(alice, token))
        assert_insufficient(script.post("/api/auth/tokens", json={**body, "password": PASSWORD}), None)
        assert_insufficient(
            script.post("/api/auth/tokens", json=body, headers={"Cookie": f"token={alice.token}"}), None
        )
    assert "made by a token" not in {each["name"] for each in listed(alice)}
