"""One POST that keeps nothing, in both eras of the protocol. It is the same on every database."""

from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.assistant import LEGACY, MODERN, PREFIX, Assistant, envelope, message
from support.users import assert_error


def error_of(answer: httpx.Response, status: int, code: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"jsonrpc", "id", "error"}
    assert body["error"]["code"] == code
    assert body["error"]["message"].endswith(".")
    error: dict[str, Any] = body["error"]
    return error


def test_a_client_of_before_begins_with_initialize(anns: Assistant) -> None:
    for asked, answered in (
        (LEGACY, LEGACY),
        ("2025-06-18", "2025-06-18"),
        ("2025-03-26", "2025-03-26"),
        ("2024-11-05", LEGACY),
    ):
        params = {"protocolVersion": asked, "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}}
        answer = anns.post("/mcp", json=message("initialize", params))
        assert answer.status_code == 200
        assert "mcp-session-id" not in answer.headers
        result = answer.json()["result"]
        assert result["protocolVersion"] == answered
        assert result["capabilities"] == {"tools": {}}
        assert result["serverInfo"]["name"] == "doable"
        assert "resultType" not in result
    started = anns.post("/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (started.status_code, started.content) == (202, b"")
    assert anns.ask("ping").json()["result"] == {}


def test_a_client_of_now_discovers_and_calls_without_a_beginning(anns: Assistant) -> None:
    result = anns.ask_modern("server/discover").json()["result"]
    assert result["supportedVersions"][0] == MODERN
    assert (result["resultType"], result["cacheScope"]) == ("complete", "public")
    assert result["_meta"][f"{PREFIX}serverInfo"]["name"] == "doable"
    listed = anns.ask_modern("tools/list").json()["result"]
    assert (listed["cacheScope"], listed["ttlMs"] > 0) == ("private", True)
    assert {tool["name"] for tool in listed["tools"]} == anns.tools().keys()
    called = anns.ask_modern("tools/call", {"name": "get_overview", "arguments": {}}).json()["result"]
    assert called["resultType"] == "complete"
    assert called["structuredContent"]["open"] == 0


def test_a_method_that_there_is_not(anns: Assistant) -> None:
    # To a client of before, a 404 would say that its session has ended.
    for method in ("resources/list", "prompts/list", "server/discover", "logging/setLevel", ""):
        error_of(anns.ask(method), 200, -32601)
    for method in ("initialize", "ping", "subscriptions/listen", "resources/list"):
        error_of(anns.ask_modern(method), 404, -32601)


def test_headers_must_say_what_the_body_says(anns: Assistant) -> None:
    call = {"name": "get_overview"}
    for headers in (
        {"MCP-Protocol-Version": LEGACY},
        {"Mcp-Method": "tools/list"},
        {"Mcp-Name": "find_tasks"},
        {"Mcp-Name": "=?base64?!?="},
    ):
        error_of(anns.ask_modern("tools/call", call, **headers), 400, -32020)
    encoded = anns.ask_modern("tools/call", call, **{"Mcp-Name": "=?base64?Z2V0X292ZXJ2aWV3?="})
    assert encoded.status_code == 200
    without = anns.post("/mcp", json=message("tools/list", {"_meta": envelope()}))
    error_of(without, 400, -32020)
    only_header = anns.post("/mcp", json=message("tools/list"), headers={"MCP-Protocol-Version": MODERN})
    error_of(only_header, 400, -32602)
    twice = [("MCP-Protocol-Version", MODERN), ("MCP-Protocol-Version", MODERN), ("Mcp-Method", "tools/list")]
    error_of(anns.post("/mcp", json=message("tools/list", {"_meta": envelope()}), headers=twice), 400, -32020)


def test_a_version_that_is_not_spoken(anns: Assistant) -> None:
    error = error_of(anns.ask_modern("tools/list", version="2099-01-01"), 400, -32022)
    assert error["data"] == {"supported": [MODERN, LEGACY, "2025-06-18", "2025-03-26"], "requested": "2099-01-01"}
    of_before = anns.post("/mcp", json=message("tools/list"), headers={"MCP-Protocol-Version": "1999-01-01"})
    error_of(of_before, 400, -32022)
    for meta in ({**envelope(), f"{PREFIX}protocolVersion": 1}, {f"{PREFIX}protocolVersion": MODERN}):
        error_of(anns.post("/mcp", json=message("tools/list", {"_meta": meta})), 400, -32602)


def test_an_unknown_tool_and_arguments_that_are_none(anns: Assistant) -> None:
    for params in ({"name": "drop_tasks"}, {}, {"name": 1}, {"name": "get_overview", "arguments": []}):
        error_of(anns.ask("tools/call", params), 200, -32602)
    error_of(anns.ask_modern("tools/call", {"name": "drop_tasks"}), 400, -32602)
    error_of(anns.ask("tools/list", {"cursor": "x"}), 200, -32602)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"\xff", -32700),
        (b'{"a": 1, "a": 2}', -32600),
        (b"[]", -32600),
        (b'[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', -32600),
        (b"null", -32600),
        (b'{"id": 1, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": null, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": true, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": 1}', -32600),
        (b"[" * 10_000, -32700),
    ],
)
def test_what_is_no_message(anns: Assistant, body: bytes, code: int) -> None:
    error_of(anns.post("/mcp", content=body, headers={"Content-Type": "application/json"}), 400, code)


