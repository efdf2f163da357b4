"""Who may use the tools, and which; and what tells a client so."""

import uuid
from contextlib import closing

import httpx
import pytest

from conftest import NewServer
from support.api_tokens import create
from support.assistant import Assistant, message
from support.issuers import SHARING, IssuersUser
from support.logs import line_of
from support.server import Server
from support.users import User, assert_error

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
READING = {"get_overview", "find_tasks", "get_task"}
DOCUMENT = "/.well-known/oauth-protected-resource"


@on_sqlite
def test_nobody_is_told_where_tokens_come_from(server: Server, alice: User) -> None:
    where = f'scope="tasks:read tasks:write", resource_metadata="{server.url}{DOCUMENT}/mcp"'
    anybody = httpx.post(f"{server.url}/mcp", json=message("tools/list"))
    assert_error(anybody, 401, "unauthenticated")
    assert anybody.headers["www-authenticate"] == f"Bearer {where}"
    with closing(Assistant(alice, "doable_nonsense")) as stranger:
        refused = stranger.ask("tools/list")
    assert_error(refused, 401, "unauthenticated")
    assert refused.headers["www-authenticate"] == f'Bearer error="invalid_token", {where}'
    # Nothing in an address lets anybody in: it is in logs and histories.
    in_address = httpx.post(f"{server.url}/mcp?access_token={alice.token}", json=message("tools/list"))
    assert_error(in_address, 401, "unauthenticated")


@on_sqlite
def test_the_metadata_of_the_resource(server: Server) -> None:
    for path in (DOCUMENT, f"{DOCUMENT}/mcp"):
        assert httpx.get(server.url + path).json() == {
            "resource": f"{server.url}/mcp",
            "authorization_servers": [SHARING["issuer"]],
            "scopes_supported": ["tasks:read", "tasks:write"],
            "bearer_methods_supported": ["header"],
            "resource_name": "Doable",
        }


def test_without_another_issuer_it_is_doable(one_server: Server) -> None:
    assert httpx.get(one_server.url + DOCUMENT).json()["authorization_servers"] == [one_server.url]


@on_sqlite
def test_a_path_of_the_public_address(new_server: NewServer) -> None:
    with new_server(PUBLIC_URL="https://example.com/tasks") as server:
        found = httpx.get(f"{server.url}/tasks{DOCUMENT}/mcp").json()
        assert found["resource"] == "https://example.com/tasks/mcp"
        refused = httpx.post(f"{server.url}/tasks/mcp", headers={"Host": "example.com"}, json=message("ping"))
        assert f'resource_metadata="https://example.com/tasks{DOCUMENT}/mcp"' in refused.headers["www-authenticate"]


def test_scopes_decide_what_is_there(alice: User) -> None:
    tokens = {scope: create(alice, scope)["token"] for scope in ("tasks:read", "tasks:write", "account")}
    task = alice.new_task()
    with closing(Assistant(alice, tokens["tasks:read"])) as reader:
        assert reader.tools().keys() == READING
        assert reader.call("get_task", id=task["id"])["title"] == task["title"]
        refused = reader.ask("tools/call", {"name": "delete_tasks", "arguments": {"ids": [task["id"]]}})
        assert_error(refused, 403, "insufficient_scope")
        challenge = refused.headers["www-authenticate"]
        assert challenge.startswith('Bearer error="insufficient_scope", scope="tasks:write", resource_metadata="http')
    with closing(Assistant(alice, tokens["tasks:write"])) as writer:
        assert not writer.tools().keys() & READING
        assert writer.call("complete_tasks", ids=[task["id"]])["tasks"][0]["completed"]
        assert_error(writer.ask("tools/call", {"name": "find_tasks"}), 403, "insufficient_scope")
    with closing(Assistant(alice, tokens["account"])) as neither:
        assert_error(neither.ask("tools/list"), 403, "insufficient_scope")
    with closing(Assistant(alice, create(alice)["token"])) as whole:
        assert len(whole.tools()) == 9


def test_whoever_logs_in_elsewhere(ann: IssuersUser) -> None:
    with closing(Assistant(ann)) as assistant:
        assert assistant.call("add_tasks", tasks=[{"title": "Buy oat milk"}])["tasks"][0]["title"] == "Buy oat milk"


def test_nothing_that_is_revoked(alice: User) -> None:
    made = create(alice, "tasks:read")
    with closing(Assistant(alice, made["token"])) as assistant:
        assert assistant.ask("ping").status_code == 200
        alice.delete(f"/api/auth/tokens/{made['id']}")
        assert_error(assistant.ask("ping"), 401, "unauthenticated")


@on_sqlite
def test_no_page_of_another_origin(server: Server, alice: User) -> None:
    port = server.url.rpartition(":")[2]
    with closing(Assistant(alice)) as assistant:
        for origin in ("https://evil.example", "null", f"{server.url}.evil.example", f"http://localhost:{port}", ""):
            answer = assistant.post("/mcp", json=message("ping"), headers={"Origin": origin})
            assert_error(answer, 403, "cross_origin")
        assert assistant.post("/mcp", json=message("ping"), headers={"Origin": server.url}).status_code == 200
        # The name of a page may be made to lead here (DNS rebinding).
        for host in (
            "evil.example",
            f"evil.example:{port}",
            "127.0.0.1.evil.example",
            "[::2]",
            "[",
            "127.0.0.1@evil.example",
        ):
            answer = assistant.post("/mcp", json=message("ping"), headers={"Host": host})
            assert answer.status_code in {400, 403}, host
        for host in (f"localhost:{port}", "127.0.0.1", "[::1]:1"):
            assert assistant.post("/mcp", json=message("ping"), headers={"Host": host}).status_code == 200


@on_sqlite
def test_calls_count_into_the_users_quota(new_server: NewServer) -> None:
    with (
        new_server(THROTTLE_REQUESTS="3/day") as server,
        closing(User(server.url)) as user,
        closing(Assistant(user)) as assistant,
    ):
        assert [assistant.ask("ping").status_code for _ in range(4)] == [200, 200, 200, 429]
        assert_error(assistant.ask("ping"), 429, "too_many_requests")


def test_the_log_and_the_figures_name_the_edge(one_server: Server) -> None:
    with closing(User(one_server.url)) as user, closing(Assistant(user, create(user)["token"])) as assistant:
        answer = assistant.ask(
            "tools/call", {"name": "add_tasks", "arguments": {"tasks": [{"title": f"{uuid.uuid4()}"}]}}
        )
        line = line_of(one_server, answer.headers["x-request-id"])
        assert (line["route"], line["user_id"], line["status"]) == ("/mcp", user.id, 200)
        title = answer.json()["result"]["structuredContent"]["tasks"][0]["title"]
        assert title not in one_server.log
        assert assistant.headers["authorization"].removeprefix("Bearer ") not in one_server.log
