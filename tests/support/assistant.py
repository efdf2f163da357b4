"""An assistant of the tests: a client of /mcp that speaks either era of the protocol, made from the specification."""

import json
from typing import Any

import httpx

from support.users import TLS, User

MODERN = "2026-07-28"
LEGACY = "2025-11-25"
PREFIX = "io.modelcontextprotocol/"


def envelope(version: str = MODERN) -> dict[str, Any]:
    """What every request of the newer era says of itself."""
    info = {"name": "tests", "version": "1"}
    return {f"{PREFIX}protocolVersion": version, f"{PREFIX}clientCapabilities": {}, f"{PREFIX}clientInfo": info}


def message(method: str, params: dict[str, Any] | None = None, id_: Any = 1) -> dict[str, Any]:
    """A request of JSON-RPC."""
    return {"jsonrpc": "2.0", "id": id_, "method": method, "params": params or {}}


class Assistant(httpx.Client):
    """Whoever has this token, or the user's own."""

    def __init__(self, user: User, token: str | None = None) -> None:
        headers = {"Accept": "application/json, text/event-stream", "Authorization": f"Bearer {token or user.token}"}
        super().__init__(base_url=user.base_url, timeout=30, verify=TLS, headers=headers)

    def ask(self, method: str, params: dict[str, Any] | None = None) -> httpx.Response:
        """A request as the older era sends it."""
        return self.post("/mcp", json=message(method, params), headers={"MCP-Protocol-Version": LEGACY})

    def ask_modern(
        self, method: str, params: dict[str, Any] | None = None, *, version: str = MODERN, **headers: str
    ) -> httpx.Response:
        """A request as the newer era sends it, with other headers if some are given."""
        params = {**(params or {}), "_meta": envelope(version)}
        usual = {"MCP-Protocol-Version": version, "Mcp-Method": method}
        if method == "tools/call":
            usual["Mcp-Name"] = params["name"]
        return self.post("/mcp", json=message(method, params), headers={**usual, **headers})

    def tools(self) -> dict[str, dict[str, Any]]:
        """The tools that it may use, by their names."""
        listed = self.ask("tools/list").json()["result"]["tools"]
        return {tool["name"]: tool for tool in listed}

    def result(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """The result of a call, whether it was done or not."""
        answer = self.ask("tools/call", {"name": tool, "arguments": arguments})
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()["result"]
        return result

    def call(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """What a tool answers, which was done."""
        result = self.result(tool, **arguments)
        assert result["isError"] is False, result
        (content,) = result["content"]
        assert content["type"] == "text"
        told: dict[str, Any] = json.loads(content["text"])
        assert told == result["structuredContent"]
        return told

    def refused(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """What a tool says that did nothing."""
        result = self.result(tool, **arguments)
        assert result["isError"] is True, result
        assert "structuredContent" not in result
        told: dict[str, Any] = json.loads(result["content"][0]["text"])
        assert told["error"].endswith("."), told
        return told