def test_what_only_speaks_http_wrong(anns: Assistant) -> None:
    for method in ("GET", "DELETE", "PUT", "HEAD"):
        answer = anns.request(method, "/mcp")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")
    assert anns.options("/mcp").status_code == 204
    assert_error(anns.post("/mcp/else", json=message("ping")), 404, "route_not_found")
    assert_error(
        anns.post("/mcp", content=b"{}", headers={"Content-Type": "text/plain"}), 415, "unsupported_media_type"
    )
    large = b'"' + b"x" * 5 * 1024 * 1024 + b'"'
    assert_error(anns.post("/mcp", content=large, headers={"Content-Type": "application/json"}), 413, "body_too_large")
    assert anns.post("/mcp/", json=message("ping")).json()["result"] == {}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        "id",
        "ids",
        "tasks",
        "changes",
        "title",
        "due",
        "start",
        "repeat",
        "list",
        "section",
        "parent",
        "tags",
        "query",
        "cursor",
        "undo",
        "name",
        "color",
        "limit",
        "sort",
        "reminders",
        "request_id",
        "outcome",
        "priority",
        "due_before",
        "url",
    ]
)
TEXTS = st.sampled_from(
    [
        "",
        "inbox",
        "today",
        "2026-02-30",
        "0001-01-01T00:00-14:00",
        "9999-12-31T23:59+14:00",
        "2026-11-26T25:00",
        "every day",
        "FREQ=DAILY",
        "-PT30M",
        "P9999D",
        "99999999-9999-9999-9999-999999999999",
        "\x00",
        "\u202e",
        "ü" * 41,
    ]
)
SAID = st.recursive(
    JSON | TEXTS,
    lambda inner: st.dictionaries(NAMES, inner | st.lists(inner, max_size=2), max_size=4),
    max_leaves=8,
)
TOOLS = (
    "get_overview",
    "find_tasks",
    "get_task",
    "add_tasks",
    "update_tasks",
    "complete_tasks",
    "delete_tasks",
    "undo",
    "save_list",
)


def test_no_body_is_an_error_of_ours(anns: Assistant) -> None:
    @settings(max_examples=20)
    @given(JSON)
    def whatever(body: Any) -> None:
        assert anns.post("/mcp", json=body).status_code < 500

    @settings(max_examples=60)
    @given(st.sampled_from(TOOLS), st.dictionaries(NAMES, SAID | st.lists(SAID, max_size=2), max_size=4))
    def arguments(tool: str, said: dict[str, Any]) -> None:
        answer = anns.ask("tools/call", {"name": tool, "arguments": said})
        assert answer.status_code == 200, answer.text
        assert "result" in answer.json()

    whatever()
    arguments()
